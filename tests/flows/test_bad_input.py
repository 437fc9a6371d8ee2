"""What a careless or hostile caller sends, over real HTTP: a clear problem, and nothing half done."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.flows.living import ADMINISTRATOR, CSV, JSON, NDJSON, OFFICER, PROBLEM, Living, living, ndjson
from tests.flows.people import GIVEN, consent_of, line, objection_of, question_of, request_of
from tests.flows.stored import counts

CANARY = "canary.ottilie@firm.example"
HEADER = "email,country,source_key,source_kind,source_obtained_at,profile.first_name"
TWO_MIB, FIVE_MIB = 2 * 1024 * 1024, 5 * 1024 * 1024
FIXED = {"import", "lookup", "reconcile", "batch", "evaluate", "check"}
"""Last parts of paths in whose place an id could stand."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
DOORS: dict[str, dict[str, Any]] = {
    "/v1/leads": line(CANARY),
    "/v1/leads/lookup": {"lead": {"email": CANARY}, "purpose": "check"},
    "/v1/consents": consent_of(CANARY),
    "/v1/objections": objection_of(CANARY),
    "/v1/decisions": question_of(CANARY),
    "/v1/decisions/batch": {
        "leads": [{"email": CANARY}],
        "channel": "email",
        "purpose": "direct_marketing",
    },
    "/v1/decisions/evaluate": {"facts": {"now": GIVEN, "channel": "email", "purpose": "direct_marketing"}},
    "/v1/privacy-requests": request_of(CANARY),
    "/v1/deadlines": {"regime": "gdpr", "event": "request_received", "occurred_at": GIVEN},
}
"""Every door that a person's identity or a fact of theirs goes through, with a good body."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    """One service for this module."""
    with living(tmp_path_factory.mktemp("bad input") / "home") as service:
        yield service


@pytest.fixture
def untouched(running: Living) -> Iterator[Living]:
    """The service, which after the test holds as much as before, and has not written down what was sent."""
    before = counts(running)
    yield running
    assert counts(running) == before
    assert CANARY not in running.log.read_text()


@pytest.mark.parametrize("path", DOORS)
def test_an_unknown_field_is_refused(untouched: Living, path: str) -> None:
    """422 names the field if it looks like one, and never a value."""
    reply = untouched.call("POST", path, DOORS[path] | {"nickname": CANARY})

    assert reply.said == (422, PROBLEM, "validation_failed")
    assert "nickname" in reply.body["errors"]
    assert CANARY.encode() not in reply.raw


@pytest.mark.parametrize("path", DOORS)
def test_a_field_whose_name_is_a_person_is_not_repeated(untouched: Living, path: str) -> None:
    """Not even as the name of what is wrong."""
    reply = untouched.call("POST", path, DOORS[path] | {CANARY: 1})

    assert reply.said == (422, PROBLEM, "validation_failed")
    assert CANARY.encode() not in reply.raw


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize(
    "cut",
    [
        b'{"a":"\xff\xfe"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\u0000"}',
        b'{"a":',
        b"[",
        b"\xff",
    ],
)
def test_what_is_not_json_in_utf8_is_refused(untouched: Living, path: str, cut: bytes) -> None:
    """Broken bytes, half a pair of surrogates, a NUL, half a document."""
    assert untouched.call("POST", path, cut).said == (400, PROBLEM, "malformed_json")


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize("body", [[], "text", 7, None, True])
def test_json_that_is_no_object_is_refused(untouched: Living, path: str, body: object) -> None:
    """A list, a text, a number, nothing."""
    reply = untouched.call("POST", path, json.dumps(body).encode())

    assert (reply.status in {400, 422}, reply.kind) == (True, PROBLEM)


@pytest.mark.parametrize("path", DOORS)
def test_two_megabytes_are_refused(untouched: Living, path: str) -> None:
    """A batch of checks may be larger, and has a limit too."""
    size = FIVE_MIB if path == "/v1/decisions/batch" else TWO_MIB
    body = json.dumps(DOORS[path] | {"filler": "x" * size}).encode()

    assert untouched.call("POST", path, body).said == (413, PROBLEM, "body_too_large")


@pytest.mark.parametrize("path", DOORS)
def test_another_media_type_is_refused(untouched: Living, path: str) -> None:
    """A form that a browser sends from a stranger's site is not taken for JSON."""
    body = json.dumps(DOORS[path]).encode()

    assert untouched.call("POST", path, body, kind="text/plain").said == (
        415,
        PROBLEM,
        "unsupported_media_type",
    )


