"""Bodies: media type, size, JSON, shape; and what an error may say about them."""

import io
import json

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from api.shapes import MIB, flat, parse_json
from tests.conftest import KeyOf

CANARY = "jane.doe@example.com"


def test_a_good_body_reaches_the_view(door: FlaskClient) -> None:
    """And a bare dict gets the declared status."""
    answer = door.post("/note", json={"word": "hello"})

    assert (answer.status_code, answer.get_json()) == (201, {"number": 5})


def test_a_charset_beside_the_media_type_is_fine(door: FlaskClient) -> None:
    """Clients write it."""
    answer = door.post("/note", data=b'{"word":"x"}', content_type="application/json; charset=utf-8")

    assert answer.status_code == 201


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_another_media_type_is_415(door: FlaskClient, media: str) -> None:
    """A form that a browser sends from another site is not taken for JSON."""
    answer = door.post("/note", data=b'{"word":"x"}', content_type=media)

    assert (answer.status_code, answer.get_json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b'{"word":"\xe4"}',
        b'{"count":NaN}',
        b'{"count":-Infinity}',
        b'{"word":"\\u0000"}',
        b'{"word":"\\ud800"}',
        b"[" * 100_000,
        b"1" * 5_000,
        b'{"word":"a"} x',
        b"",
    ],
)
def test_what_is_not_json_in_utf8_is_400(door: FlaskClient, body: bytes) -> None:
    """Broken text, numbers that JSON has not, nesting without end, NULs that databases refuse."""
    answer = door.post("/note", data=body, content_type="application/json")

    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"word"}),
        ({"word": 1}, {"word"}),
        ({"word": "far too long for it"}, {"word"}),
        ({"word": "a", "kind": CANARY}, {"kind"}),
        ({"word": "a", "count": CANARY}, {"count"}),
        ({"word": "a", "extra": 1}, {"extra"}),
        ({"word": "a", CANARY: 1}, {"(unknown)"}),
        (
            {"word": "a", "addresses": [{"email": "x@example.com"}, {"email": f"{CANARY} "}]},
            {"addresses.1.email"},
        ),
        ({"word": "a", "addresses": {CANARY: CANARY}}, {"addresses"}),
        ([CANARY], {"body"}),
        (CANARY, {"body"}),
    ],
)
def test_a_wrong_shape_is_422_and_names_fields_only(
    door: FlaskClient, body: object, fields: set[str]
) -> None:
    """Neither values nor odd names of fields come back."""
    answer = door.post("/note", json=body)

    assert answer.status_code == 422
    assert set(answer.get_json()["errors"]) == fields
    assert "jane" not in answer.text


def test_an_absent_body_is_an_empty_one_where_nothing_is_required(door: FlaskClient) -> None:
    """`approve {}` may be sent without a body."""
    assert door.post("/empty").get_json() == {}
    assert door.post("/empty", data=b"", content_type="application/json").get_json() == {}
    assert door.post("/note").status_code == 400


@pytest.mark.parametrize(("path", "most"), [("/note", MIB), ("/batch", 4 * MIB)])
def test_the_limit_of_a_body_is_the_routes(door: FlaskClient, path: str, most: int) -> None:
    """One byte more is 413; at the limit the body is read."""
    frame = len(b'{"word":""}')
    over = door.post(
        path, data=b'{"word":"' + b"a" * (most - frame + 1) + b'"}', content_type="application/json"
    )
    at = door.post(path, data=b'{"word":"' + b"a" * (most - frame) + b'"}', content_type="application/json")

    assert (over.status_code, over.get_json()["code"]) == (413, "body_too_large")
    assert at.status_code == 422


def test_a_chunked_body_is_limited_too(door: FlaskClient, key_of: KeyOf) -> None:
    """Its head names no length; a cut body must not be taken for a whole one."""
    frame = len(b'{"word":""}')
    for path, headers in (("/note", {}), ("/count", key_of("leads:write") | {"Idempotency-Key": "one"})):
        for size, status in ((MIB - frame, 422), (MIB - frame + 1, 413), (3 * MIB, 413)):
            body = io.BytesIO(b'{"word":"' + b"a" * size + b'"}')
            answer = door.post(
                path,
                input_stream=body,
                headers=headers,
                content_type="application/json",
                environ_overrides={"wsgi.input_terminated": True},
            )
            assert answer.status_code == status


def test_a_route_may_read_other_media_types_by_itself(door: FlaskClient) -> None:
    """NDJSON without a limit in total; YAML within the route's."""
    ndjson = door.post("/batch", data=b'{"a":1}\n' * 700_000, content_type="application/x-ndjson")
    yaml = door.post("/batch", data=b"a: 1\n" * 900_000, content_type="application/yaml")

    assert ndjson.get_json() == {"number": 700_000}
    assert yaml.status_code == 413


@pytest.mark.parametrize(
    ("body", "lengths"),
    [
        (b"", []),
        (b"ab\ncd", [2, 2]),
        (b"ab\r\ncd\r\n", [2, 2]),
        (b"\n\n", [0, 0]),
        (b"a" * 65_536 + b"\nb\n", [65_536, 1]),
        (b"a" * 65_537 + b"\nb\n", [None, 1]),
        (b"a" * 300_000 + b"\nb", [None, 1]),
        (b"b\n" + b"a" * 300_000, [1, None]),
    ],
)
def test_a_stream_comes_line_by_line(door: FlaskClient, body: bytes, lengths: list[int | None]) -> None:
    """A line over 64 KiB is one refused line; its neighbours are whole."""
    answer = door.post("/stream", data=body, content_type="application/x-ndjson")

    assert answer.get_json() == {"lengths": lengths}


def test_a_stream_of_another_type_is_415(door: FlaskClient) -> None:
    """JSON is not NDJSON."""
    assert door.post("/stream", json={}).status_code == 415


@given(
    st.dictionaries(
        st.text(st.characters(exclude_characters="\0", codec="utf-8")), st.integers() | st.none()
    ),
    st.booleans(),
)
def test_every_json_text_is_read_as_it_was_written(value: dict[str, int | None], ascii_only: bool) -> None:  # noqa: FBT001
    """Escaped or not."""
    assert parse_json(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


def test_answers_are_compact_json_with_rfc_3339_times(door: FlaskClient) -> None:
    """In the order in which the view wrote them, and in UTF-8."""
    start = '{"at":"2026-11-24T10:00:00+00:00","day":"2026-11-24",'
    end = '"action":"lead.created","set":["a","b"],"text":"ä"}'

    assert door.get("/words").data.decode() == start + end


def test_messages_are_flattened_by_place() -> None:
    """Nested maps and lists become one map of dotted names."""
    nested = {"a": {0: {"b": ["x"]}, "_schema": ["y"]}, "_schema": ["z"]}

    assert flat(nested) == {"a.0.b": ["x"], "a": ["y"], "body": ["z"]}
