"""The contract's conventions: problems, limits, idempotency keys, pages, references to a lead."""

import json
from typing import Any

import pytest

from tests.flows.clients import key_with, lead_of, problem
from tests.flows.living import CSV, NDJSON, OFFICER, Living, ndjson
from tests.flows.people import GIVEN, consent_of, line, objection_of, question_of, request_of

FACTS = {"now": GIVEN, "channel": "email", "purpose": "direct_marketing"}
BODIES: dict[str, dict[str, Any]] = {
    "/v1/leads": line("unknown.field@firm.example"),
    "/v1/leads/lookup": {"lead": {"email": "unknown.field@firm.example"}, "purpose": "check"},
    "/v1/consents": consent_of("unknown.field@firm.example"),
    "/v1/objections": objection_of("unknown.field@firm.example"),
    "/v1/decisions": question_of("unknown.field@firm.example"),
    "/v1/decisions/batch": {
        "channel": "email",
        "purpose": "direct_marketing",
        "leads": [{"email": "unknown.field@firm.example"}],
    },
    "/v1/decisions/evaluate": {"facts": FACTS},
    "/v1/privacy-requests": request_of("unknown.field@firm.example"),
    "/v1/deadlines": {"regime": "gdpr", "event": "request_received", "occurred_at": GIVEN},
}
LISTS = (
    "/v1/privacy-requests",
    "/v1/legal-holds",
    "/v1/stores",
    "/v1/rulebooks",
    "/v1/audit/entries",
)
REFUSED_REFERENCES: list[Any] = [
    {},
    {"email": "a@firm.example", "phone": "+4930901820"},
    {"email": None},
    {"email": ""},
    {"email": 7},
    {"name": "Jo"},
    {"external": {"system": "hubspot"}},
    {"external": {"id": "123"}},
    {"external": {"system": "hubspot", "id": "123", "more": "x"}},
    "a@firm.example",
    None,
]


@pytest.mark.parametrize("path", BODIES)
def test_unknown_fields_are_refused_by_name(contracted: Living, path: str) -> None:
    """422 with a map field → messages."""
    reply = contracted.call("POST", path, BODIES[path] | {"surplus": 1})

    errors = problem(reply, 422)["errors"]
    assert "surplus" in errors
    assert all(isinstance(text, str) for texts in errors.values() for text in texts)


@pytest.mark.parametrize("path", BODIES)
def test_a_body_that_is_no_json_is_a_problem(contracted: Living, path: str) -> None:
    """Broken JSON, JSON that is no object, no body: 4xx, and never a page."""
    for body in (b"{", b"[]", b'"x"', b"", b"\xff{}"):
        reply = contracted.call("POST", path, body)
        assert reply.status in {400, 422}, (body, reply)
        problem(reply, reply.status)


@pytest.mark.parametrize("path", BODIES)
def test_bodies_over_their_limit_are_413(contracted: Living, path: str) -> None:
    """1 MiB; 4 MiB for a JSON batch."""
    limit = 4 if path.endswith("/batch") else 1

    problem(contracted.call("POST", path, b" " * (limit * 2**20 + 1)), 413)
    assert contracted.call("POST", path, b"{" + b" " * (limit * 2**20 - 2) + b"}").status == 422


@pytest.mark.parametrize("path", ["/v1/decisions/batch", "/v1/leads/import"])
def test_a_line_over_64_kib_is_413_and_a_long_stream_is_not(contracted: Living, path: str) -> None:
    """The limit of a stream is one of its lines; a long line spoils itself, or all."""
    sound = question_of("stream@firm.example") if "batch" in path else line("stream@firm.example")
    long = b'{"pad": "' + b"x" * 65536 + b'"}\n'

    reply = contracted.call("POST", path, [*ndjson([sound]), long, *ndjson([sound])], kind=NDJSON)
    if reply.status == 200:
        first, bad, last, summary = reply.lines
        assert "summary" in summary
        assert {bad.get("status"), bad.get("code")} & {413, "refused", "line_too_long"}
        assert "code" not in first
        assert "code" not in last
    else:
        problem(reply, 413)


def test_a_stream_has_no_total_limit(contracted: Living) -> None:
    """Lines of 60 KiB each, three MiB in all."""
    padded = line("padded@firm.example", profile={"remarks": "x" * 60_000})

    reply = contracted.call("POST", "/v1/leads/import", ndjson([padded] * 50), kind=NDJSON)

    assert reply.status == 200
    assert reply.lines[-1] == {"summary": {"created": 1, "merged": 49, "refused": 0}}


