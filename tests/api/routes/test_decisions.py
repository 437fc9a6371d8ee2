"""The check before any contact, over HTTP."""

import json
from base64 import b64decode, urlsafe_b64decode
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask.testing import FlaskClient
from sqlalchemy import func, select

from api.context import Service
from api.engines import sqlite_path
from audit.entry import parse_entry
from audit.merkle import leaf_hash, verify_inclusion
from audit.query import entry
from consent.ledger import forget
from consent.tables import DecisionRow
from tests.conftest import NOW, Clock, KeyOf

JANE = {"email": "jane.doe@example.com"}
NOBODY = {"email": "nobody@example.net"}
QUESTION: dict[str, Any] = {"lead": JANE, "channel": "email", "purpose": "direct_marketing"}
SCOPES = ("decisions:create", "decisions:read", "consents:write", "leads:write")


@pytest.fixture
def headers(key_of: KeyOf) -> dict[str, str]:
    """A key that may do all that a sender does."""
    return key_of(*SCOPES)


@pytest.fixture
def lead_id(client: FlaskClient, headers: dict[str, str]) -> str:
    """Jane in Germany, who was told, and consented to mail."""
    return take_in(client, headers, JANE["email"])


def take_in(
    client: FlaskClient, headers: dict[str, str], address: str, *more: dict[str, str], now: datetime = NOW
) -> str:
    """A German lead with a notice and a consent to marketing by e-mail, three weeks ago."""
    day = (now - timedelta(days=22)).isoformat()
    body = {
        "identifiers": [{"type": "email", "value": address}, *more],
        "country": "DE",
        "recipient_kind": "consumer",
        "source": {"key": "fair", "kind": "web_form", "obtained_at": day},
        "notice": {"article": "13", "version": "v1", "given_at": day},
    }
    taken = client.post("/v1/leads", json=body, headers=headers)
    consent = {
        "lead": {"email": address},
        "status": "given",
        "purposes": ["direct_marketing"],
        "channels": ["email"],
        "source_key": "newsletter",
        "method": "double_opt_in",
        "notice": {"version": "v3"},
        "occurred_at": day,
    }
    assert client.post("/v1/consents", json=consent, headers=headers).status_code == 201
    return str(taken.get_json()["lead_id"])


def ask(client: FlaskClient, headers: dict[str, str], **changes: Any) -> dict[str, Any]:
    """The answer to a question about Jane."""
    answer = client.post("/v1/decisions", json=QUESTION | changes, headers=headers)
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def object_to(client: FlaskClient, headers: dict[str, str], **changes: Any) -> None:
    """Somebody objects to marketing."""
    body = {"lead": JANE, "kind": "direct_marketing", "received_at": "2026-11-24T09:00:00Z", "via": "call"}
    assert client.post("/v1/objections", json=body | changes, headers=headers).status_code == 201


def claims_of(client: FlaskClient, receipt: str) -> dict[str, Any]:
    """The claims of a receipt, verified with the published keys."""
    header, payload, signature = receipt.split(".")
    kid = json.loads(unbase64(header))["kid"]
    keys = {key["kid"]: key["x"] for key in client.get("/.well-known/jwks.json").get_json()["keys"]}
    public = Ed25519PublicKey.from_public_bytes(unbase64(keys[kid]))
    public.verify(unbase64(signature), f"{header}.{payload}".encode())
    claims: dict[str, Any] = json.loads(unbase64(payload))
    return claims


