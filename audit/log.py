"""Writing to the trail: an entry commits with what it records; its place in the tree comes a second later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete
from sqlalchemy.orm import Session

from audit.canonical import JSON
from audit.columns import to_micros
from audit.commitment import new_salt
from audit.entry import NO_FACTS, Entry, entry_bytes
from audit.ids import new_id
from audit.merkle import leaf_hash
from audit.statements import HeldInsert, Values
from audit.tables import LinkRow, PendingRow

_PENDING = HeldInsert(PendingRow, "entry_id", "body", "action", "actor", "at")
_LINKS = HeldInsert(LinkRow, "entry_id", "salt", "lead_id", "object_id")
IDS_A_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class Appended:
    """What a caller may show for its entry: the id, and the RFC 6962 leaf hash of the exact bytes."""

    entry_id: str
    leaf_hash: bytes


def append(
    session: Session,
    action: str,
    *,
    actor: str,
    now: datetime,
    lead_id: str | None = None,
    object_id: str | None = None,
    facts: Mapping[str, JSON] | None = None,
) -> Appended:
    """Add one entry to the caller's transaction.

    `facts` hold no floats, no personal data and no id of a lead, request or object: those go into `lead_id`
    and `object_id`, which enter the tree as salted commitments only.

    Raises:
        EntryRefusedError: see `entry_bytes`.
    """
    entry = Entry(action, actor, now, lead_id, object_id, NO_FACTS if facts is None else facts)
    return append_core(session.connection(), entry)


def append_core(connection: Connection, entry: Entry) -> Appended:
    """`append` without the ORM, for the hot path."""
    pending, link, appended = _rows(entry)
    _PENDING.one(connection, pending)
    if link is not None:
        _LINKS.one(connection, link)
    return appended


def append_many(session: Session, entries: Sequence[Entry]) -> list[Appended]:
    """Add many entries at once; answers stand in the order of `entries`.

    Raises:
        EntryRefusedError: see `entry_bytes`; nothing was written then.
    """
    return append_many_core(session.connection(), entries)


def append_many_core(connection: Connection, entries: Sequence[Entry]) -> list[Appended]:
    """`append_many` without the ORM, for the hot path."""
    made = [_rows(entry) for entry in entries]
    _PENDING.many(connection, [pending for pending, _, _ in made])
    _LINKS.many(connection, [link for _, link, _ in made if link is not None])
    return [appended for _, _, appended in made]


def unlink(session: Session, lead_id: str) -> int:
    """Forget which entries are about this lead; returns how many were.

    The salts go too, so the commitments that stay in the tree can never again be tied to anyone.
    """
    return unlink_each(session, [lead_id])


def unlink_each(session: Session, lead_ids: Sequence[str]) -> int:
    """`unlink` for many leads, with few statements; returns how many entries were about any of them."""
    removed = 0
    for start in range(0, len(lead_ids), IDS_A_STATEMENT):
        part = lead_ids[start : start + IDS_A_STATEMENT]
        removed += session.connection().execute(delete(LinkRow).where(LinkRow.lead_id.in_(part))).rowcount
    return removed


def unlink_objects(session: Session, object_ids: Sequence[str]) -> int:
    """Forget which entries are about these objects (requests, consents, decisions); returns how many were."""
    removed = 0
    for start in range(0, len(object_ids), IDS_A_STATEMENT):
        part = object_ids[start : start + IDS_A_STATEMENT]
        removed += session.connection().execute(delete(LinkRow).where(LinkRow.object_id.in_(part))).rowcount
    return removed


def _rows(entry: Entry) -> tuple[Values, Values | None, Appended]:
    """The values of a pending row and of its link, and what the caller is told."""
    entry_id, salt = new_id(entry.now), new_salt()
    body = entry_bytes(entry, entry_id, salt)
    pending = (entry_id, body, str(entry.action), entry.actor, to_micros(entry.now))
    about = entry.lead_id or entry.object_id
    link = (entry_id, salt, entry.lead_id, entry.object_id) if about else None
    return pending, link, Appended(entry_id, leaf_hash(body))
