"""Putting messages into the queue, in the caller's transaction: a change commits with what is said of it.

`message.queued` is written here; `message.sent` or `message.failed` where the outcome is known (`outbox`).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from audit.actions import Action
from audit.canonical import JSON
from audit.entry import SERVICE, Entry
from audit.ids import new_id
from audit.log import append_many
from governance.errors import MessageInvalidError
from governance.messages.addresses import check_letter
from governance.messages.patience import DeliveryCode
from governance.messages.tables import MessageRow, MessageState
from governance.messages.topics import Topic
from governance.vault.sealing import Cell, DataKey, open_sealed, seal

_PLAIN = re.compile(r"[\w:.+/-]{0,200}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one person or recipient. Without `to` it waits, failed, for a person to send it otherwise."""

    topic: Topic
    to: str | None = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)


def announce(session: Session, topic: Topic, *, facts: Mapping[str, JSON], now: datetime) -> str:
    """Tells the operator: a webhook and a mail to the staff, where they are set; gives the message's id.

    Args:
        session: The caller's writing session.
        topic: What happened.
        facts: Ids, counts, instants and closed codes: everything in it is sent in clear.
        now: When it happened.

    Raises:
        MessageInvalidError: a fact looks like more than that.
    """
    if not _is_plain(dict(facts)):
        raise MessageInvalidError("a notice says ids, counts, instants and codes, and nothing else")
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return _queue(session, [_row(topic, now, facts=text)], now=now)[0]


def post(
    session: Session, key: DataKey, topic: Topic, *, to: str, subject: str, text: str, now: datetime
) -> str:
    """Queues a mail, sealed under a request's or case's key, and gives the message's id.

    Raises:
        MessageInvalidError: an address or subject that no mail can carry.
    """
    return post_many(session, [(key, Letter(topic, to, subject, text))], now=now)[0]


def post_many(
    session: Session,
    letters: Sequence[tuple[DataKey, Letter]],
    *,
    now: datetime,
    unsendable: DeliveryCode | None = None,
) -> list[str]:
    """`post` for many letters in few statements, each under its own key; the ids stand in their order.

    With `unsendable` they are kept as failed from the start, for that reason.

    Raises:
        MessageInvalidError: see `post`; nothing was queued then.
    """
    rows = [_letter_row(key, letter, now, unsendable) for key, letter in letters]
    return _queue(session, rows, now=now)


def keep_lost(session: Session, owner: str, topic: Topic, code: DeliveryCode, *, now: datetime) -> str:
    """Keeps, as failed, that a letter was due which can not be written: of `owner` the key is gone, say."""
    row = _row(topic, now, owner=owner)
    row.state, row.code, row.ended_at = MessageState.FAILED, code, now
    return _queue(session, [row], now=now)[0]


def open_letter(key: DataKey, message_id: str, sealed: bytes) -> dict[str, str | None]:
    """What a letter says: `to`, `subject`, `text`. Pure.

    Raises:
        SealBroken: it is not this key's.
    """
    opened: dict[str, str | None] = json.loads(open_sealed(key, _cell(message_id, key.owner), sealed))
    return opened


def listed(
    session: Session,
    *,
    limit: int,
    state: MessageState | None = None,
    code: DeliveryCode | None = None,
    owner: str | None = None,
) -> list[dict[str, Any]]:
    """Messages, the newest first: what became of each, never what it says or to whom."""
    query = select(MessageRow).order_by(MessageRow.created_at.desc(), MessageRow.id.desc()).limit(limit)
    if state is not None:
        query = query.where(MessageRow.state == state)
    if code is not None:
        query = query.where(MessageRow.code == code)
    if owner is not None:
        query = query.where(MessageRow.owner == owner)
    return [described(row) for row in session.scalars(query)]


def described(row: MessageRow) -> dict[str, Any]:
    """One message without what it says."""
    return {
        "id": row.id,
        "topic": row.topic,
        "state": row.state,
        "tries": row.tries,
        "code": row.code,
        "created_at": row.created_at,
        "ended_at": row.ended_at,
    }


def unsent(session: Session) -> dict[str, int]:
    """How many messages wait, and how many failed for good."""
    counted = dict.fromkeys((MessageState.QUEUED.value, MessageState.FAILED.value), 0)
    query = select(MessageRow.state, func.count()).where(MessageRow.state.in_(counted))
    return counted | dict(session.execute(query.group_by(MessageRow.state)).all())


def forget(session: Session, owners: Sequence[str]) -> None:
    """Empties what stood sealed under destroyed keys; that a letter was sent, and when, stays."""
    session.execute(update(MessageRow).where(MessageRow.owner.in_(owners)).values(sealed=None))


def drop_letters(session: Session, owners: Sequence[str]) -> None:
    """Deletes the letters of files that are kept no longer."""
    session.execute(delete(MessageRow).where(MessageRow.owner.in_(owners)))


def drop_notices(session: Session, *, before: datetime) -> None:
    """Deletes notices that ended so long ago; what they told of stands where it happened."""
    session.execute(delete(MessageRow).where(MessageRow.owner.is_(None), MessageRow.ended_at <= before))


def _queue(session: Session, rows: Sequence[MessageRow], *, now: datetime) -> list[str]:
    session.add_all(rows)
    append_many(session, [_entry(row, now) for row in rows])
    return [row.id for row in rows]


def _entry(row: MessageRow, now: datetime) -> Entry:
    """What the trail says of a new message: that it is to be sent, or that it can not be."""
    if row.code is None:
        return Entry(Action.MESSAGE_QUEUED, SERVICE, now, None, row.id, {"topic": row.topic})
    facts: dict[str, JSON] = {"topic": row.topic, "tries": 0, "code": row.code}
    return Entry(Action.MESSAGE_FAILED, SERVICE, now, None, row.id, facts)


def _letter_row(key: DataKey, letter: Letter, now: datetime, unsendable: DeliveryCode | None) -> MessageRow:
    check_letter(letter.to, letter.subject, letter.text)
    row = _row(letter.topic, now, owner=key.owner)
    said = {"to": letter.to, "subject": letter.subject, "text": letter.text}
    row.sealed = seal(key, _cell(row.id, key.owner), json.dumps(said, ensure_ascii=False).encode())
    code = DeliveryCode.NO_ADDRESS if letter.to is None else unsendable
    if code is not None:
        row.state, row.code, row.ended_at = MessageState.FAILED, code, now
    return row


def _row(topic: Topic, now: datetime, *, facts: str | None = None, owner: str | None = None) -> MessageRow:
    return MessageRow(
        id=new_id(now),
        topic=topic,
        owner=owner,
        facts=facts,
        state=MessageState.QUEUED,
        delivered="",
        tries=0,
        created_at=now,
        due_at=now,
        fence=0,
    )


def _cell(message_id: str, owner: str) -> Cell:
    return Cell(table="messages", column="letter", record=message_id, owner=owner, record_version=1)


def _is_plain(value: object) -> bool:
    """Whether a fact is what a closed code, an id, a count or an instant can be: no spaces, no `@`."""
    if isinstance(value, Mapping):
        return all(_is_plain(name) and _is_plain(each) for name, each in value.items())
    if isinstance(value, list | tuple):
        return all(_is_plain(each) for each in value)
    if isinstance(value, str):
        return _PLAIN.fullmatch(value) is not None
    return value is None or isinstance(value, bool | int)
