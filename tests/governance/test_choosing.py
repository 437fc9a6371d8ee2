"""Choices of a preference page in the ledger, each under an entry of the trail."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from audit.tables import PendingRow
from consent.ledger import facts_of, history
from consent.notices import Notice
from governance.choosing import choose, facts_for, unsubscribe
from governance.custody import lock
from governance.errors import LeadLockedError, LeadUnknownError
from governance.preferences import Choices, Way, Wording
from tests.governance.lead_desk import ACTOR, NOW, Desk, a_lead, open_desk

WORDING = Wording({way: Notice("1", f"yes to {way}", "en") for way in Way}, Notice("1", "stop", "en"))
LATER = NOW + timedelta(hours=1)
NOBODY = "7a52ab05-2e94-4b47-a1a5-74be0f8a2c11"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Databases of this test alone."""
    with open_desk(tmp_path) as opened:
        yield opened


@pytest.fixture
def jane(desk: Desk) -> str:
    """A lead."""
    [placed] = desk.take_in(a_lead())
    assert placed.lead_id is not None
    return placed.lead_id


def chosen(desk: Desk, lead_id: str, choices: Choices) -> int:
    """Choose in a transaction of its own."""
    with desk.session() as session:
        return choose(session, desk.keyring, lead_id, choices, WORDING, now=LATER, actor=ACTOR)


def test_each_word_is_an_event_under_an_entry_of_its_own(desk: Desk, jane: str) -> None:
    """Said twice, written once."""
    choices = Choices({Way.EMAIL: True, Way.POST: False})
    first, again = chosen(desk, jane, choices), chosen(desk, jane, choices)
    with desk.session() as session:
        told = [one for one in history(session, jane) if one.event.occurred_at == LATER]
        entries = {row.entry_id for row in session.query(PendingRow)}

    assert (first, again) == (2, 0)
    assert sorted(one.event.kind for one in told) == ["consent", "objection"]
    assert len({one.entry_id for one in told} & entries) == 2


def test_unsubscribing_twice_is_unsubscribing(desk: Desk, jane: str) -> None:
    """The second says that it was known."""
    with desk.session() as session:
        said = [unsubscribe(session, desk.keyring, jane, now=LATER, actor=ACTOR) for _ in range(2)]
        facts = facts_of(session, [jane])[jane]

    assert said == [True, False]
    assert facts["suppressions"] == [
        {"type": "unsubscribe", "received_on": LATER.isoformat(), "channels": ["email"]}
    ]


def test_nothing_is_written_for_somebody_who_is_gone(desk: Desk, jane: str) -> None:
    """Being erased, or never here."""
    with desk.session() as session:
        lock(session, jane)
    with pytest.raises(LeadLockedError):
        chosen(desk, jane, Choices({}, nothing_more=True))
    with pytest.raises(LeadUnknownError):
        chosen(desk, NOBODY, Choices({}, nothing_more=True))
    with desk.session() as session, pytest.raises(LeadUnknownError):
        facts_for(session, NOBODY)
