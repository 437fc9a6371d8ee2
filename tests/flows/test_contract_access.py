"""Who may call what: scopes of every route, roles, sleeping keys, bindings."""

import base64
import json
from typing import Any

import pytest

from tests.flows.clients import key_with, lead_of, problem
from tests.flows.living import ADMINISTRATOR, NDJSON, OFFICER, Living
from tests.flows.people import GIVEN, consent_of, question_of

SCOPES = (
    *("leads:write", "leads:read", "consents:write", "consents:read", "decisions:create", "decisions:read"),
    *("requests:create", "requests:read", "requests:review", "requests:export"),
    *("stores:manage", "rules:manage", "audit:read", "keys:manage"),
)
REQUEST = "/v1/privacy-requests/0b8c0f5e-5b0e-4a52-9c0d-0d3f3a1f7e55"
ROUTES = (
    ("leads:write", "POST", "/v1/leads"),
    ("leads:write", "POST", "/v1/leads/import"),
    ("leads:write", "PATCH", "/v1/leads/some"),
    ("leads:write", "POST", "/v1/leads/some/events"),
    ("leads:read", "POST", "/v1/leads/lookup"),
    ("consents:write", "POST", "/v1/consents"),
    ("consents:write", "POST", "/v1/objections"),
    ("consents:read", "GET", "/v1/leads/some/consents"),
    ("consents:read", "GET", "/v1/consents/some"),
    ("consents:read", "GET", "/v1/consents/some/receipt"),
    ("decisions:create", "POST", "/v1/decisions"),
    ("decisions:create", "POST", "/v1/decisions/batch"),
    ("decisions:create", "POST", "/v1/decisions/evaluate"),
    ("decisions:create", "POST", "/v1/decisions/some/outcome"),
    ("decisions:read", "GET", "/v1/decisions/some"),
    ("requests:create", "POST", "/v1/privacy-requests"),
    ("requests:create", "POST", "/v1/deadlines"),
    ("requests:read", "GET", "/v1/privacy-requests"),
    ("requests:read", "GET", REQUEST),
    ("requests:read", "GET", f"{REQUEST}/certificate"),
    ("requests:review", "POST", f"{REQUEST}/verify"),
    ("requests:review", "POST", f"{REQUEST}/approve"),
    ("requests:review", "POST", f"{REQUEST}/refuse"),
    ("requests:review", "POST", f"{REQUEST}/extend"),
    ("requests:review", "POST", f"{REQUEST}/pause"),
    ("requests:review", "POST", f"{REQUEST}/resume"),
    ("requests:review", "POST", f"{REQUEST}/cancel"),
    ("requests:review", "POST", f"{REQUEST}/retry"),
    ("requests:review", "POST", f"{REQUEST}/steps/crm/complete"),
    ("requests:review", "POST", f"{REQUEST}/steps/crm/decide"),
    ("requests:review", "PUT", "/v1/legal-holds/some"),
    ("requests:review", "DELETE", "/v1/legal-holds/some"),
    ("requests:export", "GET", f"{REQUEST}/package"),
    ("stores:manage", "PUT", "/v1/stores/some"),
    ("stores:manage", "GET", "/v1/stores/some"),
    ("stores:manage", "POST", "/v1/stores/some/test"),
    ("rules:manage", "GET", "/v1/rulebooks"),
    ("rules:manage", "POST", "/v1/rulebooks"),
    ("audit:read", "GET", "/v1/audit/entries"),
    ("audit:read", "GET", "/v1/audit/entries/some"),
    ("audit:read", "GET", "/v1/audit/consistency"),
    ("audit:read", "GET", "/v1/audit/export"),
    ("audit:read", "GET", "/audit/tile/entries/000"),
    ("keys:manage", "GET", "/v1/keys"),
    ("keys:manage", "POST", "/v1/keys"),
    ("keys:manage", "DELETE", "/v1/keys/some"),
    ("keys:manage", "GET", "/v1/users"),
    ("keys:manage", "POST", "/v1/users"),
)
AUDITOR = {"audit:read", "decisions:read", "consents:read", "requests:read"}


