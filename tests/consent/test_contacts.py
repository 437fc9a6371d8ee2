"""Contacts: what two systems tell of one message is one contact, and two messages stay two."""

import pytest
from sqlalchemy.orm import Session

from audit.canonical import JSON
from consent.contacts import ONE_ANSWER, contacts
from consent.decision import HOLDS
from consent.events import Event, EventKind
from consent.ledger import facts_of, record
from consent.outcomes import OutcomeKind, tell
from tests.consent.factories import asked, day, the_german

MINUTE = 1 / 24 / 60  # of a day
OUTCOME: dict[str, JSON] = {"channel": "email", "purpose": "direct_marketing", "decision_id": "decision-1"}


def sent(at: float = 0, **details: JSON) -> Event:
    """A message as it is told of."""
    return Event("lead-1", EventKind.MESSAGE_SENT, day(at), details)


@pytest.mark.parametrize(
    ("further", "counted"),
    [
        (sent(0, channel="email", purpose="direct_marketing"), 1),
        (sent(0, channel="email"), 1),
        (sent(0.9 * MINUTE, channel="email", purpose="direct_marketing"), 1),
        (sent(-0.9 * MINUTE, channel="email"), 1),
        (sent(15 * MINUTE, **OUTCOME), 1),
        (sent(15.1 * MINUTE, **OUTCOME), 2),
        (sent(9, **OUTCOME), 2),
        (sent(0, **{**OUTCOME, "channel": "sms"}), 2),
        (sent(1.1 * MINUTE, channel="email"), 2),
        (sent(0, channel="email", purpose="research"), 2),
        (sent(0, **{**OUTCOME, "decision_id": "decision-2"}), 2),
    ],
)
def test_an_outcome_and_an_event_of_one_message_are_one_contact(further: Event, counted: int) -> None:
    """By the decision while it holds, or by channel, purpose and minute; all else is another contact."""
    assert sum(map(len, contacts([sent(0, **OUTCOME), further]).values())) == counted


def test_one_answer_is_as_long_as_a_decision_holds() -> None:
    """The two constants live apart, for the rulebook is read by what the decision needs."""
    assert ONE_ANSWER == HOLDS


def test_an_outcome_stands_for_one_event_only() -> None:
    """Two mails within a minute, of which one was asked for, are two."""
    told = [sent(0, **OUTCOME), sent(0.1 * MINUTE, channel="email"), sent(0.2 * MINUTE, channel="email")]

    assert len(contacts(told)["email"]) == 2


def test_one_decision_stands_for_no_more_than_it_can_be_told() -> None:
    """An outcome and an event: whoever names the decision a third time sent again."""
    told = [sent(number * MINUTE, **OUTCOME) for number in range(15)]

    assert [len(contacts(told[:count])["email"]) for count in (1, 2, 3, 4, 15)] == [1, 1, 2, 2, 8]


def test_another_channel_is_another_contact() -> None:
    """A call and a mail at one moment are one each."""
    found = contacts([sent(0, **OUTCOME), sent(0, channel="phone_live")])

    assert found == {"email": [day(0).isoformat()], "phone_live": [day(0).isoformat()]}


def test_the_same_told_twice_without_a_decision_is_two() -> None:
    """Nobody can know: the strict answer stands, and repeated calls have a key of their own."""
    assert len(contacts([sent(0, channel="email")] * 2)["email"]) == 2


def test_caps_count_a_message_once_through_the_ledger(session: Session) -> None:
    """The outcome of a decision, then the sender's own log of the same message."""
    now = day(3)
    lead_id = the_german(session, now)
    decision_id = asked(session, now, lead_id)
    outcome = tell(session, decision_id, OutcomeKind.SENT, at=now, now=now, actor="key-1")
    event = Event(lead_id, EventKind.MESSAGE_SENT, now, {"channel": "email", "purpose": "direct_marketing"})
    record(session, [event], entry_id=outcome.entry_id, now=now)

    assert facts_of(session, [lead_id])[lead_id]["contacts"] == {"email": [now.isoformat()]}