def test_a_missing_or_wrong_key_comes_before_the_body(contracted: Living) -> None:
    """401 without one or with a wrong one, 403 without the scope: even if the body is broken or too large."""
    lacking = key_with(contracted, "audit:read")
    for body in (b"{", b" " * (5 * 2**20)):
        problem(contracted.call("POST", "/v1/decisions", body, key=None), 401)
        problem(contracted.call("POST", "/v1/decisions", body, key="lw_nobody_nothing"), 401)
        problem(contracted.call("POST", "/v1/decisions", body, key=lacking), 403)


@pytest.mark.parametrize("header", ["Basic eDp5", "Bearer", "Bearer ", "lw_a_b", "Bearer lw_", "Bearer ü"])
def test_anything_but_a_bearer_key_is_401(contracted: Living, header: str) -> None:
    """No form of the header breaks the service."""
    reply = contracted.call("GET", "/v1/audit/entries", key=None, Authorization=header)

    problem(reply, 401)


def test_a_refused_key_is_logged(contracted: Living) -> None:
    """A key without the scope is 403 and leaves an entry of its own."""
    lacking = key_with(contracted, "audit:read")
    problem(contracted.call("POST", "/v1/decisions", {}, key=lacking), 403)

    by_key = contracted.ask("GET", f"/v1/audit/entries?actor={lacking.split('_')[1]}")["items"]
    assert [each["action"] for each in by_key] == ["access.denied"]
    assert by_key[0]["facts"]["scope"] == "decisions:create"


def test_what_does_not_exist_is_404_and_a_wrong_method_405(contracted: Living) -> None:
    """As problems too, and with the methods that are allowed."""
    problem(contracted.call("GET", "/v1/nothing"), 404)
    problem(contracted.call("GET", "/nothing", key=None), 404)
    problem(contracted.call("DELETE", "/v1/decisions"), 405)
    for path in ("/v1/decisions/none", "/v1/privacy-requests/none", "/v1/stores/none"):
        problem(contracted.call("GET", path), 404)
    for path in ("/v1/consents/none/receipt", "/v1/audit/entries/none", "/v1/privacy-requests/none/package"):
        problem(contracted.call("GET", path), 404)
    problem(contracted.call("GET", "/v1/leads/none/consents"), 404)


def test_a_problem_never_repeats_personal_data(contracted: Living) -> None:
    """Neither a value that is bad nor one that is fine."""
    person = "repeated.otto@firm.example"
    for body in (
        line(person, country="repeated.otto"),
        line("repeated.otto@@firm"),
        line(person) | {"repeated.otto@firm.example": 1},
        line(person, source={"key": "crm", "kind": person, "obtained_at": person}),
    ):
        reply = contracted.call("POST", "/v1/leads", body)
        problem(reply, 422)
        assert b"otto" not in reply.raw


@pytest.mark.parametrize("lead", REFUSED_REFERENCES)
def test_a_reference_is_exactly_one_key(contracted: Living, lead: Any) -> None:
    """Anything else is 422 at every call that names a lead."""
    for path, body in BODIES.items():
        if "lead" in body:
            problem(contracted.call("POST", path, body | {"lead": lead}), 422)


def test_all_four_references_find_the_lead(contracted: Living) -> None:
    """By id, address, mobile number and external id, each however it is written."""
    identifiers = [
        {"type": "email", "value": " Refer.Me@FIRM.example "},
        {"type": "phone", "value": "+49 1512 3456701"},
        {"type": "external", "system": "hubspot", "value": "refer-1"},
    ]
    body = line("", identifiers=identifiers, number_type="mobile")
    lead_id = contracted.ask("POST", "/v1/leads", body)["lead_id"]

    for reference in (
        {"lead_id": lead_id},
        {"email": "refer.me@firm.example"},
        {"email": "REFER.ME@firm.EXAMPLE"},
        {"phone": "+4915123456701"},
        {"phone": "+49 (1512) 345-6701"},
        {"external": {"system": "hubspot", "id": "refer-1"}},
    ):
        found = contracted.ask("POST", "/v1/leads/lookup", {"lead": reference, "purpose": "check"})
        assert found["lead_id"] == lead_id


