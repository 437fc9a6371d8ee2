"""Leads over HTTP: intake, look-up, correction, facts; and what happens when it goes wrong."""

import json
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from api.context import Service
from audit.log import append
from audit.tables import PendingRow
from consent.ledger import facts_of
from consent.suppressions import Suppression, add
from consent.vocabulary import IdentifierKind, SuppressionKind
from governance.custody import lock
from governance.identity import email
from governance.tables import IdentifierRow, LeadRow
from governance.vault.index import suppression_hashes
from governance.vault.tables import DataKeyRow
from tests.canaries import files_under, planted_in
from tests.conftest import NOW, Clock, KeyOf
from tests.governance.test_intake import CANARIES

AT = "2026-11-01T09:00:00+00:00"
JANE = {"type": "email", "value": "jane.doe@example.com"}
CRM_1 = {"type": "external", "system": "crm", "value": "1"}
JANE_REFERENCE = {"email": "jane.doe@example.com"}


def a_lead(*identifiers: dict[str, str], **changes: Any) -> dict[str, Any]:
    """A body that is taken."""
    source = {"key": "fair-2026", "kind": "event", "obtained_at": AT}
    return {"identifiers": list(identifiers) or [JANE], "source": source, **changes}


@pytest.fixture
def writer(key_of: KeyOf) -> dict[str, str]:
    """A key that may write, and may know of erasures."""
    return key_of("leads:write", "requests:read")


@pytest.fixture
def reader(key_of: KeyOf) -> dict[str, str]:
    """A key that may look up."""
    return key_of("leads:read")


def erase(service: Service, address: str) -> None:
    """Keep the address as one of somebody who was erased."""
    found = suppression_hashes(service.keyring, "email", email(address).key)[0]
    stop = Suppression(found, IdentifierKind.EMAIL, SuppressionKind.ERASURE_SUPPRESSION, NOW)

    def work(session: Any) -> None:
        entry = append(session, "objection.received", actor="test", now=NOW)
        add(session, [stop], entry_id=entry.entry_id, now=NOW)

    service.main.write(work)


def counted(service: Service, row: Any) -> int:
    """How many rows there are."""
    database = service.keys if row is DataKeyRow else service.main
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(row)) or 0


def actions(service: Service) -> list[str]:
    """What stands in the trail, oldest first."""
    with service.main.read() as session:
        rows = session.execute(select(PendingRow.action).order_by(PendingRow.at, PendingRow.entry_id))
        return list(rows.scalars())


def test_a_lead_is_taken_in_and_looked_up(
    client: FlaskClient, writer: dict[str, str], reader: dict[str, str]
) -> None:
    """All that was told comes back, to a key that may read, in the contract's shape."""
    body = a_lead(JANE, CRM_1, country="DE", profile={"first_name": "Jane", "employees": 12})
    made = client.post("/v1/leads", json=body, headers=writer)
    lead_id = made.json["lead_id"] if made.json else ""
    found = client.post(
        "/v1/leads/lookup",
        json={"lead": {"email": "Jane.Doe@Example.com"}, "purpose": "support"},
        headers=reader,
    )

    assert made.json is not None
    assert (made.status_code, made.json["created"], set(made.json["audit"])) == (
        201,
        True,
        {"entry_id", "receipt"},
    )
    assert found.status_code == 200
    assert found.json is not None
    assert found.json["lead_id"] == lead_id
    assert found.json["identifiers"] == [JANE, {"type": "external", "value": "1", "system": "crm"}]
    assert found.json["profile"] == {"employees": 12, "first_name": "Jane"}
    assert found.json["attributes"] == {"country": "DE", "address_type": "named_work"}
    assert found.json["sources"] == [{"key": "fair-2026", "kind": "event", "obtained_at": AT}]


def test_a_known_lead_is_merged(client: FlaskClient, writer: dict[str, str], service: Service) -> None:
    """200, the same id, and no key is left over."""
    first = client.post("/v1/leads", json=a_lead(JANE), headers=writer)
    again = client.post("/v1/leads", json=a_lead(JANE, CRM_1), headers=writer)

    assert first.json is not None
    assert again.json is not None
    assert (again.status_code, again.json["lead_id"], again.json["created"]) == (
        200,
        first.json["lead_id"],
        False,
    )
    assert counted(service, DataKeyRow) == 1