@pytest.mark.parametrize(
    "path", ["/v1/leads", *sorted(DOORS.keys() - {"/v1/leads", "/v1/decisions/evaluate", "/v1/deadlines"})]
)
@pytest.mark.parametrize(
    "address", [f"{CANARY}\nBcc: x@y.example", f"{CANARY}\r\nx", f"a\n{CANARY}", f"{CANARY}\u2028x"]
)
def test_an_address_with_a_newline_is_refused(untouched: Living, path: str, address: str) -> None:
    """It would end up in the head of a message; a batch refuses its one line, which says deny."""
    body = json.dumps(DOORS[path]).replace(json.dumps(CANARY), json.dumps(address)).encode()
    reply = untouched.call("POST", path, body)

    if path == "/v1/decisions/batch":
        assert reply.body["summary"] == {"allow": 0, "deny": 0, "errors": 1}
        assert reply.body["results"][0]["effect"] == "deny"
    else:
        assert reply.status == 422
        assert reply.kind == PROBLEM
    assert CANARY.encode() not in reply.raw


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("not-an-address,DE,crm,web_form,2026-02-01T09:00:00+00:00,Bo", "validation_failed"),
        (
            '"b@firm.example\nBcc: c@firm.example",DE,crm,web_form,2026-02-01T09:00:00+00:00,Bo',
            "validation_failed",
        ),
        ("b@firm.example,DE,crm", "wrong_columns"),
        ('"b@firm.example,DE,crm,web_form,2026-02-01T09:00:00+00:00,Bo', "wrong_columns"),
        ("b@firm.example,XX,crm,web_form,yesterday,Bo", "validation_failed"),
        ("b\udcff@firm.example,DE,crm,web_form,2026-02-01T09:00:00+00:00,Bo", "bad_encoding"),
        (f"b@firm.example,DE,crm,web_form,2026-02-01T09:00:00+00:00,{'x' * 70_000}", "line_too_long"),
    ],
)
def test_a_bad_row_of_a_csv_file_spoils_no_neighbour(running: Living, bad: str, code: str) -> None:
    """The rows before and after it are taken in, and it is answered in its place."""
    before = counts(running)["leads"]
    good = [
        f"{name}.{before}@firm.example,DE,crm,web_form,2026-02-01T09:00:00+00:00,{name}"
        for name in ("a", "z")
    ]
    body = "\n".join([HEADER, good[0], bad, good[1]]).encode(errors="surrogateescape")
    reply = running.call("POST", "/v1/leads/import", body, kind=CSV)

    *results, last = reply.lines
    assert (reply.status, reply.kind) == (200, NDJSON)
    assert [result["status"] for result in results] == ["created", "refused", "created"]
    assert results[1]["code"] == code
    assert last == {"summary": {"created": 2, "merged": 0, "refused": 1}}
    assert counts(running)["leads"] == before + 2


@pytest.mark.parametrize("header", ["email,nickname", "email,email", "", "\udcff", f"email,{CANARY}"])
def test_a_csv_file_with_a_wrong_header_is_refused_whole(untouched: Living, header: str) -> None:
    """Guessing at columns would put a person's data into the wrong fields."""
    body = f"{header}\na@firm.example,x\n".encode(errors="surrogateescape")
    reply = untouched.call("POST", "/v1/leads/import", body, kind=CSV)

    assert (reply.status, reply.kind) == (422, PROBLEM)
    assert CANARY.encode() not in reply.raw


