"""Who delivers what, until when, and what came of it: leases with fencing tokens, as request steps have.

A message may be delivered twice, when its deliverer dies between the receiver's yes and this commit; its id
stays the same, in `webhook-id` and in `Message-ID`, so that a receiver can tell.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from audit.actions import Action
from audit.canonical import JSON
from audit.entry import SERVICE, Entry
from audit.log import append_many
from governance.messages.patience import UNTRIED_WAIT, DeliveryCode, after_failure
from governance.messages.tables import MessageRow, MessageState

LEASE = timedelta(minutes=5)
"""Longer than a batch takes, however slow its receivers are."""


class Way(StrEnum):
    """How a message leaves."""

    WEBHOOK = "webhook"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who delivers; `sole` says that no other can live (SQLite), so that others' leases are the dead's."""

    id: str
    sole: bool = False


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that is this holder's until its lease ends."""

    id: str
    topic: str
    owner: str | None
    facts: str | None
    sealed: bytes | None = field(repr=False)
    delivered: frozenset[Way]
    created_at: datetime
    fence: int

    def said(self) -> dict[str, JSON]:
        """The facts of a notice."""
        facts: dict[str, JSON] = json.loads(self.facts or "{}")
        return facts


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of one claim: the ways that are done by now, and why not all are.

    `tried` is false where nothing was tried, because the receiver had just been silent for another message.
    """

    message: Claimed
    delivered: frozenset[Way]
    code: DeliveryCode | None = None
    tried: bool = True


def is_due(session: Session, holder: Holder, *, now: datetime) -> bool:
    """Whether there is anything to claim; a look that writes nothing."""
    return session.scalars(select(MessageRow.id).where(_due(holder, now)).limit(1)).first() is not None


def claim(session: Session, holder: Holder, *, now: datetime, limit: int) -> tuple[Claimed, ...]:
    """Leases messages that are due, the longest waiting first."""
    rows = session.scalars(
        select(MessageRow)
        .where(_due(holder, now))
        .order_by(MessageRow.due_at, MessageRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.lease_owner, row.lease_until, row.fence = holder.id, now + LEASE, row.fence + 1
    return tuple(_claimed(row) for row in rows)


def record(session: Session, holder: Holder, deliveries: Sequence[Delivery], *, now: datetime) -> int:
    """Writes what came of claims that still hold, with the entries of those that ended; how many ended."""
    by_id = {each.message.id: each for each in deliveries}
    rows = session.scalars(
        select(MessageRow).where(MessageRow.id.in_(by_id)).order_by(MessageRow.id).with_for_update()
    )
    mine = [row for row in rows if row.lease_owner == holder.id and row.fence == by_id[row.id].message.fence]
    ended = [row for row in mine if _settle(row, by_id[row.id], now)]
    append_many(session, [_entry(row, now) for row in ended])
    return len(ended)


def _due(holder: Holder, now: datetime) -> ColumnElement[bool]:
    """Queued, due, and nobody living holds it."""
    free = or_(MessageRow.lease_until.is_(None), MessageRow.lease_until <= now)
    if holder.sole:
        free = or_(free, MessageRow.lease_owner != holder.id)
    return and_(MessageRow.state == MessageState.QUEUED, MessageRow.due_at <= now, free)


def _claimed(row: MessageRow) -> Claimed:
    return Claimed(
        id=row.id,
        topic=row.topic,
        owner=row.owner,
        facts=row.facts,
        sealed=row.sealed,
        delivered=frozenset(Way(way) for way in row.delivered.split()),
        created_at=row.created_at,
        fence=row.fence,
    )


def _settle(row: MessageRow, delivery: Delivery, now: datetime) -> bool:
    """The row after a try; whether that was the last one."""
    row.lease_owner = row.lease_until = None
    row.delivered, row.code = " ".join(sorted(delivery.delivered)), delivery.code
    row.tries += delivery.tried
    if delivery.code is None:
        row.state, row.ended_at = MessageState.SENT, now
        return True
    wait = after_failure(row.tries, delivery.code) if delivery.tried else UNTRIED_WAIT
    if wait is None:
        row.state, row.ended_at = MessageState.FAILED, now
        return True
    row.due_at = now + wait
    return False


def _entry(row: MessageRow, now: datetime) -> Entry:
    facts: dict[str, JSON] = {"topic": row.topic, "tries": row.tries}
    if row.state == MessageState.SENT:
        return Entry(Action.MESSAGE_SENT, SERVICE, now, None, row.id, facts)
    return Entry(Action.MESSAGE_FAILED, SERVICE, now, None, row.id, {**facts, "code": row.code})