def unbase64(text: str) -> bytes:
    """Base64url without padding."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def prove(service: Service, shown: dict[str, Any]) -> None:
    """Text and salt are under the root that the audit entry holds."""
    proof = shown["proof"]
    leaf = leaf_hash(b64decode(proof["salt"]) + proof["text"].encode())
    with service.main.read() as session:
        found = entry(session, proof["entry_id"])
    assert found is not None
    root = bytes.fromhex(parse_entry(found.body)["facts"]["root"])
    path = [bytes.fromhex(node) for node in proof["path"]]
    assert leaf.hex() == proof["leaf"]
    verify_inclusion(leaf, proof["position"], proof["size"], path, root)


def test_a_consent_is_a_yes_with_a_receipt(
    client: FlaskClient, headers: dict[str, str], lead_id: str
) -> None:
    """The answer has every member of the contract, and the receipt says the same to anybody."""
    answer = ask(client, headers)

    claims = claims_of(client, answer["receipt"])
    assert (answer["effect"], answer["reasons"][0], answer["lead_id"]) == ("allow", "CONSENT_VALID", lead_id)
    assert {"decision_id", "rules", "obligations", "valid_until", "needs_review", "rulebook"} <= set(answer)
    assert (claims["jti"], claims["sub"], claims["effect"]) == (answer["decision_id"], lead_id, "allow")
    assert claims["entry_id"] == answer["audit"]["entry_id"]
    assert claims["exp"] - claims["iat"] <= 15 * 60


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("direct_marketing", "OBJECTION_DIRECT_MARKETING"), ("unsubscribe", "UNSUBSCRIBED")],
)
def test_an_objection_is_seen_by_the_very_next_decision(
    client: FlaskClient, headers: dict[str, str], lead_id: str, kind: str, expected: str
) -> None:
    """Whatever was consented to before."""
    before = ask(client, headers)
    object_to(client, headers, kind=kind)
    after = ask(client, headers)

    assert (before["effect"], after["effect"], after["reasons"][0]) == ("allow", "deny", expected)
    assert after["lead_id"] == lead_id


@pytest.mark.parametrize("channels", ["all", ["email"]])
def test_a_withdrawal_is_seen_too(
    client: FlaskClient, headers: dict[str, str], lead_id: str, channels: object
) -> None:
    """And what is left of the consent is not counted."""
    body = {
        "lead": {"lead_id": lead_id},
        "status": "withdrawn",
        "purposes": "all",
        "channels": channels,
        "source_key": "preferences",
        "method": "web_form",
        "notice": {"version": "v3"},
        "occurred_at": "2026-11-24T09:00:00Z",
    }
    client.post("/v1/consents", json=body, headers=headers)

    assert ask(client, headers)["reasons"][0] == "CONSENT_WITHDRAWN"


def test_somebody_unknown_is_a_no_without_a_lead(client: FlaskClient, headers: dict[str, str]) -> None:
    """And after their objection the code is the objection's."""
    unknown = ask(client, headers, lead=NOBODY)
    object_to(client, headers, lead=NOBODY)
    objected = ask(client, headers, lead=NOBODY)

    assert (unknown["effect"], unknown["reasons"], "lead_id" in unknown) == ("deny", ["LEAD_UNKNOWN"], False)
    assert objected["reasons"] == ["OBJECTION_DIRECT_MARKETING"]
    assert "lead_id" not in objected


def test_an_objection_kept_by_hash_stops_the_lead_that_comes_later(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    """A person who objected before they were a lead is a lead who objected."""
    object_to(client, headers, received_at="2026-11-10T09:00:00Z")
    take_in(client, headers, JANE["email"])

    assert ask(client, headers)["reasons"][0] == "OBJECTION_DIRECT_MARKETING"


def test_a_shared_address_is_decided_by_the_strictest(client: FlaskClient, headers: dict[str, str]) -> None:
    """One of two colleagues objected: nobody is written to at their common address."""
    office = {"type": "email", "value": "info@example.com"}
    take_in(client, headers, "one@example.com", office)
    take_in(client, headers, "two@example.com", office)
    object_to(client, headers, lead={"email": "two@example.com"})

    answer = ask(client, headers, lead={"email": "info@example.com"})

    assert (answer["effect"], answer["reasons"][0]) == ("deny", "OBJECTION_DIRECT_MARKETING")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channel": "pigeon"}, "channel"),
        ({"purpose": "fun"}, "purpose"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"at": "2026-11-24T09:59:59Z"}, "at"),
        ({"at": "2026-11-24T12:00:00"}, "at"),
        ({"content": {"promotional": "yes"}}, "content.promotional"),
        ({"context": {"lia": True}}, "context.lia"),
        ({"lead": {}}, "lead"),
        ({"lead": {"email": "a\nb@example.com"}}, "email"),
        ({"jurisdiction": "US"}, "jurisdiction"),
    ],
)
def test_a_bad_question_names_the_field(
    client: FlaskClient, headers: dict[str, str], change: dict[str, Any], field: str
) -> None:
    """422, and the grounds can not be brought by the asker."""
    answer = client.post("/v1/decisions", json=QUESTION | change, headers=headers)

    assert (answer.status_code, field in answer.get_json()["errors"]) == (422, True)


