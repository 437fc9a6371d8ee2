"""What was published outside, beside the file: the newest checkpoint that each way took, and when it is due.

Not part of the log: publishing a checkpoint that made an entry would make the next checkpoint. Several
processes may publish; claiming puts the way off for a minute, so that one of them does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import stored_tree
from audit.tables import PublicationRow

CLAIMED_FOR = timedelta(minutes=1)
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A checkpoint to publish now."""

    way: str
    size: int
    note: str


def is_due(session: Session, way: str, *, now: datetime) -> bool:
    """Whether the log has grown since this way took a checkpoint, and it may be asked again."""
    head, row = stored_tree.head(session), session.get(PublicationRow, way)
    if head is None or row is None:
        return head is not None
    return head.size > row.size and row.due_at <= now


def claim(session: Session, way: str, *, now: datetime) -> Claimed | None:
    """The head, for whoever publishes it; None where there is nothing to publish, or another is at it."""
    row = session.get(PublicationRow, way, with_for_update=True)
    head, note = stored_tree.head(session), stored_tree.head_note(session)
    if head is None or note is None or (row is not None and (row.size >= head.size or row.due_at > now)):
        return None
    if row is None:
        row = PublicationRow(way=way, size=0, failures=0)
        session.add(row)
    row.due_at = now + CLAIMED_FOR
    return Claimed(way, head.size, note)


def took(session: Session, claimed: Claimed, *, now: datetime, every: timedelta) -> None:
    """The way took it; the next one not before `every` is over."""
    row = session.get_one(PublicationRow, claimed.way, with_for_update=True)
    row.size, row.at = max(row.size, claimed.size), now
    row.failures, row.code, row.due_at = 0, None, now + every


def refused(session: Session, claimed: Claimed, code: str, *, now: datetime) -> int:
    """It did not, with a closed code; tried again ever more rarely, for as long as it takes.

    Returns how often in a row it did not.
    """
    row = session.get_one(PublicationRow, claimed.way, with_for_update=True)
    row.failures, row.code = row.failures + 1, code
    row.due_at = now + min(FIRST_WAIT * 2 ** min(row.failures - 1, 20), LONGEST_WAIT)
    return row.failures


def listed(session: Session) -> Sequence[PublicationRow]:
    """Every way that was ever tried."""
    return session.scalars(select(PublicationRow).order_by(PublicationRow.way)).all()
