"""What a person does about a message that failed: has it tried again, or says that it was done by hand."""

from datetime import datetime

from sqlalchemy.orm import Session

from audit.actions import Action
from audit.entry import Entry
from audit.log import Appended, append_many
from governance.errors import MessageInvalidError, MessageUnknownError
from governance.messages.patience import DeliveryCode
from governance.messages.tables import MessageRow, MessageState

BY_HAND = "by_hand"
"""Stands in `delivered` of what a person said or posted by other means."""


def retry(session: Session, message_id: str, *, now: datetime, actor: str) -> Appended:
    """Queues a failed message again, with a fresh count of tries; ways that are done stay done.

    Raises:
        MessageUnknownError: there is no such message.
        MessageInvalidError: it has not failed, or what it said is gone.
    """
    row = _failed(session, message_id)
    if row.sealed is None and row.facts is None:
        raise MessageInvalidError("what the message said is gone")
    if row.code == DeliveryCode.NO_ADDRESS:
        raise MessageInvalidError("no address is known; send the letter by other means")
    row.state, row.due_at, row.ended_at, row.tries = MessageState.QUEUED, now, None, 0
    entry = Entry(Action.MESSAGE_QUEUED, actor, now, None, row.id, {"topic": row.topic, "again": True})
    return append_many(session, [entry])[0]


def done(session: Session, message_id: str, *, now: datetime, actor: str) -> Appended:
    """A person told whom it was for by other means: printed and posted it, or called; they answer for it.

    Raises:
        MessageUnknownError: there is no such message.
        MessageInvalidError: it has not failed.
    """
    row = _failed(session, message_id)
    row.state, row.ended_at, row.delivered = MessageState.SENT, now, BY_HAND
    entry = Entry(Action.MESSAGE_SENT, actor, now, None, row.id, {"topic": row.topic, "by_hand": True})
    return append_many(session, [entry])[0]


def _failed(session: Session, message_id: str) -> MessageRow:
    row = session.get(MessageRow, message_id, with_for_update=True)
    if row is None:
        raise MessageUnknownError("there is no such message")
    if row.state != MessageState.FAILED:
        raise MessageInvalidError("only a message that failed is a person's to settle")
    return row
