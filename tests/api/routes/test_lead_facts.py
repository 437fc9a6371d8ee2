"""Facts told about a lead over HTTP: every kind of the contract, with its details."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.context import Service
from consent.ledger import facts_of
from governance.custody import lock
from tests.api.routes.test_leads import AT, JANE, a_lead, actions
from tests.conftest import KeyOf


@pytest.fixture
def writer(key_of: KeyOf) -> dict[str, str]:
    """A key that may write."""
    return key_of("leads:write")


EVENTS: list[dict[str, Any]] = [
    {"kind": "purchase", "email_from_sale": True, "own_similar_products": True},
    {"kind": "inquiry"},
    {"kind": "contract_started"},
    {"kind": "contract_ended"},
    {"kind": "inbound_contact"},
    {"kind": "notice_given", "article": "14", "version": "2026-01"},
    {"kind": "register_check", "register": "TPS", "listed": False},
    {"kind": "publication", "conspicuous": True, "no_solicitation_statement": False, "evidence": "site"},
    {"kind": "presumed_interest", "substantiated": True, "reason": "Jane Canary published a tender"},
    {"kind": "legitimate_interest_assessment", "id": "LIA-7"},
    {"kind": "message_sent", "channel": "email", "purpose": "direct_marketing"},
    {"kind": "bounce"},
    {"kind": "complaint", "channel": "email"},
    {"kind": "signal", "gpc": True},
]


@pytest.mark.parametrize("event", EVENTS, ids=[event["kind"] for event in EVENTS])
def test_every_kind_of_fact_is_kept(
    client: FlaskClient, writer: dict[str, str], service: Service, event: dict[str, Any]
) -> None:
    """201 with the ids of event and entry; free text is not readable at rest."""
    made = client.post("/v1/leads", json=a_lead(JANE), headers=writer)
    assert made.json is not None
    url = f"/v1/leads/{made.json['lead_id']}/events"
    answer = client.post(url, json={**event, "occurred_at": AT}, headers=writer)
    with service.main.read() as session:
        facts = facts_of(session, [made.json["lead_id"]])[made.json["lead_id"]]

    assert answer.status_code == 201, answer.text
    assert answer.json is not None
    assert set(answer.json) == {"event_id", "audit"}
    assert set(answer.json["audit"]) == {"entry_id", "receipt"}
    assert "Canary" not in json.dumps(facts)


@pytest.mark.parametrize(
    ("event", "place"),
    [
        ({"kind": "consent"}, "kind"),
        ({"kind": "restriction"}, "kind"),
        ({"kind": "purchase", "listed": True}, "listed"),
        ({"kind": "register_check", "register": "TPS"}, "listed"),
        ({"kind": "message_sent"}, "channel"),
        ({"kind": "message_sent", "channel": "pigeon"}, "channel"),
        ({"kind": "signal", "gpc": "yes"}, "gpc"),
        ({"kind": "legitimate_interest_assessment", "id": "about Jane Doe"}, "id"),
    ],
)
def test_a_fact_has_the_details_of_its_kind(
    client: FlaskClient, writer: dict[str, str], event: dict[str, Any], place: str
) -> None:
    """Missing, foreign or malformed details are 422, by name; consents have a door of their own."""
    made = client.post("/v1/leads", json=a_lead(JANE), headers=writer)
    assert made.json is not None
    url = f"/v1/leads/{made.json['lead_id']}/events"
    answer = client.post(url, json={**event, "occurred_at": AT}, headers=writer)

    assert answer.status_code == 422
    assert answer.json is not None
    assert list(answer.json["errors"]) == [place]


def test_a_locked_lead_takes_no_facts(client: FlaskClient, writer: dict[str, str], service: Service) -> None:
    """409 from the moment that erasing begins."""
    made = client.post("/v1/leads", json=a_lead(JANE), headers=writer)
    assert made.json is not None
    lead_id = made.json["lead_id"]
    service.main.write(lambda session: lock(session, lead_id))
    body = {"kind": "purchase", "occurred_at": AT}
    answers = [
        client.post(f"/v1/leads/{lead_id}/events", json=body, headers=writer),
        client.patch(f"/v1/leads/{lead_id}", json={"country": "DE"}, headers=writer),
    ]

    assert [(one.status_code, (one.json or {})["code"]) for one in answers] == [(409, "lead_locked")] * 2


def test_a_fact_told_twice_under_one_key_is_one(
    client: FlaskClient, writer: dict[str, str], service: Service
) -> None:
    """Idempotency-Key."""
    made = client.post("/v1/leads", json=a_lead(JANE), headers=writer)
    assert made.json is not None
    url, headers = f"/v1/leads/{made.json['lead_id']}/events", {**writer, "Idempotency-Key": "e"}
    body = {"kind": "message_sent", "channel": "email", "occurred_at": AT}
    answers = [client.post(url, json=body, headers=headers).json for _ in range(2)]

    assert answers[0] == answers[1]
    assert actions(service).count("event.recorded") == 1
