"""Writing a log, or a part of it, as a transcript that can be verified offline."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit import stored_tree
from audit.checkpoint import Checkpoint
from audit.errors import SizeUnknownError
from audit.keys import listed
from audit.merkle import subtrees
from audit.note import Note
from audit.tables import EntryRow
from audit.transcript import Header, Part, entry_line


@dataclass(frozen=True, slots=True)
class Period:
    """From, included, until, excluded; None is open."""

    since: datetime | None = None
    until: datetime | None = None

    def is_open(self) -> bool:
        """Whether it leaves nothing out."""
        return self.since is None and self.until is None


WHOLE = Period()
ENTRIES_A_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What a transcript will hold: its first line, and the entries [first, end)."""

    header: Header
    first: int
    end: int

    def pages(self) -> Iterator[tuple[int, int]]:
        """The entries in runs to be read at once; a log only grows, so each may have its own session."""
        for start in range(self.first, self.end, ENTRIES_A_PAGE):
            yield start, min(self.end, start + ENTRIES_A_PAGE)


def plan(session: Session, period: Period = WHOLE) -> Plan:
    """A transcript of the whole log as it is now, or of the part that covers a period.

    A part is one run of indexes, from the first to the last entry made in the period; the few entries of
    neighbouring times that stand between them belong to it, for only a run can be proved to be complete.

    Raises:
        SizeUnknownError: nothing was signed yet.
        LogBrokenError: tiles are missing.
    """
    note = stored_tree.head_note(session)
    if note is None:
        raise SizeUnknownError("nothing has been signed yet")
    head = Checkpoint.parse(Note.parse(note).text)
    part = None if period.is_open() else _part(session, period, head.size)
    header = Header(head.origin, note, tuple(key.vkey for key in listed(session)), part)
    return Plan(header, *((0, head.size) if part is None else (part.first, part.first + part.count)))


def page(session: Session, start: int, end: int) -> bytes:
    """The lines of the entries [start, end).

    Raises:
        LogBrokenError: an entry is missing.
    """
    return b"".join(entry_line(index, body) for index, body in stored_tree.bodies(session, start, end))


def _part(session: Session, period: Period, size: int) -> Part:
    query = select(func.min(EntryRow.idx), func.max(EntryRow.idx)).where(EntryRow.idx < size)
    if period.since is not None:
        query = query.where(EntryRow.at >= period.since)
    if period.until is not None:
        query = query.where(EntryRow.at < period.until)
    lowest, highest = session.execute(query).one()
    first, end = (0, 0) if lowest is None else (lowest, highest + 1)
    node = stored_tree.stored_nodes(session)
    left = tuple(node(level, index) for level, index in subtrees(0, first))
    right = tuple(node(level, index) for level, index in subtrees(end, size))
    return Part(first, end - first, left, right)
