"""What auditors ask of the trail. Answers come from the hashed bytes; columns and links only find them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from audit import stored_tree
from audit.actions import Action
from audit.commitment import LEAD, OBJECT, commits_to
from audit.entry import parse_entry, stamp
from audit.errors import SizeUnknownError
from audit.proof import Proof
from audit.tables import EntryRow, LinkRow, PendingRow

OPENINGS = (
    Action.LEAD_LOOKED_UP,
    Action.LEAD_OPENED,
    Action.REQUEST_PACKAGE_OPENED,
    Action.REQUEST_CANDIDATES_OPENED,
    Action.REQUEST_FILE_OPENED,
    Action.REQUEST_LETTER_OPENED,
)
"""Every entry that stands before somebody's data are opened; what opens more adds its action here."""

ROWS_A_READ = 1_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; what is None does not matter. `since` is included, `until` is not."""

    lead_id: str | None = field(default=None, repr=False)
    actor: str | None = None
    actions: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """An entry; `index` is None as long as it is pending."""

    entry_id: str
    index: int | None
    body: bytes

    def document(self) -> dict[str, Any]:
        """What the entry says."""
        return parse_entry(self.body)


@dataclass(frozen=True, slots=True)
class Link:
    """Who an entry is about, with the salt that proves it; gone once the lead is erased."""

    salt: bytes = field(repr=False)
    lead_id: str | None = field(repr=False)
    object_id: str | None = field(repr=False)

    def fits(self, document: dict[str, Any]) -> bool:
        """Whether the entry commits to just this lead and this object."""
        about = ((LEAD, self.lead_id, document.get("lead")), (OBJECT, self.object_id, document.get("object")))
        return all(
            (identifier is None) == (commitment is None)
            and (commitment is None or commits_to(commitment, label, self.salt, identifier or ""))
            for label, identifier, commitment in about
        )


@dataclass(slots=True)
class Exposure:
    """What one key has opened: for an Article 33 notice, should it have leaked."""

    leads: dict[str, set[str]] = field(default_factory=dict, repr=False)
    openings: int = 0
    of_erased: int = 0


def entries(session: Session, wanted: Wanted, *, after: int | None, limit: int) -> list[Found]:
    """Up to `limit` sequenced entries behind index `after`, in the log's order."""
    query = select(EntryRow.entry_id, EntryRow.idx, EntryRow.body).where(*_conditions(wanted))
    if wanted.lead_id is not None:
        query = query.join(LinkRow, LinkRow.entry_id == EntryRow.entry_id)
        query = query.where(LinkRow.lead_id == wanted.lead_id)
    if after is not None:
        query = query.where(EntryRow.idx > after)
    return [Found(*row) for row in session.execute(query.order_by(EntryRow.idx).limit(limit))]


def all_entries(session: Session, wanted: Wanted) -> Iterator[Found]:
    """Every sequenced entry that fits, read in pages."""
    after: int | None = None
    while page := entries(session, wanted, after=after, limit=ROWS_A_READ):
        yield from page
        after = page[-1].index


def entry(session: Session, entry_id: str) -> Found | None:
    """One entry, pending or sequenced; None if there is none."""
    sequenced = select(EntryRow.entry_id, EntryRow.idx, EntryRow.body).where(EntryRow.entry_id == entry_id)
    row = session.execute(sequenced).first()
    if row is not None:
        return Found(*row)
    body = session.scalar(select(PendingRow.body).where(PendingRow.entry_id == entry_id))
    return None if body is None else Found(entry_id, None, body)


def link(session: Session, entry_id: str) -> Link | None:
    """Who an entry is about; None when it is about nobody, or the person was erased."""
    query = select(LinkRow.salt, LinkRow.lead_id, LinkRow.object_id).where(LinkRow.entry_id == entry_id)
    row = session.execute(query).first()
    return None if row is None else Link(*row)


def prove(session: Session, found: Found) -> Proof:
    """The self-contained proof of a sequenced entry under the newest checkpoint.

    Raises:
        SizeUnknownError: the entry is still pending.
        LogBrokenError: tiles are missing.
    """
    note = stored_tree.head_note(session)
    if found.index is None or note is None:
        raise SizeUnknownError("the entry has no index yet; ask again in a second")
    path = stored_tree.inclusion(session, found.index, stored_tree.size(session))
    return Proof(found.body, found.index, tuple(path), note)


def openings(session: Session, lead_id: str) -> list[Found]:
    """Who saw this lead and why: every opening of their fields, in order."""
    return list(all_entries(session, Wanted(lead_id=lead_id, actions=OPENINGS)))


def exposure(session: Session, actor: str, since: datetime | None, until: datetime | None) -> Exposure:
    """Which leads, and which of their fields, this key has opened in a period."""
    found = Exposure()
    for each in all_entries(session, Wanted(actor=actor, actions=OPENINGS, since=since, until=until)):
        found.openings += 1
        linked = link(session, each.entry_id)
        if linked is None or linked.lead_id is None:
            found.of_erased += 1
        else:
            document = each.document()
            fields = document["facts"].get("fields", (document["action"],))  # else all that it shows
            found.leads.setdefault(linked.lead_id, set()).update(fields)
    return found


def counted(session: Session, actions: Sequence[str]) -> dict[str, int]:
    """How many entries there are of each of these actions, pending ones too."""
    found = dict.fromkeys(actions, 0)
    for row in (EntryRow, PendingRow):
        query = select(row.action, func.count()).where(row.action.in_(actions)).group_by(row.action)
        for action, number in session.execute(query):
            found[action] += number
    return found


def broken_links(session: Session) -> Iterator[str]:
    """Entries whose link names somebody to whom the entry does not commit: the link table was edited."""
    after = ""
    while True:
        query = (
            select(LinkRow.entry_id, LinkRow.salt, LinkRow.lead_id, LinkRow.object_id, EntryRow.body)
            .join(EntryRow, EntryRow.entry_id == LinkRow.entry_id)
            .where(LinkRow.entry_id > after)
            .order_by(LinkRow.entry_id)
            .limit(ROWS_A_READ)
        )
        rows = session.execute(query).all()
        for entry_id, salt, lead_id, object_id, body in rows:
            if not Link(salt, lead_id, object_id).fits(parse_entry(body)):
                yield entry_id
        if not rows:
            return
        after = rows[-1][0]


def misfiled(session: Session) -> Iterator[str]:
    """Entries whose columns do not say what their bytes say: hidden from a search, or shown in another."""
    after = -1
    columns = (EntryRow.idx, EntryRow.entry_id, EntryRow.action, EntryRow.actor, EntryRow.at, EntryRow.body)
    while True:
        query = select(*columns).where(EntryRow.idx > after).order_by(EntryRow.idx).limit(ROWS_A_READ)
        rows = session.execute(query).all()
        for _, entry_id, action, actor, at, body in rows:
            document = parse_entry(body)
            told = tuple(document.get(name) for name in ("id", "action", "actor", "at"))
            if told != (entry_id, action, actor, stamp(at)):
                yield entry_id
        if not rows:
            return
        after = rows[-1][0]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.actor is not None:
        conditions.append(EntryRow.actor == wanted.actor)
    if wanted.actions:
        conditions.append(EntryRow.action.in_(wanted.actions))
    if wanted.since is not None:
        conditions.append(EntryRow.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(EntryRow.at < wanted.until)
    return conditions
