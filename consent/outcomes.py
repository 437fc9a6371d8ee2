"""What the asker then did with an answer. A message that was sent becomes a fact for the next decision."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actions import Action
from audit.ids import new_id
from audit.log import append
from consent.decisions import StoredDecision, decision
from consent.errors import DecisionErasedError, OutcomeContradictedError
from consent.events import Event, EventKind
from consent.ledger import record
from consent.tables import OutcomeRow


class OutcomeKind(StrEnum):
    """Whether the person was contacted."""

    SENT = "sent"
    NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done, when, and the audit entry that says so."""

    kind: OutcomeKind
    at: datetime
    entry_id: str


def tell(
    session: Session, decision_id: str, kind: OutcomeKind, *, at: datetime, now: datetime, actor: str
) -> Outcome:
    """Record the outcome of a decision; telling the same again changes nothing.

    A "sent" against a "no" is recorded like any other: the trail then shows it.

    Raises:
        DecisionUnknownError: there is no such decision.
        DecisionErasedError: its lead was erased, and nothing more is recorded of them.
        OutcomeContradictedError: another outcome is on record.
    """
    told = decision(session, decision_id)
    if told.answer is None:
        raise DecisionErasedError("the lead of this decision was erased")
    known = outcome_of(session, decision_id)
    if known is not None:
        if (known.kind, known.at) != (kind, at):
            raise OutcomeContradictedError("another outcome of this decision is on record")
        return known
    appended = append(
        session,
        Action.DECISION_OUTCOME,
        actor=actor,
        now=now,
        lead_id=told.lead_id,
        object_id=decision_id,
        facts={"outcome": kind.value, "effect": told.effect},
    )
    row = OutcomeRow(
        id=new_id(now),
        decision_id=decision_id,
        outcome=kind.value,
        occurred_at=at,
        recorded_at=now,
        entry_id=appended.entry_id,
    )
    session.add(row)
    if kind is OutcomeKind.SENT and told.lead_id is not None:
        record(session, [_message(told, told.lead_id, at)], entry_id=appended.entry_id, now=now)
    return Outcome(kind, at, appended.entry_id)


def outcome_of(session: Session, decision_id: str) -> Outcome | None:
    """The outcome on record."""
    row = session.scalars(select(OutcomeRow).where(OutcomeRow.decision_id == decision_id)).first()
    return None if row is None else Outcome(OutcomeKind(row.outcome), row.occurred_at, row.entry_id)


def _message(told: StoredDecision, lead_id: str, at: datetime) -> Event:
    question = told.answer["question"] if told.answer else {}
    details = {"channel": question["channel"], "purpose": question["purpose"], "decision_id": told.id}
    return Event(lead_id, EventKind.MESSAGE_SENT, at, details)
