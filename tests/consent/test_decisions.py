"""Reading stored decisions."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from consent.decisions import decision, decisions_about, receivable
from consent.errors import DecisionErasedError, DecisionUnknownError
from consent.ledger import forget
from tests.consent.factories import asked, the_german


def test_a_decision_is_read_as_it_was_stored(session: Session, now: datetime) -> None:
    """Answer, facts, and a proof of one leaf."""
    decision_id = asked(session, now, the_german(session, now))

    found = decision(session, decision_id)

    assert found.answer is not None
    assert found.facts is not None
    assert found.proof is not None
    assert (found.answer["decision_id"], found.facts["jurisdiction"]) == (decision_id, "DE")
    assert (found.proof.size, found.proof.path) == (1, [])


def test_a_receipt_can_be_made_again(session: Session, now: datetime) -> None:
    """Of what is stored, for the key that asked."""
    found = decision(session, asked(session, now, the_german(session, now)))

    made = receivable(found, b"l" * 32)

    assert (made.asker, made.lead_id, made.decided_at) == ("key-1", "lead-1", now)


def test_all_decisions_about_a_lead_are_found(session: Session, now: datetime) -> None:
    """And none about another."""
    mine = [asked(session, now, the_german(session, now)) for _ in range(3)]
    asked(session, now, the_german(session, now, "lead-2"))

    assert sorted(mine) == sorted(found.id for found in decisions_about(session, "lead-1"))


def test_an_erased_decision_has_nothing_to_sign(session: Session, now: datetime) -> None:
    """Its id still answers."""
    decision_id = asked(session, now, the_german(session, now))
    forget(session, "lead-1", now=now)
    session.expire_all()

    found = decision(session, decision_id)

    assert (found.answer, found.facts, found.proof, found.lead_id) == (None,) * 4
    with pytest.raises(DecisionErasedError):
        receivable(found, b"l" * 32)


def test_an_unknown_decision_is_an_error(session: Session) -> None:
    """An id that nobody was given."""
    with pytest.raises(DecisionUnknownError):
        decision(session, "none")
