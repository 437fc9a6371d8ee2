"""References of a log of what was sent become leads, and each is held against the decisions about them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from consent.backing import Finding
from consent.check import check
from consent.question import Question, Subject
from governance import identity
from governance.reconciling import LOOK_BACK, Sent, reconcile
from tests.consent.factories import a_sitting
from tests.governance.lead_desk import NOW, Desk, open_desk

JANE, JOHN, OFFICE = ("email", "jane@example.com"), ("email", "john@example.com"), ("phone", "+49301234567")
MAIL = Question("email", "direct_marketing")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Databases of this test alone."""
    with open_desk(tmp_path) as opened:
        yield opened


def asked(desk: Desk, lead_id: str) -> str:
    """The id of a decision about a lead, which is a no: nothing is known of a consent."""
    with desk.session() as session:
        answered, _ = check(session.connection(), a_sitting(NOW), MAIL, Subject((lead_id,)))
    return answered.decision_id


def findings(desk: Desk, *sent: Sent) -> list[Finding]:
    """What is to be said of each."""
    with desk.session() as session:
        return [one.finding for one in reconcile(session, desk.keyring, sent)]


def test_lines_that_name_a_decision_and_lines_that_do_not_go_together(desk: Desk) -> None:
    """In their order; a decision of before the look-back is none."""
    jane = desk.a_known_lead(JANE)
    desk.a_known_lead(JOHN)
    decision_id = asked(desk, jane)
    to_jane, to_john = identity.email(JANE[1]), identity.email(JOHN[1])

    assert findings(
        desk,
        Sent(to_jane, "email", NOW),
        Sent(to_john, "email", NOW),
        Sent(to_jane, "email", NOW, decision_id=decision_id),
        Sent(to_john, "email", NOW, decision_id=decision_id),
        Sent(identity.email("nobody@example.com"), "email", NOW),
    ) == [
        Finding.DENIED,
        Finding.NO_DECISION,
        Finding.DENIED,
        Finding.OTHER_CONTACT,
        Finding.LEAD_UNKNOWN,
    ]
    assert findings(desk, Sent(to_jane, "email", NOW + LOOK_BACK + timedelta(days=1))) == [
        Finding.NO_DECISION
    ]
    assert findings(desk) == []


def test_of_a_shared_number_any_of_those_who_share_it_may_be_meant(desk: Desk) -> None:
    """As the check that was asked about it."""
    desk.a_known_lead(JANE, OFFICE)
    john = desk.a_known_lead(JOHN, OFFICE)
    asked(desk, john)

    assert findings(desk, Sent(identity.phone(OFFICE[1]), "email", NOW)) == [Finding.DENIED]
