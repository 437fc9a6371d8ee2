"""Canary leads over HTTP: officers mark them, readers can not tell, and every way of opening is loud."""

import json
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from api.context import Service
from audit.tables import PendingRow
from governance.requests.vocabulary import RequestType
from tests.conftest import KeyOf
from tests.governance.requests.desk import MemoryStore, a_known_lead, an_approved, work

ANNA = "anna.berg@example.com"


def alarms(service: Service) -> list[str]:
    """By which calls canaries were opened."""
    query = select(PendingRow.body).where(PendingRow.action == "canary.opened").order_by(PendingRow.entry_id)
    with service.main.read() as session:
        return [json.loads(body)["facts"]["by"] for body in session.scalars(query)]


def look_up(client: FlaskClient, headers: dict[str, str]) -> dict[str, Any]:
    """Anna, opened."""
    body = {"lead": {"email": ANNA}, "purpose": "support"}
    answer = client.post("/v1/leads/lookup", json=body, headers=headers)
    assert answer.status_code == 200
    return dict(answer.json or {})


def test_a_canary_sings_when_it_is_looked_up(service: Service, client: FlaskClient, key_of: KeyOf) -> None:
    """The reader's answer is the same with the mark and without it; the metric counts."""
    lead_id, reader, officer = a_known_lead(service, ANNA), key_of("leads:read"), key_of("requests:review")
    plain = look_up(client, reader)
    marked = client.put(f"/v1/leads/{lead_id}/canary", headers=officer)
    watched = look_up(client, reader)
    again = client.put(f"/v1/leads/{lead_id}/canary", headers=officer)
    listed = client.get("/v1/canaries", headers=officer)

    assert marked.json is not None
    assert (marked.status_code, marked.json["canary"], "receipt" in marked.json["audit"]) == (200, True, True)
    assert again.json == {"lead_id": lead_id, "canary": True}
    assert {**plain, "audit": None} == {**watched, "audit": None}
    assert [one["lead_id"] for one in (listed.json or {})["items"]] == [lead_id]
    assert alarms(service) == ["lead.looked_up"]
    assert 'leadwarden_alarms{kind="watched_lead_opened"} 1.0' in client.get("/metrics").text

    lifted = client.delete(f"/v1/leads/{lead_id}/canary", headers=officer)
    look_up(client, reader)
    assert (lifted.json or {})["canary"] is False
    assert alarms(service) == ["lead.looked_up"]


def test_readers_neither_mark_nor_see_marks(service: Service, client: FlaskClient, key_of: KeyOf) -> None:
    """All of it needs `requests:review`."""
    lead_id, reader = a_known_lead(service, ANNA), key_of("leads:read", "leads:write", "requests:read")
    calls = [
        client.put(f"/v1/leads/{lead_id}/canary", headers=reader),
        client.delete(f"/v1/leads/{lead_id}/canary", headers=reader),
        client.get("/v1/canaries", headers=reader),
    ]

    assert [answer.status_code for answer in calls] == [403] * 3
    unknown = client.put("/v1/leads/nobody/canary", headers=key_of("requests:review"))
    assert (unknown.status_code, (unknown.json or {})["code"]) == (404, "lead_unknown")


def test_a_package_with_a_canary_is_an_alarm(service: Service, client: FlaskClient, key_of: KeyOf) -> None:
    """Each time it is fetched."""
    lead_id, officer = a_known_lead(service, ANNA), key_of("requests:review", "requests:export")
    request_id = an_approved(service, ANNA, ["crm"], RequestType.ACCESS)
    work(service, MemoryStore("crm", {1: {"email": ANNA}}))
    client.put(f"/v1/leads/{lead_id}/canary", headers=officer)
    answer = client.get(f"/v1/privacy-requests/{request_id}/package", headers=officer)

    assert answer.status_code == 200
    assert "request.package_opened" in alarms(service)


def test_candidates_of_a_canarys_request_are_an_alarm(
    service: Service, client: FlaskClient, key_of: KeyOf
) -> None:
    """The identities of the person are opened beside the rows."""
    lead_id, officer = a_known_lead(service, ANNA), key_of("requests:review")
    client.put(f"/v1/leads/{lead_id}/canary", headers=officer)
    request_id = an_approved(service, ANNA, ["crm"])
    work(service, MemoryStore("crm", {2: {"email": ANNA, "name": "A. Berg"}}, doubtful={2}))
    path = f"/v1/privacy-requests/{request_id}/steps/crm/candidates"

    assert client.post(path, json={}, headers=officer).status_code == 200
    assert "request.candidates_opened" in alarms(service)
