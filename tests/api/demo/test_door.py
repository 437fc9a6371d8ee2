"""The service as the demo's program sees it, over real HTTP."""

import json
from collections.abc import Iterator

import pytest
from flask import Flask

from api.demo.door import Door
from api.demo.running import Started
from tests.api.serving import serving
from tests.conftest import KeyOf

LEAD = {
    "identifiers": [{"type": "email", "value": "jane@example.com"}],
    "source": {"key": "fair", "kind": "event", "obtained_at": "2026-11-01T10:00:00Z"},
}


@pytest.fixture
def door(app: Flask, key_of: KeyOf) -> Iterator[Door]:
    """A door with a key that takes leads in and reads the trail."""
    token = key_of("leads:write", "audit:read", "stores:manage")["Authorization"].removeprefix("Bearer ")
    with serving(app) as port:
        yield Door("127.0.0.1", port, token)


def test_a_call_gives_status_and_document(door: Door) -> None:
    """A refusal is an answer like any other; the caller decides."""
    taken, refused = door.call("POST", "/v1/leads", LEAD), door.call("POST", "/v1/leads", {})

    assert (taken.status, taken.body["created"]) == (201, True)
    assert (refused.status, refused.body["code"]) == (422, "validation_failed")
    assert door.call("GET", "/absent").status == 404


def test_a_body_of_another_kind_says_so(door: Door) -> None:
    """YAML is read as YAML."""
    put = door.put("/v1/stores/shelf", b"store: shelf\nkind: manual\n", "application/yaml")

    assert (put.status, put.body["kind"]) == (201, "manual")


def test_lines_go_out_one_by_one_and_come_back_so(demo_service: Started) -> None:
    """Without a length in the head: the program need not hold them all."""
    sent = (json.dumps(LEAD).encode() + b"\n" for _ in range(3))
    results = list(demo_service.door("compliance_officer").stream("/v1/leads/import", sent))

    assert [each.get("status") for each in results] == ["created", "merged", "merged", None]
    assert results[-1]["summary"] == {"created": 1, "merged": 2, "refused": 0}


def test_a_download_comes_in_pieces_that_make_the_whole(door: Door) -> None:
    """The log's export: a header, then the entries."""
    door.call("POST", "/v1/leads", LEAD)
    pieces = b"".join(door.download("/v1/audit/export"))

    assert json.loads(pieces.splitlines()[0])["keys"]


def test_a_stream_or_download_that_is_refused_is_an_error(door: Door) -> None:
    """Its lines would be taken for results."""
    with pytest.raises(OSError, match="answered with 404"):
        list(door.download("/absent"))
    with pytest.raises(OSError, match="answered with 404"):
        list(door.stream("/absent", iter([b"{}\n"])))


def test_the_key_is_not_shown(door: Door) -> None:
    """A traceback shows the repr of what is on the stack."""
    assert door.key not in repr(door)


def test_nobody_there_is_an_error(door: Door, app: Flask) -> None:
    """So that a start can be waited for."""
    with serving(app) as port:
        pass
    with pytest.raises(OSError, match=r".+"):
        Door(door.host, port, door.key).call("GET", "/healthz")