def test_identifiers_of_two_leads_are_409(
    client: FlaskClient, writer: dict[str, str], service: Service
) -> None:
    """The refusal is in the trail, and nothing of the lead is anywhere."""
    client.post("/v1/leads", json=a_lead(JANE), headers=writer)
    client.post("/v1/leads", json=a_lead(CRM_1), headers=writer)
    answer = client.post("/v1/leads", json=a_lead(JANE, CRM_1), headers=writer)

    assert answer.status_code == 409
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["code"] == "identity_conflict"
    assert counted(service, LeadRow) == counted(service, DataKeyRow) == 2
    assert actions(service).count("lead.refused") == 1


@pytest.mark.parametrize(
    ("scopes", "code"),
    [(("leads:write", "requests:read"), "suppressed_after_erasure"), (("leads:write",), "refused")],
)
def test_an_erased_person_stays_away(
    client: FlaskClient, key_of: KeyOf, service: Service, scopes: tuple[str, ...], code: str
) -> None:
    """409; only a key that may read requests learns that there was an erasure."""
    erase(service, "jane.doe@example.com")
    answer = client.post("/v1/leads", json=a_lead(JANE), headers=key_of(*scopes))

    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["code"] == code
    assert counted(service, LeadRow) == counted(service, DataKeyRow) == 0


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (a_lead({"type": "email", "value": "jane@example.com\nBcc: x@example.com"}), "identifiers.0"),
        (a_lead({"type": "phone", "value": "030 123456"}), "identifiers.0"),
        (a_lead({"type": "external", "value": "1"}), "identifiers.0"),
        (a_lead({"type": "fax", "value": "1"}), "identifiers.0.type"),
        (a_lead(JANE, salary=1), "salary"),
        (a_lead(JANE, country="XX"), "country"),
        (a_lead(JANE, country="DE", region="US-CA"), "region"),
        (a_lead(JANE, time_zone="Mars/Base"), "time_zone"),
        (a_lead(JANE, profile={"First Name": "x"}), "profile"),
        (a_lead(JANE, minor="yes"), "minor"),
        (
            a_lead(JANE, source={"key": "a", "kind": "event", "obtained_at": "2026-01-01"}),
            "source.obtained_at",
        ),
        (
            a_lead(JANE, source={"key": "a", "kind": "event", "obtained_at": "0001-01-01T00:00:00Z"}),
            "source.obtained_at",
        ),
        (a_lead(JANE, source={"key": "a\n", "kind": "event", "obtained_at": AT}), "source.key"),
        ({"identifiers": [], "source": a_lead()["source"]}, "identifiers"),
        ({"identifiers": [JANE]}, "source"),
    ],
)
def test_a_bad_lead_is_422_and_leaves_nothing(
    client: FlaskClient, writer: dict[str, str], service: Service, body: dict[str, Any], place: str
) -> None:
    """The problem names the place, never the value; no key was minted, nothing written."""
    answer = client.post("/v1/leads", json=body, headers=writer)

    assert answer.status_code == 422
    assert answer.json is not None
    assert list(answer.json["errors"]) == [place]
    assert "jane" not in answer.text.lower()
    assert counted(service, DataKeyRow) == counted(service, LeadRow) == 0


def test_the_same_call_twice_is_one_lead_and_one_source(
    client: FlaskClient, writer: dict[str, str], service: Service
) -> None:
    """Idempotency-Key: the first answer again, created as it was; another body is refused."""
    headers = {**writer, "Idempotency-Key": "one"}
    answers = [client.post("/v1/leads", json=a_lead(JANE), headers=headers) for _ in range(2)]
    other = client.post("/v1/leads", json=a_lead(CRM_1), headers=headers)

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    assert other.status_code == 422
    assert actions(service).count("lead.created") == 1
    assert actions(service).count("lead.merged") == 0


