"""What the service opens by itself: an entry a lead, with which fields and what for, and canaries as loud."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from audit.tables import LinkRow, PendingRow
from governance import canaries, own_openings
from governance.own_openings import Purpose
from tests.governance.lead_desk import ACTOR, NOW, Desk, open_desk

JANE, JOHN = ("email", "jane@example.com"), ("email", "john@example.com")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Databases of this test alone."""
    with open_desk(tmp_path) as opened:
        yield opened


def test_each_lead_has_an_entry_of_its_own(desk: Desk) -> None:
    """By the service, with the names of the fields; whose it is stands in the link alone."""
    leads = [desk.a_known_lead(JANE, profile={"city": "Ghent"}), desk.a_known_lead(JOHN)]
    with desk.session() as session:
        told = own_openings.announce(session, leads, "request-1", purpose=Purpose.EXPORT, now=NOW)
    with desk.session() as session:
        links = session.execute(select(LinkRow.entry_id, LinkRow.lead_id, LinkRow.object_id)).all()
        pending = session.execute(select(PendingRow.entry_id, PendingRow.body)).all()
    found = {entry_id: (lead_id, object_id) for entry_id, lead_id, object_id in links}
    bodies = {entry_id: json.loads(body) for entry_id, body in pending}

    assert [found[told[lead]] for lead in leads] == [(lead, "request-1") for lead in leads]
    assert bodies[told[leads[0]]]["facts"] == {"purpose": "export", "fields": ["email", "profile.city"]}
    assert bodies[told[leads[0]]]["actor"] == "leadwarden"


def test_a_canary_is_loud_here_too(desk: Desk) -> None:
    """Somebody asked for the copy of somebody who does not exist."""
    lead_id = desk.a_known_lead(JANE)
    with desk.session() as session:
        canaries.mark(session, lead_id, now=NOW, actor=ACTOR)
        own_openings.announce(session, [lead_id], "request-1", purpose=Purpose.SEARCH, now=NOW)
    with desk.session() as session:
        alarms = session.scalars(select(PendingRow.body).where(PendingRow.action == "canary.opened")).all()

    assert [json.loads(body)["facts"] for body in alarms] == [{"by": "lead.opened"}]