def test_a_bound_key_asks_only_what_it_is_bound_to(client: FlaskClient, key_of: KeyOf) -> None:
    """Another purpose or channel is 403, in a batch too."""
    bound = key_of("decisions:create", purposes=["research"], channels=["email"])
    other_channel = QUESTION | {"purpose": "research", "channel": "sms"}
    batch = {"leads": [JANE], "channel": "email", "purpose": "direct_marketing"}

    statuses = [
        client.post(path, json=body, headers=bound).status_code
        for path, body in [
            ("/v1/decisions", QUESTION),
            ("/v1/decisions", other_channel),
            ("/v1/decisions/batch", batch),
        ]
    ]

    assert statuses == [403, 403, 403]


def test_a_service_notice_needs_a_key_for_it_and_a_contract(
    client: FlaskClient, headers: dict[str, str], key_of: KeyOf, lead_id: str
) -> None:
    """Neither the label nor the key nor the contract is enough alone."""
    bound = key_of("decisions:create", purposes=["service_notice"])
    by_anybody = ask(client, headers, purpose="service_notice")
    without_contract = ask(client, bound, purpose="service_notice")
    started = {"kind": "contract_started", "occurred_at": "2026-11-20T10:00:00Z"}
    assert client.post(f"/v1/leads/{lead_id}/events", json=started, headers=headers).status_code == 201
    still_by_anybody = ask(client, headers, purpose="service_notice")
    allowed = ask(client, bound, purpose="service_notice")

    noes = (by_anybody, without_contract, still_by_anybody)
    assert {answer["reasons"][0] for answer in noes} == {"PURPOSE_INCOMPATIBLE"}
    assert allowed["effect"] == "allow"


def test_at_moves_hours_only(client: FlaskClient, headers: dict[str, str], lead_id: str) -> None:
    """Asking about next year does not make a withdrawn consent fresh, nor an answer hold longer."""
    object_to(client, headers)

    answer = ask(client, headers, at="2027-11-24T10:00:00Z")

    assert answer["reasons"][0] == "OBJECTION_DIRECT_MARKETING"


def test_a_decision_can_be_told_in_full(
    client: FlaskClient, service: Service, headers: dict[str, str], lead_id: str
) -> None:
    """Question, facts, answer and proof; the receipt is the one that was sent."""
    answer = ask(client, headers, content={"promotional": True})

    shown = client.get(f"/v1/decisions/{answer['decision_id']}", headers=headers).get_json()

    assert (shown["lead_id"], shown["effect"], shown["erased"]) == (lead_id, "allow", False)
    assert shown["question"] == {
        "channel": "email",
        "purpose": "direct_marketing",
        "content": {"promotional": True},
    }
    assert shown["facts"]["consents"][0]["proof"] == "double_opt_in"
    assert shown["receipt"] == answer["receipt"]
    prove(service, shown)


def test_after_an_erasure_only_what_names_nobody_is_left(
    client: FlaskClient, service: Service, headers: dict[str, str], lead_id: str, clock: Clock
) -> None:
    """The id still answers, and says that the rest is gone."""
    answer = ask(client, headers)
    service.main.write(lambda session: forget(session, lead_id, now=clock.now))

    shown = client.get(f"/v1/decisions/{answer['decision_id']}", headers=headers).get_json()

    assert set(shown) == {"decision_id", "day", "effect", "rulebook", "erased", "audit"}
    assert shown["erased"] is True


def test_an_unknown_decision_is_404(client: FlaskClient, headers: dict[str, str]) -> None:
    """To read it and to tell its outcome."""
    body = {"outcome": "sent", "at": "2026-11-24T10:00:00Z"}
    read = client.get("/v1/decisions/none", headers=headers)
    told = client.post("/v1/decisions/none/outcome", json=body, headers=headers)

    assert (read.status_code, told.status_code) == (404, 404)