def test_intakes_at_once_end_as_one_lead(app: Flask, writer: dict[str, str], service: Service) -> None:
    """Eight threads bring the same person, each with another id: one lead, one key, all eight sources."""
    barrier, statuses = threading.Barrier(8), []

    def bring(number: int) -> None:
        other = {"type": "external", "system": "crm", "value": str(number)}
        barrier.wait()
        answer = app.test_client().post("/v1/leads", json=a_lead(JANE, other), headers=writer)
        statuses.append((answer.status_code, (answer.json or {}).get("lead_id")))

    threads = [threading.Thread(target=bring, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(status for status, _ in statuses) == [200] * 7 + [201]
    assert len({lead_id for _, lead_id in statuses}) == 1
    assert counted(service, LeadRow) == counted(service, DataKeyRow) == 1
    assert counted(service, IdentifierRow) == 9
    assert actions(service).count("lead.created") + actions(service).count("lead.merged") == 8


def look_up(
    client: FlaskClient, reader: dict[str, str], lead: dict[str, Any], purpose: str = "support"
) -> Any:
    """The answer to a look-up."""
    return client.post("/v1/leads/lookup", json={"lead": lead, "purpose": purpose}, headers=reader)


def test_a_look_up_is_in_the_trail_before_anything_is_opened(
    client: FlaskClient, writer: dict[str, str], reader: dict[str, str], service: Service
) -> None:
    """Who, which fields, what for; also when opening then fails, because the person is being erased."""
    made = client.post("/v1/leads", json=a_lead(JANE, profile={"first_name": "Jane"}), headers=writer)
    assert made.json is not None
    lead_id = made.json["lead_id"]
    service.main.write(lambda session: lock(session, lead_id))
    answer = look_up(client, reader, JANE_REFERENCE)
    with service.main.read() as session:
        [body] = session.scalars(select(PendingRow.body).where(PendingRow.action == "lead.looked_up"))

    assert (answer.status_code, answer.json["code"]) == (409, "lead_locked")
    assert json.loads(body)["facts"] == {"fields": ["email", "profile.first_name"], "purpose": "support"}
    assert "jane" not in body.decode().lower()


def test_a_miss_is_noted_without_the_person(
    client: FlaskClient, reader: dict[str, str], service: Service
) -> None:
    """404; the trail says that somebody asked, not for whom."""
    answer = look_up(client, reader, JANE_REFERENCE)
    with service.main.read() as session:
        [body] = session.scalars(select(PendingRow.body).where(PendingRow.action == "lead.lookup_missed"))

    assert (answer.status_code, answer.json["code"]) == (404, "lead_unknown")
    assert json.loads(body)["facts"] == {"code": "lead_unknown", "purpose": "support"}
    assert "jane" not in body.decode().lower() + answer.text.lower()


def test_what_several_share_is_409(
    client: FlaskClient, writer: dict[str, str], reader: dict[str, str]
) -> None:
    """A switchboard is nobody's name."""
    office = {"type": "phone", "value": "+49 30 1234567"}
    for person in (JANE, CRM_1):
        client.post("/v1/leads", json=a_lead(person, office), headers=writer)
    answer = look_up(client, reader, {"phone": "+49301234567"})

    assert (answer.status_code, answer.json["code"]) == (409, "identity_ambiguous")


@pytest.mark.parametrize("purpose", ["", "About Jane Doe", "call jane@example.com", "x" * 65, "a\nb"])
def test_a_purpose_is_a_few_plain_words(client: FlaskClient, reader: dict[str, str], purpose: str) -> None:
    """It stands in the trail in the open, so it has no room for a name."""
    answer = look_up(client, reader, JANE_REFERENCE, purpose)

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["purpose"]


def test_looking_up_needs_the_scope(client: FlaskClient, writer: dict[str, str]) -> None:
    """A key that writes leads does not read them."""
    assert look_up(client, writer, JANE_REFERENCE).status_code == 403


def test_a_correction_changes_what_it_names(
    client: FlaskClient, writer: dict[str, str], reader: dict[str, str], service: Service, clock: Clock
) -> None:
    """A field set, one removed, an address replaced, a country corrected; the rest stays."""
    profile = {"first_name": "Jane", "last_name": "Do", "note": "x"}
    made = client.post("/v1/leads", json=a_lead(JANE, CRM_1, profile=profile, country="DE"), headers=writer)
    assert made.json is not None
    lead_id = made.json["lead_id"]
    changes = {
        "identifiers": [{"type": "email", "value": "jane.dough@example.com"}],
        "profile": {"last_name": "Dough", "note": None},
        "country": "FR",
    }
    clock.now += timedelta(seconds=1)
    answer = client.patch(f"/v1/leads/{lead_id}", json=changes, headers=writer)
    gone = look_up(client, reader, JANE_REFERENCE)
    found = look_up(client, reader, {"email": "jane.dough@example.com"})
    with service.main.read() as session:
        facts = facts_of(session, [lead_id])[lead_id]

    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["changed"] == ["country", "identifiers.email", "profile.last_name", "profile.note"]
    assert gone.status_code == 404
    assert found.json["profile"] == {"first_name": "Jane", "last_name": "Dough"}
    assert [one["value"] for one in found.json["identifiers"]] == ["jane.dough@example.com", "1"]
    assert facts["jurisdiction"] == "FR"


def test_a_correction_can_not_take_anothers_address(
    client: FlaskClient, writer: dict[str, str], service: Service
) -> None:
    """Nor that of somebody who was erased; the lead stays as it was."""
    client.post("/v1/leads", json=a_lead(JANE), headers=writer)
    made = client.post("/v1/leads", json=a_lead(CRM_1), headers=writer)
    erase(service, "gone@example.com")
    assert made.json is not None
    answers = [
        client.patch(
            f"/v1/leads/{made.json['lead_id']}",
            json={"identifiers": [{"type": "email", "value": value}], "country": "DE"},
            headers=writer,
        )
        for value in ("jane.doe@example.com", "gone@example.com")
    ]

    assert [(one.status_code, (one.json or {})["code"]) for one in answers] == [
        (409, "identity_conflict"),
        (409, "suppressed_after_erasure"),
    ]
    assert counted(service, IdentifierRow) == 2
    assert actions(service).count("lead.updated") == 0


@pytest.mark.parametrize("call", ["patch", "post"])
def test_an_unknown_lead_is_404(client: FlaskClient, writer: dict[str, str], call: str) -> None:
    """Also one that was shredded: its key is gone."""
    unknown = "00000000-0000-4000-8000-000000000000"
    if call == "patch":
        answer = client.patch(f"/v1/leads/{unknown}", json={"country": "DE"}, headers=writer)
    else:
        body = {"kind": "purchase", "occurred_at": AT}
        answer = client.post(f"/v1/leads/{unknown}/events", json=body, headers=writer)

    assert (answer.status_code, (answer.json or {})["code"]) == (404, "lead_unknown")


def test_nothing_personal_lies_on_the_disk_of_a_service(
    client: FlaskClient, writer: dict[str, str], reader: dict[str, str], service: Service, tmp_path: Path
) -> None:
    """Neither in the databases nor their write-ahead files, after every call of this page."""
    name, address, number, crm_id, ip = CANARIES
    identifiers = [
        {"type": "email", "value": address},
        {"type": "phone", "value": number},
        {"type": "external", "value": crm_id, "system": "crm"},
    ]
    source = {"key": "form", "kind": "web_form", "obtained_at": AT, "evidence": {"ip": ip}}
    body = {"identifiers": identifiers, "source": source, "profile": {"first_name": name}}
    made = client.post("/v1/leads", json=body, headers={**writer, "Idempotency-Key": "canary"})
    client.post(
        "/v1/leads/import", data=json.dumps(body), content_type="application/x-ndjson", headers=writer
    )
    look_up(client, reader, {"email": address})
    look_up(client, reader, {"email": f"not.{address}"})
    lead = (made.json or {})["lead_id"]
    client.patch(f"/v1/leads/{lead}", json={"profile": {"last_name": name}}, headers=writer)
    reason = {"kind": "presumed_interest", "occurred_at": AT, "reason": f"{name} asked"}
    client.post(f"/v1/leads/{lead}/events", json=reason, headers=writer)
    files = files_under(tmp_path)
    found = planted_in(files, CANARIES)

    assert {path.suffix for path in files} >= {".db", ".db-wal"}
    assert actions(service).count("event.recorded") == 1
    assert found == []