@pytest.mark.parametrize("door", ["leads", "consents", "objections", "events", "privacy-requests"])
def test_an_idempotency_key_replays_the_same_body_only(contracted: Living, door: str) -> None:
    """The same answer to the same body, 422 to another one."""
    email = f"replayed.{door}@firm.example"
    lead_id = lead_of(contracted, email)
    path, body, other = {
        "leads": ("/v1/leads", line(f"new.{email}"), line(f"other.{email}")),
        "consents": ("/v1/consents", consent_of(email), consent_of(email, status="refused")),
        "objections": ("/v1/objections", objection_of(email), objection_of(email, via="letter")),
        "events": (
            f"/v1/leads/{lead_id}/events",
            {"kind": "inquiry", "occurred_at": GIVEN},
            {"kind": "purchase", "occurred_at": GIVEN},
        ),
        "privacy-requests": (
            "/v1/privacy-requests",
            request_of(email),
            request_of(email, note="another"),
        ),
    }[door]
    first = contracted.call("POST", path, body, Idempotency_Key=f"key-{door}")
    again = contracted.call("POST", path, body, Idempotency_Key=f"key-{door}")

    assert (first.status, first.raw) == (201, again.raw)
    assert again.status == 201
    problem(contracted.call("POST", path, other, Idempotency_Key=f"key-{door}"), 422)


def test_decisions_and_lookups_are_never_replayed(contracted: Living) -> None:
    """An idempotency key does not keep an old answer alive."""
    email = "asked.twice@firm.example"
    lead_of(contracted, email)
    contracted.ask("POST", "/v1/consents", consent_of(email))
    first = contracted.ask("POST", "/v1/decisions", question_of(email), Idempotency_Key="asked")
    contracted.ask("POST", "/v1/objections", objection_of(email))
    again = contracted.ask("POST", "/v1/decisions", question_of(email), Idempotency_Key="asked")

    assert (first["effect"], again["effect"]) == ("allow", "deny")
    assert first["decision_id"] != again["decision_id"]


@pytest.mark.parametrize("path", LISTS)
def test_lists_page_by_cursor(contracted: Living, path: str) -> None:
    """`limit` from 1 to 500, `cursor`, `items`, `next_cursor`; pages neither repeat nor leave out."""
    for refused in ("limit=0", "limit=501", "limit=x", "limit=-1"):
        problem(contracted.call("GET", f"{path}?{refused}"), 422)
    whole = contracted.ask("GET", f"{path}?limit=500")
    assert set(whole) >= {"items", "next_cursor"}
    if len(whole["items"]) < 500:
        assert whole["next_cursor"] is None
    _follow(contracted, path, OFFICER, 3)


@pytest.mark.parametrize("path", ["/v1/keys", "/v1/users"])
def test_lists_of_an_administrator_page_too(contracted: Living, path: str) -> None:
    """Keys and people."""
    for n in range(3):
        user = {"email": f"page.{n}@staff.example", "role": "auditor"}
        if path == "/v1/users":
            contracted.ask("POST", path, user, key="administrator")
    problem(contracted.call("GET", f"{path}?limit=501", key="administrator"), 422)
    assert len(_follow(contracted, path, "administrator", 3)) >= 2


def test_the_history_of_consents_pages(contracted: Living) -> None:
    """Newest first, over pages of two."""
    lead_id = lead_of(contracted, "paged@firm.example")
    days = [f"2026-0{month}-01T09:00:00+00:00" for month in range(2, 7)]
    for day in days:
        contracted.ask("POST", "/v1/consents", consent_of("paged@firm.example", occurred_at=day))

    items = _follow(contracted, f"/v1/leads/{lead_id}/consents", OFFICER, 9, limit=2)

    assert len(items) == 5
    assert [item["occurred_at"][:7] for item in items] == [day[:7] for day in reversed(days)]


def test_csv_is_refused_where_json_is_asked(contracted: Living) -> None:
    """Another media type is a 415, or is read as the JSON that it is not."""
    reply = contracted.call("POST", "/v1/leads", b"email\na@firm.example\n", kind=CSV)

    assert reply.status in {400, 415, 422}
    problem(reply, reply.status)


def _follow(service: Living, path: str, key: str, pages: int, limit: int = 1) -> list[Any]:
    """The items of the first pages; no page is larger than asked, and none repeats."""
    items: list[Any] = []
    cursor = ""
    for _ in range(pages):
        page = service.ask("GET", f"{path}?limit={limit}{cursor}", key=key)
        assert len(page["items"]) <= limit
        items += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len({json.dumps(item, sort_keys=True) for item in items}) == len(items)
    return items
