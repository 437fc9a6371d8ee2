"""`api.marking`: an older field that is put back is noticed when it is opened, and at the next start."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from api import marking, restoring
from api.background import key_duties
from api.context import Service
from audit.actions import Action
from audit.tables import LinkRow, PendingRow
from governance.errors import RestoredError
from governance.messages.tables import MessageRow
from governance.messages.topics import Topic
from governance.requests.tables import RequestRow
from governance.tables import FieldRow
from governance.vault import marks
from tests.api.people import ADDRESS, take_in
from tests.conftest import Clock, KeyOf
from tests.governance.requests.desk import MemoryStore, an_approved, work

LOOKED_UP = {"lead": {"email": ADDRESS}, "purpose": "direct_marketing"}
Row = tuple[bytes, int]


@pytest.fixture
def headers(key_of: KeyOf) -> dict[str, str]:
    """A key that writes and reads leads."""
    return key_of("leads:write", "leads:read")


@pytest.fixture
def lead_id(client: FlaskClient, headers: dict[str, str]) -> str:
    """Jane, with a title that is going to change."""
    return take_in(client, headers, profile={"title": "Head of Sales", "name": "Jane"})


def held(service: Service, name: str = "title") -> Row:
    """The field as it lies in the database."""
    with service.main.read() as session:
        row = session.execute(select(FieldRow.sealed, FieldRow.record_version).where(FieldRow.name == name))
        return tuple(row.one())  # type: ignore[return-value]  # a row of just these two


def put_back(service: Service, row: Row, name: str = "title") -> None:
    """What an administrator of the database can do: value and version, both as they were."""
    sealed, version = row
    values = {"sealed": sealed, "record_version": version}
    service.main.write(
        lambda session: session.execute(update(FieldRow).where(FieldRow.name == name).values(**values))
    )


def changed(client: FlaskClient, headers: dict[str, str], lead_id: str, title: Any) -> None:
    """A correction, or a removal."""
    answer = client.patch(f"/v1/leads/{lead_id}", json={"profile": {"title": title}}, headers=headers)
    assert answer.status_code == 200


def merged(client: FlaskClient, headers: dict[str, str], _lead_id: str, title: Any) -> None:
    """The same person, taken in again."""
    source = {"key": "fair", "kind": "event", "obtained_at": "2026-11-02T10:00:00Z"}
    identifiers = [{"type": "email", "value": ADDRESS}]
    body = {"identifiers": identifiers, "source": source, "profile": {"title": title}}
    assert client.post("/v1/leads", json=body, headers=headers).status_code == 200


@pytest.mark.parametrize("way", [changed, merged])
def test_an_older_field_that_is_put_back_is_noticed(
    service: Service,
    client: FlaskClient,
    headers: dict[str, str],
    lead_id: str,
    way: Callable[[FlaskClient, dict[str, str], str, str], None],
) -> None:
    """It is whole and was once true: nothing of the lead is answered, and no start goes over it."""
    old = held(service)
    way(client, headers, lead_id, "Chief of Staff")
    new = held(service)
    put_back(service, old)
    opened = client.post("/v1/leads/lookup", json=LOOKED_UP, headers=headers)
    with pytest.raises(RestoredError, match="1 lead or request with fields from before"):
        restoring.refuse_if_restored(service)
    put_back(service, new)

    assert (opened.status_code, "Head of Sales" in opened.text) == (500, False)
    restoring.refuse_if_restored(service)
    again = client.post("/v1/leads/lookup", json=LOOKED_UP, headers=headers).get_json()
    assert again["profile"] == {"name": "Jane", "title": "Chief of Staff"}


def test_trail_and_operator_hear_of_a_seal_that_is_broken(
    service: Service, client: FlaskClient, headers: dict[str, str], lead_id: str
) -> None:
    """The entry is about the lead, and goes with it; the notice names the entry."""
    old = held(service)
    changed(client, headers, lead_id, "Chief of Staff")
    put_back(service, old)
    client.post("/v1/leads/lookup", json=LOOKED_UP, headers=headers)

    with service.main.read() as session:
        entry = session.scalars(
            select(PendingRow.entry_id).where(PendingRow.action == Action.VAULT_SEAL_BROKEN)
        ).one()
        about = session.scalars(select(LinkRow.lead_id).where(LinkRow.entry_id == entry)).one()
        notice = session.scalars(select(MessageRow).where(MessageRow.topic == Topic.SEAL_BROKEN)).one()
    assert about == lead_id
    assert json.loads(notice.facts or "") == {"entry_id": entry}


def test_a_field_that_was_removed_can_not_be_put_back(
    service: Service, client: FlaskClient, headers: dict[str, str], lead_id: str
) -> None:
    """Removing is overwriting with nothing; giving it again is the next version."""
    old = held(service)
    changed(client, headers, lead_id, None)
    removed = client.post("/v1/leads/lookup", json=LOOKED_UP, headers=headers).get_json()["profile"]
    none = held(service)
    put_back(service, old)
    refused = client.post("/v1/leads/lookup", json=LOOKED_UP, headers=headers).status_code
    put_back(service, none)
    changed(client, headers, lead_id, "Chief of Staff")

    assert removed == {"name": "Jane"}
    assert refused == 500
    assert [none[1], held(service)[1]] == [2, 3]


def test_identities_of_a_request_that_grew_can_not_be_put_back(service: Service) -> None:
    """An erasure would otherwise look for less than was known."""
    request_id = an_approved(service, "anna@example.com", ["crm"])

    def row() -> Row:
        with service.main.read() as session:
            found = session.get_one(RequestRow, request_id)
            return found.identities or b"", found.sealed_version

    (sealed, version) = row()
    store = MemoryStore("crm", {1: {"email": "anna@example.com", "phone": "+493012345678"}})
    work(service, store)
    values = {"identities": sealed, "sealed_version": version}
    service.main.write(
        lambda session: session.execute(
            update(RequestRow).where(RequestRow.id == request_id).values(**values)
        )
    )

    assert list(marking.older(service)) == [request_id]


def test_a_change_whose_mark_a_crash_has_lost_is_marked_with_the_next_epoch(
    service: Service, client: FlaskClient, headers: dict[str, str], lead_id: str, clock: Clock
) -> None:
    """Of leads and requests, all that was ever sealed anew."""
    changed(client, headers, lead_id, "Chief of Staff")
    with service.keys.read() as keys:
        [before] = marks.marked(keys)
    service.keys.write(lambda keys: marks.accept(keys, {lead_id: dict.fromkeys(before[lead_id], 1)}))
    clock.now += timedelta(days=7)
    key_duties.step(service, clock.now)

    with service.keys.read() as keys:
        assert list(marks.marked(keys)) == [before]


def test_a_person_accepts_an_older_main_database_by_saying_so(
    service: Service, client: FlaskClient, headers: dict[str, str], lead_id: str
) -> None:
    """After a restore of theirs; what is there opens again, and the trail says so."""
    old = held(service)
    changed(client, headers, lead_id, "Chief of Staff")
    put_back(service, old)
    before = marking.older(service)
    marking.accept(service, before, "tester")
    opened = client.post("/v1/leads/lookup", json=LOOKED_UP, headers=headers).get_json()

    assert list(before) == [lead_id]
    assert marking.older(service) == {}
    assert opened["profile"]["title"] == "Head of Sales"
    with service.main.read() as session:
        accepted = session.scalars(
            select(PendingRow.body).where(PendingRow.action == Action.VAULT_RECONCILED)
        )
        assert [b'"accepted":1' in body for body in accepted] == [True]