@pytest.fixture(scope="module")
def without(contracted: Living) -> dict[str, str]:
    """For each scope a key that has all the others."""
    return {lacked: _key_without(contracted, lacked) for lacked in SCOPES}


@pytest.fixture(scope="module")
def only(contracted: Living) -> dict[str, str]:
    """For each scope a key that has it alone."""
    return {scope: key_with(contracted, scope) for scope in SCOPES}


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_each_route_needs_its_scope_and_no_other(
    contracted: Living, without: dict[str, str], only: dict[str, str], route: tuple[str, str, str]
) -> None:
    """No key: 401. All scopes but one: 403. That one alone: the body is looked at."""
    scope, method, path = route
    for body in (b"{", None):
        problem(contracted.call(method, path, body, key=None), 401)
        problem(contracted.call(method, path, body, key=without[scope]), 403)
    assert contracted.call(method, path, b"{", key=only[scope]).status not in {401, 403}


@pytest.mark.parametrize(
    "path",
    [
        "/healthz",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/docs",
        "/",
        "/privacy",
        "/.well-known/gpc.json",
        "/.well-known/jwks.json",
        "/audit/checkpoint",
    ],
)
def test_public_routes_need_no_key(contracted: Living, path: str) -> None:
    """As the contract lists them."""
    assert contracted.call("GET", path, key=None).status == 200


def test_the_first_start_prints_two_keys(contracted: Living) -> None:
    """An administrator's and a compliance officer's, with the scopes of their roles."""
    assert set(contracted.keys) == {ADMINISTRATOR, OFFICER}
    for scope, method, path in ROUTES:
        officer = contracted.call(method, path, b"{")
        administrator = contracted.call(method, path, b"{", key=ADMINISTRATOR)
        assert (officer.status == 403) == (scope == "keys:manage"), (path, officer)
        assert (administrator.status == 403) == (scope not in {"keys:manage", "stores:manage"}), path


def test_an_auditor_reads_and_never_sees_plaintext(contracted: Living) -> None:
    """The role has its four scopes."""
    made = contracted.ask(
        "POST", "/v1/users", {"email": "auditor@staff.example", "role": "auditor"}, key=ADMINISTRATOR
    )
    problem(contracted.call("GET", "/v1/audit/entries", key=made["key"]), 403)
    contracted.ask("POST", f"/v1/users/{made['id']}/confirm")
    for scope, method, path in ROUTES:
        reply = contracted.call(method, path, b"{", key=made["key"])
        assert (reply.status == 403) == (scope not in AUDITOR), (path, reply)


def test_a_key_with_scopes_that_its_maker_lacks_sleeps(contracted: Living) -> None:
    """Until someone who has them confirms it; the maker can not."""
    made = contracted.ask("POST", "/v1/keys", {"name": "reader", "scopes": ["leads:read"]}, key=ADMINISTRATOR)
    lookup = ("POST", "/v1/leads/lookup", {"lead": {"email": "nobody@firm.example"}, "purpose": "check"})

    assert contracted.call(*lookup, key=made["key"]).status in {401, 403}
    problem(contracted.call("POST", f"/v1/keys/{made['id']}/confirm", key=ADMINISTRATOR), 403)
    problem(contracted.call("POST", f"/v1/keys/{made['id']}/confirm", key=made["key"]), 403)
    contracted.ask("POST", f"/v1/keys/{made['id']}/confirm", key=OFFICER)
    problem(contracted.call(*lookup, key=made["key"]), 404, "lead_unknown")
    contracted.ask("DELETE", f"/v1/keys/{made['id']}", key=ADMINISTRATOR)
    problem(contracted.call(*lookup, key=made["key"]), 401)


