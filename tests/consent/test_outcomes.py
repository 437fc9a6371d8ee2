"""What the asker then did."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from audit.entry import parse_entry
from audit.tables import PendingRow
from consent.errors import DecisionErasedError, OutcomeContradictedError
from consent.ledger import facts_of, forget
from consent.outcomes import Outcome, OutcomeKind, outcome_of, tell
from tests.consent.factories import asked, the_german


def told(session: Session, decision_id: str, kind: OutcomeKind, now: datetime) -> Outcome:
    """The outcome, told by the key that asked."""
    return tell(session, decision_id, kind, at=now, now=now, actor="key-1")


def test_a_message_that_was_sent_is_a_fact(session: Session, now: datetime) -> None:
    """It counts for caps and for the use of the consent; the entry says what was answered before."""
    lead_id = the_german(session, now)
    outcome = told(session, asked(session, now, lead_id), OutcomeKind.SENT, now)

    entry = parse_entry(session.get_one(PendingRow, outcome.entry_id).body)
    facts = facts_of(session, [lead_id])[lead_id]
    assert entry["facts"] == {"outcome": "sent", "effect": "allow"}
    assert facts["contacts"] == {"email": [now.isoformat()]}
    assert facts["consents"][0]["last_used_on"] == now.isoformat()


def test_what_was_not_sent_is_no_contact(session: Session, now: datetime) -> None:
    """Only the outcome is kept."""
    lead_id = the_german(session, now)
    decision_id = asked(session, now, lead_id)

    outcome = told(session, decision_id, OutcomeKind.NOT_SENT, now)

    assert "contacts" not in facts_of(session, [lead_id])[lead_id]
    assert outcome_of(session, decision_id) == outcome


def test_the_same_twice_is_once_and_another_contradicts(session: Session, now: datetime) -> None:
    """A retry is safe; a change of mind is an error."""
    decision_id = asked(session, now, the_german(session, now))
    first, again = (told(session, decision_id, OutcomeKind.SENT, now) for _ in range(2))

    assert first == again
    with pytest.raises(OutcomeContradictedError):
        told(session, decision_id, OutcomeKind.NOT_SENT, now)


def test_of_an_erased_lead_nothing_more_is_told(session: Session, now: datetime) -> None:
    """An outcome must not bring a person back."""
    lead_id = the_german(session, now)
    decision_id = asked(session, now, lead_id)
    forget(session, lead_id, now=now)
    session.expire_all()

    with pytest.raises(DecisionErasedError):
        told(session, decision_id, OutcomeKind.SENT, now)
    assert facts_of(session, [lead_id]) == {}
