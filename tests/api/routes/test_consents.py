"""Consents and objections over HTTP."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from api.context import Service
from consent.suppressions import matching
from governance.identity import email
from governance.vault.index import suppression_hashes
from tests.conftest import KeyOf

JANE = {"email": "jane.doe@example.com"}
NOBODY = {"email": "nobody@example.net"}
CONSENT: dict[str, Any] = {
    "lead": JANE,
    "status": "given",
    "purposes": ["direct_marketing"],
    "channels": ["email"],
    "source_key": "newsletter",
    "method": "double_opt_in",
    "notice": {"version": "v3", "text": "We write to you.", "language": "en"},
    "occurred_at": "2026-11-20T10:00:00+01:00",
}
OBJECTION: dict[str, Any] = {
    "lead": JANE,
    "kind": "direct_marketing",
    "received_at": "2026-11-24T09:00:00Z",
    "via": "phone call",
}


@pytest.fixture
def headers(key_of: KeyOf) -> dict[str, str]:
    """A key that may write and read consents, and write leads."""
    return key_of("consents:write", "consents:read", "leads:write")


@pytest.fixture
def lead_id(client: FlaskClient, headers: dict[str, str]) -> str:
    """A lead named Jane."""
    body = {
        "identifiers": [{"type": "email", "value": JANE["email"]}],
        "country": "DE",
        "source": {"key": "fair", "kind": "event", "obtained_at": "2026-11-01T10:00:00Z"},
    }
    taken = client.post("/v1/leads", json=body, headers=headers)
    assert taken.status_code == 201
    return str(taken.get_json()["lead_id"])


def test_a_consent_is_recorded_and_listed_newest_first(
    client: FlaskClient, headers: dict[str, str], lead_id: str
) -> None:
    """Given, then withdrawn: two events, neither changed, each with its entry."""
    given = client.post("/v1/consents", json=CONSENT, headers=headers)
    stop = CONSENT | {"status": "withdrawn", "channels": "all", "occurred_at": "2026-11-21T10:00:00Z"}
    client.post("/v1/consents", json=stop, headers=headers)

    listed = client.get(f"/v1/leads/{lead_id}/consents", headers=headers).get_json()

    assert given.status_code == 201
    assert (given.get_json()["status"], given.get_json()["lead_id"]) == ("given", lead_id)
    assert {one["status"] for one in listed["items"]} == {"given", "withdrawn"}
    assert all(one["audit"]["entry_id"] for one in listed["items"])
    assert listed["next_cursor"] is None


def test_the_history_comes_in_pages(client: FlaskClient, headers: dict[str, str], lead_id: str) -> None:
    """Following the cursor gives every consent once."""
    for day in range(1, 6):
        body = CONSENT | {"occurred_at": f"2026-11-0{day}T10:00:00Z"}
        client.post("/v1/consents", json=body, headers=headers)

    seen, cursor = [], ""
    while cursor is not None:
        asked = f"/v1/leads/{lead_id}/consents?limit=2" + (f"&cursor={cursor}" if cursor else "")
        page = client.get(asked, headers=headers).get_json()
        seen += [one["consent_id"] for one in page["items"]]
        cursor = page["next_cursor"]

    assert (len(seen), len(set(seen))) == (5, 5)


def test_evidence_is_sealed_and_never_answered(
    client: FlaskClient, headers: dict[str, str], lead_id: str
) -> None:
    """The answer says that there is evidence, and shows none of it."""
    body = CONSENT | {"evidence": {"ip": "203.0.113.77", "form_id": "f"}}
    consent_id = client.post("/v1/consents", json=body, headers=headers).get_json()["consent_id"]

    shown = client.get(f"/v1/consents/{consent_id}", headers=headers)

    assert shown.get_json()["evidence"] is True
    assert (shown.get_json()["lead_id"], "203.0.113.77" in shown.get_data(as_text=True)) == (lead_id, False)


def test_a_receipt_is_a_standard_record(client: FlaskClient, headers: dict[str, str], lead_id: str) -> None:
    """ISO/IEC TS 27560, with the wording that was shown."""
    consent_id = client.post("/v1/consents", json=CONSENT, headers=headers).get_json()["consent_id"]

    record = client.get(f"/v1/consents/{consent_id}/receipt", headers=headers).get_json()

    assert (record["record_id"], record["pii_principal_id"]) == (consent_id, lead_id)
    assert record["pii_processing"]["privacy_notice"]["text"] == "We write to you."


@pytest.mark.parametrize(
    "path", ["/v1/consents/none", "/v1/consents/none/receipt", "/v1/leads/none/consents"]
)
def test_what_is_not_there_is_404(client: FlaskClient, headers: dict[str, str], path: str) -> None:
    """As a problem document."""
    answer = client.get(path, headers=headers)

    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize("status", ["given", "renewed"])
def test_a_grant_by_somebody_unknown_is_404(
    client: FlaskClient, headers: dict[str, str], status: str
) -> None:
    """Nobody becomes a lead by a consent."""
    answer = client.post("/v1/consents", json=CONSENT | {"lead": NOBODY, "status": status}, headers=headers)

    assert (answer.status_code, answer.get_json()["code"]) == (404, "lead_unknown")


@pytest.mark.parametrize("status", ["refused", "withdrawn"])
def test_a_no_of_somebody_unknown_is_kept(
    client: FlaskClient, service: Service, headers: dict[str, str], status: str
) -> None:
    """As a keyed hash; the answer names no lead."""
    answer = client.post("/v1/consents", json=CONSENT | {"lead": NOBODY, "status": status}, headers=headers)

    assert (answer.status_code, answer.get_json()["lead_id"]) == (201, None)
    assert kept(service) == {"direct_marketing"}


def test_an_objection_of_anybody_is_taken(
    client: FlaskClient, service: Service, headers: dict[str, str], lead_id: str
) -> None:
    """Of a lead under its id, of somebody unknown as a hash."""
    known = client.post("/v1/objections", json=OBJECTION, headers=headers)
    unknown = client.post(
        "/v1/objections", json=OBJECTION | {"lead": NOBODY, "kind": "unsubscribe"}, headers=headers
    )

    assert (known.status_code, known.get_json()["lead_id"]) == (201, lead_id)
    assert (unknown.status_code, unknown.get_json()["lead_id"]) == (201, None)
    assert kept(service) == {"unsubscribe"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channels": "all"}, "channels"),
        ({"purposes": ["all"]}, "purposes"),
        ({"channels": []}, "channels"),
        ({"channels": ["pigeon"]}, "channels"),
        ({"status": "maybe"}, "status"),
        ({"occurred_at": "2026-11-20T10:00:00"}, "occurred_at"),
        ({"occurred_at": "2026-11-25T10:00:00Z"}, "occurred_at"),
        ({"expires_at": "2026-11-20T10:00:00+01:00"}, "expires_at"),
        ({"notice": {}}, "notice.version"),
        ({"lead": {"email": "a@b", "phone": "+49"}}, "lead"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_bad_consent_names_the_field(
    client: FlaskClient, headers: dict[str, str], lead_id: str, change: dict[str, Any], field: str
) -> None:
    """422 with the place of the fault, and nothing recorded."""
    answer = client.post("/v1/consents", json=CONSENT | change, headers=headers)

    assert (answer.status_code, field in answer.get_json()["errors"]) == (422, True)
    assert client.get(f"/v1/leads/{lead_id}/consents", headers=headers).get_json()["items"] == []


def test_the_same_call_twice_is_one_consent(
    client: FlaskClient, headers: dict[str, str], lead_id: str
) -> None:
    """With an idempotency key the second answer is the first."""
    once = headers | {"Idempotency-Key": "k-1"}
    first, second = (client.post("/v1/consents", json=CONSENT, headers=once) for _ in range(2))

    assert (first.status_code, first.get_json()) == (second.status_code, second.get_json())
    assert len(client.get(f"/v1/leads/{lead_id}/consents", headers=headers).get_json()["items"]) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v1/consents"), ("POST", "/v1/objections"), ("GET", "/v1/consents/x")],
)
def test_a_key_without_the_scope_is_turned_away(
    client: FlaskClient, key_of: KeyOf, method: str, path: str
) -> None:
    """Before the body is looked at."""
    answer = client.open(path, method=method, data="not json", headers=key_of("leads:write"))

    assert answer.status_code == 403


def kept(service: Service) -> set[str]:
    """The kinds that are kept of the unknown address."""
    identifier = email(NOBODY["email"])
    hashes = suppression_hashes(service.keyring, identifier.kind, identifier.key)
    with service.main.read() as session:
        return {item.type.value for item in matching(session, hashes)}