def test_an_officer_can_not_make_keys(contracted: Living) -> None:
    """`keys:manage` is the administrator's alone."""
    problem(contracted.call("POST", "/v1/keys", {"name": "x", "scopes": ["leads:read"]}), 403)


def test_a_key_is_bound_to_purposes_and_channels(contracted: Living) -> None:
    """A check outside them is 403, single or in a batch; inside them it is answered."""
    lead_of(contracted, "bound@firm.example")
    key = key_with(contracted, "decisions:create", purposes=["direct_marketing"], channels=["email"])
    ask = question_of("bound@firm.example")

    assert contracted.call("POST", "/v1/decisions", ask, key=key).status == 200
    for outside in ({"channel": "sms"}, {"purpose": "research"}):
        problem(contracted.call("POST", "/v1/decisions", ask | outside, key=key), 403)
        batch = {"leads": [ask["lead"]], "channel": "email", "purpose": "direct_marketing"} | outside
        problem(
            contracted.call("POST", "/v1/decisions/batch", batch | {"leads": [ask["lead"]]}, key=key), 403
        )


@pytest.mark.parametrize("purpose", ["service_notice", "legal_notice"])
def test_notices_need_a_binding_and_a_contract(contracted: Living, purpose: str) -> None:
    """The asker does not choose the truth."""
    email = f"{purpose}@firm.example"
    lead_id = lead_of(contracted, email)
    bound = key_with(contracted, "decisions:create", purposes=[purpose])
    ask = question_of(email, purpose=purpose)

    def may(key: str) -> bool:
        reply = contracted.call("POST", "/v1/decisions", ask, key=key)
        return reply.status == 200 and reply.body["effect"] == "allow"

    def tell(kind: str, at: str) -> None:
        contracted.ask("POST", f"/v1/leads/{lead_id}/events", {"kind": kind, "occurred_at": at})

    assert not may(bound)
    tell("contract_started", GIVEN)
    assert may(bound)
    assert not may(OFFICER)
    assert contracted.ask("POST", "/v1/decisions", ask, key=bound)["reasons"] == ["SERVICE_MESSAGE"]
    tell("contract_ended", "2026-04-01T00:00:00Z")
    assert not may(bound)


def test_a_receipt_is_bound_to_the_asking_key_only(contracted: Living) -> None:
    """Two keys, two audiences: what one was told is not another's permission."""
    lead_of(contracted, "two.keys@firm.example")
    contracted.ask("POST", "/v1/consents", consent_of("two.keys@firm.example"))
    ask = question_of("two.keys@firm.example")
    receipts = [
        contracted.ask("POST", "/v1/decisions", ask, key=key_with(contracted, "decisions:create"))["receipt"]
        for _ in range(2)
    ]
    claims = [_claims(receipt) for receipt in receipts]
    assert [one["aud"] for one in claims] != [claims[0]["aud"]] * 2


def test_a_stream_over_a_binding_is_answered_line_by_line(contracted: Living) -> None:
    """One bad line never spoils its neighbours."""
    lead_of(contracted, "bound.stream@firm.example")
    key = key_with(contracted, "decisions:create", channels=["email"])
    sound = question_of("bound.stream@firm.example")
    lines = [_line(sound), _line(sound | {"channel": "sms"}), _line(sound)]

    reply = contracted.call("POST", "/v1/decisions/batch", lines, key=key, kind=NDJSON)

    assert reply.status in {200, 403}
    if reply.status == 200:
        assert ["decision_id" in line for line in reply.lines[:3]] == [True, False, True]


def _key_without(service: Living, lacked: str) -> str:
    """A key of everything else; `keys:manage` is left out too, for an officer could not confirm it."""
    return key_with(service, *(scope for scope in SCOPES if scope not in {lacked, "keys:manage"}))


def _claims(receipt: str) -> Any:
    part = receipt.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def _line(document: Any) -> bytes:
    return json.dumps(document).encode() + b"\n"