def test_an_outcome_closes_the_loop(
    client: FlaskClient, headers: dict[str, str], lead_id: str, clock: Clock
) -> None:
    """Told once, again changes nothing, another outcome contradicts; the message is a fact from then on."""
    decision_id = ask(client, headers)["decision_id"]
    path, body = f"/v1/decisions/{decision_id}/outcome", {"outcome": "sent", "at": "2026-11-24T10:00:00Z"}
    first, again = (client.post(path, json=body, headers=headers) for _ in range(2))
    other = client.post(path, json=body | {"outcome": "not_sent"}, headers=headers)
    clock.now += timedelta(minutes=1)
    next_id = ask(client, headers)["decision_id"]

    facts = client.get(f"/v1/decisions/{next_id}", headers=headers).get_json()["facts"]
    assert (first.status_code, again.get_json(), other.status_code) == (200, first.get_json(), 409)
    assert facts["contacts"] == {"email": ["2026-11-24T10:00:00+00:00"]}
    assert facts["consents"][0]["last_used_on"] == "2026-11-24T10:00:00+00:00"


def test_a_batch_answers_each_reference_in_order(
    client: FlaskClient, service: Service, headers: dict[str, str], lead_id: str
) -> None:
    """Allowed, unknown, and two that are no references; each answer is proved by itself."""
    body = {
        "channel": "email",
        "purpose": "direct_marketing",
        "leads": [JANE, NOBODY, {"email": "no address"}, "nonsense", {"lead_id": lead_id}],
    }
    answer = client.post("/v1/decisions/batch", json=body, headers=headers)

    results = answer.get_json()["results"]
    assert answer.get_json()["summary"] == {"allow": 2, "deny": 1, "errors": 2}
    assert [one["effect"] for one in results] == ["allow", "deny", "deny", "deny", "allow"]
    assert ["code" in one for one in results] == [False, False, True, True, False]
    assert all("receipt" not in one for one in results)
    for one in (results[0], results[1], results[4]):
        shown = client.get(f"/v1/decisions/{one['decision_id']}", headers=headers).get_json()
        prove(service, shown)
        assert claims_of(client, shown["receipt"])["jti"] == one["decision_id"]


@pytest.mark.parametrize("count", [0, 10_001])
def test_a_batch_has_between_one_and_ten_thousand(
    client: FlaskClient, headers: dict[str, str], count: int
) -> None:
    """422, and nothing is decided."""
    body = {"channel": "email", "purpose": "direct_marketing", "leads": [NOBODY] * count}

    answer = client.post("/v1/decisions/batch", json=body, headers=headers)

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["leads"])


def test_a_stream_answers_a_line_each(
    client: FlaskClient, headers: dict[str, str], lead_id: str, service: Service
) -> None:
    """More than a chunk, bad lines between good ones; the last line is the summary, and a receipt a chunk."""
    good, unknown = json.dumps(QUESTION), json.dumps(QUESTION | {"lead": NOBODY})
    lines = [good, "not json", unknown, json.dumps({"channel": "email"}), "x" * 70_000] + [good] * 1_200
    sent = client.post(
        "/v1/decisions/batch",
        data="\n".join(lines).encode(),
        headers=headers | {"Content-Type": "application/x-ndjson"},
    )

    *results, last = [json.loads(line) for line in sent.get_data().splitlines()]
    assert last["summary"] == {"allow": 1201, "deny": 1, "errors": 3}
    promised = {one["entry_id"] for one in last["receipts"]}
    assert len(last["receipts"]) == 2
    assert promised == {one["audit"]["entry_id"] for one in results if "audit" in one}
    assert [one.get("code") for one in results[:5]] == [
        None,
        "malformed_json",
        None,
        "validation_failed",
        "line_too_long",
    ]
    assert {one["lead_id"] for one in results[5:]} == {lead_id}
    with service.main.read() as session:
        assert session.scalar(select(func.count()).select_from(DecisionRow)) == 1202


def test_without_its_database_the_answer_is_no(
    client: FlaskClient, service: Service, headers: dict[str, str], lead_id: str
) -> None:
    """503 that says deny; nothing is guessed."""
    ask(client, headers)
    sqlite_path(service.settings.database_url).rename(service.settings.home / "gone")

    answer = client.post("/v1/decisions", json=QUESTION, headers=headers)

    assert answer.status_code == 503
    assert (answer.get_json()["code"], answer.get_json()["effect"]) == ("decision_unavailable", "deny")


def test_the_keys_of_receipts_are_public(client: FlaskClient) -> None:
    """Without a key of ours, and without any private part."""
    (key,) = client.get("/.well-known/jwks.json").get_json()["keys"]

    assert (key["kty"], key["crv"], "d" in key) == ("OKP", "Ed25519", False)
