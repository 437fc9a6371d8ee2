"""Canaries: marked once, lifted, gone with their lead; opening one is an alarm in the same commit."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from audit.actions import Action
from audit.sequencer import sequence
from audit.tables import LinkRow, PendingRow
from governance import canaries, custody, identity
from governance.errors import LeadLockedError, LeadUnknownError
from governance.lookup import announce
from governance.messages.tables import MessageRow
from governance.openings import Opener
from governance.scopes import AS_SET
from governance.tables import CanaryRow
from tests.audit.conftest import signer_of
from tests.governance.lead_desk import ACTOR, NOW, Desk, open_desk

JANE, JOHN = ("email", "jane@example.com"), ("email", "john@example.com")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Databases of this test alone."""
    with open_desk(tmp_path) as opened:
        yield opened


def marked(desk: Desk, *identifiers: tuple[str, ...]) -> str:
    """The id of a new lead that is a canary."""
    lead_id = desk.a_known_lead(*identifiers)
    with desk.session() as session:
        assert canaries.mark(session, lead_id, now=NOW, actor=ACTOR) is not None
    return lead_id


def look_up(desk: Desk, address: str) -> None:
    """Announce a look-up."""
    with desk.session() as session:
        opener = Opener("key-9", AS_SET)
        announce(session, desk.keyring, identity.email(address), purpose="support", now=NOW, opener=opener)


def told(desk: Desk, action: Action) -> list[tuple[str | None, dict[str, Any]]]:
    """The entries of an action: whose lead, and what they say."""
    query = select(LinkRow.lead_id, PendingRow.body).join(LinkRow, LinkRow.entry_id == PendingRow.entry_id)
    with desk.session() as session:
        rows = session.execute(query.where(PendingRow.action == action)).all()
    return [(lead_id, json.loads(body)) for lead_id, body in rows]


def test_marking_twice_and_lifting_twice_is_once(desk: Desk) -> None:
    """What changes nothing is no entry."""
    lead_id = marked(desk, JANE)
    with desk.session() as session:
        again = canaries.mark(session, lead_id, now=NOW, actor=ACTOR)
        listed = canaries.listed(session, limit=9)
        lifted = [canaries.lift(session, lead_id, now=NOW, actor=ACTOR) for _ in range(2)]
        left = canaries.listed(session, limit=9)

    assert (again, [one.lead_id for one in listed], left) == (None, [lead_id], [])
    assert [one is None for one in lifted] == [False, True]


def test_only_a_living_lead_can_be_marked(desk: Desk) -> None:
    """Nobody watches over somebody who is not here."""
    lead_id = desk.a_known_lead(JANE)
    with desk.session() as session:
        custody.lock(session, lead_id)
        with pytest.raises(LeadLockedError):
            canaries.mark(session, lead_id, now=NOW, actor=ACTOR)
        with pytest.raises(LeadUnknownError):
            canaries.mark(session, "nobody", now=NOW, actor=ACTOR)


def test_opening_a_canary_is_an_entry_and_a_message(desk: Desk) -> None:
    """Who, by which call, about whom in the link alone; the message names the entry."""
    lead_id = marked(desk, JANE)
    look_up(desk, JANE[1])
    [(about, entry)] = told(desk, Action.CANARY_OPENED)
    with desk.session() as session:
        [facts] = session.scalars(select(MessageRow.facts)).all()

    assert (about, entry["actor"], entry["facts"]) == (lead_id, "key-9", {"by": "lead.looked_up"})
    assert json.loads(facts or "") == {"actor": "key-9", "by": "lead.looked_up", "entry_id": entry["id"]}
    assert lead_id not in (facts or "")


def test_another_lead_alarms_nobody(desk: Desk) -> None:
    """Nor does a canary that was lifted, or a miss."""
    lead_id = marked(desk, JANE)
    desk.a_known_lead(JOHN)
    look_up(desk, JOHN[1])
    look_up(desk, "nobody@example.com")
    with desk.session() as session:
        canaries.lift(session, lead_id, now=NOW, actor=ACTOR)
    look_up(desk, JANE[1])

    assert told(desk, Action.CANARY_OPENED) == []


def test_of_many_leads_each_canary_is_an_alarm(desk: Desk) -> None:
    """An export that opens a crowd."""
    birds = {marked(desk, JANE), marked(desk, JOHN)}
    plain = desk.a_known_lead(("email", "joe@example.com"))
    with desk.session() as session:
        number = canaries.watch(
            session, [*birds, plain], by=Action.REQUEST_PACKAGE_OPENED, actor=ACTOR, now=NOW
        )

    assert number == 2
    assert {about for about, _ in told(desk, Action.CANARY_OPENED)} == birds


def test_a_mark_that_is_taken_away_by_hand_is_found(desk: Desk) -> None:
    """In the log it was set and never lifted; one that was lifted, or went with its lead, is no finding."""
    jane, john = marked(desk, JANE), marked(desk, JOHN)
    joe = marked(desk, ("email", "joe@example.com"))
    with desk.session() as session:
        canaries.lift(session, john, now=NOW, actor=ACTOR)
        custody.purge(session, joe)
        sequence(session, signer_of(), NOW)
        before = list(canaries.silenced(session))
        session.execute(delete(CanaryRow))
        [found] = canaries.silenced(session)

    assert before == []
    with desk.session() as session:
        assert session.scalar(select(LinkRow.lead_id).where(LinkRow.entry_id == found)) == jane


def test_the_mark_goes_with_the_lead(desk: Desk) -> None:
    """Nothing that names an erased person stays."""
    lead_id = marked(desk, JANE)
    with desk.session() as session:
        custody.purge(session, lead_id)
        assert canaries.listed(session, limit=9) == []