def test_bad_lines_of_an_ndjson_file_spoil_no_neighbour(running: Living) -> None:
    """Not JSON, not UTF-8, an unknown field, too long; each is answered in its place."""
    before = counts(running)["leads"]
    bad = [b"{\n", b'{"a":"\xff"}\n', *ndjson([line("b@firm.example", nickname=1)]), b"x" * 70_000 + b"\n"]
    body = [*ndjson([line("first@firm.example")]), *bad, *ndjson([line("last@firm.example")])]
    *results, last = running.call("POST", "/v1/leads/import", body, kind=NDJSON).lines

    assert [result.get("code") for result in results] == [
        None,
        "malformed_json",
        "bad_encoding",
        "validation_failed",
        "line_too_long",
        None,
    ]
    assert last == {"summary": {"created": 2, "merged": 0, "refused": 4}}
    assert counts(running)["leads"] == before + 2


def operations(running: Living) -> list[tuple[str, str, dict[str, Any]]]:
    """Every operation that the service publishes, on paths that lead to nothing."""
    document = running.ask("GET", "/openapi.json", key=None)
    return [
        (method.upper(), path.replace("{", "").replace("}", ""), operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]


@pytest.fixture(scope="module")
def narrow(running: Living) -> str:
    """A key with one scope."""
    made = {"name": "narrow", "scopes": ["stores:manage"]}
    return str(running.ask("POST", "/v1/keys", made, key=ADMINISTRATOR)["key"])


def test_every_call_asks_for_its_key_and_scope_before_the_body_is_looked_at(
    narrow: str, untouched: Living
) -> None:
    """Rubbish is sent: 401 without a key or with a wrong one, 403 and never 400 without the scope."""
    guarded = [each for each in operations(untouched) if each[2]["security"]]
    wrong = f"{untouched.keys[OFFICER][:-4]}AAAA"
    for method, path, operation in guarded:
        for key in (None, wrong, "lw_x"):
            refused = untouched.call(method, path, b"\xff{", key=key)
            assert refused.said == (401, PROBLEM, "unauthenticated"), path
        if set(operation["security"][0]["bearer"]) - {"stores:manage"}:
            refused = untouched.call(method, path, b"\xff{", key=narrow)
            assert refused.said == (403, PROBLEM, "scope_missing"), path
    assert len(guarded) > 40


def test_every_path_says_which_methods_it_takes(untouched: Living) -> None:
    """405 for the others, in a problem document; a fixed path may be a thing of that id: 404."""
    taken: dict[str, set[str]] = {}
    for method, path, _ in operations(untouched):
        taken.setdefault(path, set()).add(method)
    for path, methods in taken.items():
        if path.startswith("/v1/"):
            for method in set(METHODS) - methods:
                refused = untouched.call(method, path)
                assert (refused.status in {404, 405}, refused.kind) == (True, PROBLEM), (method, path)
                assert refused.status == 405 or path.split("/")[-1] in FIXED, (method, path)


@pytest.mark.parametrize(
    "path",
    ["/v1", "/v1/", "/v1/leads/", "/nothing", "/v1/decisions/x/y", "/v1/%00", "/v1/leads/%ff/consents"],
)
def test_paths_that_are_none_are_refused(untouched: Living, path: str) -> None:
    """With a problem document, however odd the path."""
    reply = untouched.call("GET", path)

    assert (reply.status in {400, 404, 405}, reply.kind) == (True, PROBLEM)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/leads/x/consents",
        "/v1/consents/x",
        "/v1/consents/x/receipt",
        "/v1/decisions/x",
        "/v1/privacy-requests/x",
        "/v1/privacy-requests/x/certificate",
        "/v1/privacy-requests/x/package",
        "/v1/stores/x",
        "/v1/audit/entries/x",
    ],
)
def test_things_that_are_not_there_are_404(untouched: Living, path: str) -> None:
    """Whatever their id looks like."""
    reply = untouched.call("GET", path)

    assert (reply.status, reply.kind) == (404, PROBLEM)


def test_json_answers_say_so(running: Living) -> None:
    """An answer that is no error is never called a problem."""
    assert running.call("GET", "/v1/privacy-requests").kind == JSON
