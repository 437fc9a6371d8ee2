"""Recipients of the person's data (GDPR art. 19): who is told, how, and what they answered.

A store with an interface is told by what is done in it. Behind a store that a person works by hand stands a
recipient; where its description has a mail address (`recipient.contact`), they are written to once the step
waits for a person, and the officer who completes the step records the answer. When a restriction ends they
are told once more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from governance.messages.settling import BY_HAND
from governance.messages.tables import MessageRow, MessageState
from governance.requests.tables import RecipientRow, StepRow
from governance.requests.vocabulary import Action, StepStatus
from governance.stores.mapping import StoreDocument


class How(StrEnum):
    """How a recipient came to know."""

    INTERFACE = "interface"
    MAIL = "mail"
    BY_HAND = "by_hand"
    NOT_TOLD = "not_told"


class Answer(StrEnum):
    """What a recipient said."""

    DONE = "done"
    NOTHING_HELD = "nothing_held"


CHANGING = frozenset({Action.ERASE, Action.RECTIFY, Action.RESTRICT})
"""What recipients must be told of (art. 19)."""


@dataclass(frozen=True, slots=True)
class Informed:
    """One recipient of one request, as things stand."""

    store: str
    name: str
    role: str
    country: str | None
    how: How
    message_id: str | None = None
    answer: Answer | None = None
    answered_at: datetime | None = None

    @property
    def was_told(self) -> bool:
        """Whether they know by now."""
        return self.how is not How.NOT_TOLD


def informed(
    session: Session, request_ids: Sequence[str], documents: Sequence[StoreDocument]
) -> dict[str, list[Informed]]:
    """The recipients of each request, by store; none for what changes nothing at theirs."""
    known = {document.store: document for document in documents}
    written = _written(session, request_ids)
    sent = _sent(session, [row.message_id for row in written.values() if row.message_id is not None])
    found: dict[str, list[Informed]] = {request_id: [] for request_id in request_ids}
    query = select(StepRow).where(StepRow.request_id.in_(request_ids)).order_by(StepRow.store)
    for step in session.scalars(query):
        document = known.get(step.store)
        if Action(step.action) in CHANGING and document is not None and document.recipient is not None:
            row = written.get((step.request_id, step.store))
            found[step.request_id].append(_informed(document, step, row, sent))
    return found


def record_answer(session: Session, request_id: str, store: str, answer: Answer, *, now: datetime) -> None:
    """Keeps what a recipient answered, whether they were written to or called."""
    row = session.get(RecipientRow, (request_id, store), with_for_update=True)
    if row is None:
        row = RecipientRow(request_id=request_id, store=store)
        session.add(row)
    row.answer, row.answered_at = answer, now


def tell_anew(session: Session, request_id: str) -> None:
    """Whoever was written to, or has answered, is to be told also that what they were told of has ended.

    A mail that never left leaves nothing to take back. What they were told and answered before stands in the
    certificate of that time, and the mail among the letters.
    """
    failed = exists().where(MessageRow.id == RecipientRow.message_id, MessageRow.state == MessageState.FAILED)
    knows = or_(RecipientRow.message_id.is_not(None), RecipientRow.answer.is_not(None))
    session.execute(delete(RecipientRow).where(RecipientRow.request_id == request_id, knows, ~failed))


def out(informed_: Informed) -> dict[str, Any]:
    """A recipient as certificate and resource name them. Pure."""
    members = {
        "store": informed_.store,
        "name": informed_.name,
        "role": informed_.role,
        "country": informed_.country,
        "told": informed_.how.value,
        "answer": informed_.answer,
        "answered_at": None if informed_.answered_at is None else informed_.answered_at.isoformat(),
    }
    return {name: value for name, value in members.items() if value is not None}


def _informed(
    document: StoreDocument, step: StepRow, row: RecipientRow | None, sent: Mapping[str, How]
) -> Informed:
    if document.recipient is None:
        raise ValueError("a store without a recipient informs nobody")
    message_id = None if row is None else row.message_id
    return Informed(
        store=step.store,
        name=document.recipient.name,
        role=document.recipient.role,
        country=document.recipient.country,
        how=_how(step, sent.get(message_id or "")),
        message_id=message_id,
        answer=None if row is None or row.answer is None else Answer(row.answer),
        answered_at=None if row is None else row.answered_at,
    )


def _how(step: StepRow, sent: How | None) -> How:
    """How the recipient behind a step was told; of what is exempt there is nothing to tell."""
    if sent is not None:
        return sent
    if step.status != StepStatus.SUCCEEDED:
        return How.NOT_TOLD
    return How.INTERFACE if step.done_by is None else How.BY_HAND


def _written(session: Session, request_ids: Sequence[str]) -> Mapping[tuple[str, str], RecipientRow]:
    rows = session.scalars(select(RecipientRow).where(RecipientRow.request_id.in_(request_ids)))
    return {(row.request_id, row.store): row for row in rows}


def _sent(session: Session, message_ids: Sequence[str]) -> dict[str, How]:
    """Those of the messages that reached whom they were for, and how."""
    query = select(MessageRow.id, MessageRow.delivered).where(
        MessageRow.id.in_(message_ids), MessageRow.state == MessageState.SENT
    )
    return {
        message_id: How.BY_HAND if delivered == BY_HAND else How.MAIL
        for message_id, delivered in session.execute(query)
    }
