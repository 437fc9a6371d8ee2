"""The first step of a look-up: what the trail says before anything is opened."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from audit.tables import LinkRow, PendingRow
from governance import identity
from governance.identity import Reference
from governance.lookup import Announced, Miss, announce
from governance.openings import Opener, Refused
from governance.scopes import Allowance
from tests.governance.lead_desk import ACTOR, NOW, Desk, open_desk

JANE, JOHN = ("email", "jane@example.com"), ("email", "john@example.com")
OFFICE = ("phone", "+49301234567")
OPENER = Opener(ACTOR, Allowance(2, 3))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Databases of this test alone."""
    with open_desk(tmp_path) as opened:
        yield opened


def ask(desk: Desk, reference: Reference) -> tuple[Announced | Miss | Refused, str, dict[str, Any]]:
    """Announce a look-up; with it the action and the facts of its entry."""
    with desk.session() as session:
        answer = announce(session, desk.keyring, reference, purpose="support", now=NOW, opener=OPENER)
    with desk.session() as session:
        newest = select(PendingRow.action, PendingRow.body).where(PendingRow.action.like("lead.look%"))
        [(action, body)] = session.execute(newest).all()
    return answer, action, json.loads(body)


def test_an_opening_is_announced_with_purpose_and_fields(desk: Desk) -> None:
    """Linked to the lead outside the tree, a commitment inside."""
    lead_id = desk.a_known_lead(JANE, profile={"city": "Ghent"})
    answer, action, entry = ask(desk, identity.email(JANE[1]))
    assert isinstance(answer, Announced)
    with desk.session() as session:
        linked = session.scalar(select(LinkRow.lead_id).where(LinkRow.entry_id == answer.appended.entry_id))

    assert answer.lead_id == lead_id == linked
    assert action == "lead.looked_up"
    assert entry["facts"] == {"purpose": "support", "fields": ["email", "profile.city"]}
    assert lead_id not in json.dumps(entry)


def test_a_miss_says_that_somebody_asked_and_not_for_whom(desk: Desk) -> None:
    """No commitment, no link, no address."""
    answer, action, entry = ask(desk, identity.email("nobody@example.com"))

    assert answer is Miss.UNKNOWN
    assert action == "lead.lookup_missed"
    assert entry["facts"] == {"purpose": "support", "code": "lead_unknown"}
    assert "lead" not in entry


def test_what_several_share_is_a_miss_too(desk: Desk) -> None:
    """Nobody is opened on a guess."""
    desk.a_known_lead(JANE, OFFICE)
    desk.a_known_lead(JOHN, OFFICE)
    answer, action, entry = ask(desk, identity.phone(OFFICE[1]))

    assert answer is Miss.AMBIGUOUS
    assert action == "lead.lookup_missed"
    assert entry["facts"]["code"] == "identity_ambiguous"
