"""Canary leads: nobody has a reason to open them, so whoever does raises an alarm.

The mark stands in a table of its own, which no look-up, list or export of leads reads out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from audit import query
from audit.actions import Action
from audit.log import Appended, append
from audit.query import Wanted
from governance.custody import require_open
from governance.messages.queue import announce
from governance.messages.topics import Topic
from governance.tables import CanaryRow, LeadRow

IDS_A_STATEMENT = 5_000  # few enough for every driver's limit on parameters


@dataclass(frozen=True, slots=True)
class Canary:
    """A marked lead."""

    lead_id: str
    marked_at: datetime


def mark(session: Session, lead_id: str, *, now: datetime, actor: str) -> Appended | None:
    """Make the lead a canary; None where it is one already, which is no entry.

    Raises:
        LeadUnknownError, LeadLockedError: there is no such lead, or it is being erased.
    """
    require_open(session, lead_id)
    if session.get(CanaryRow, lead_id) is not None:
        return None
    session.add(CanaryRow(lead_id=lead_id, marked_at=now))
    return append(session, Action.CANARY_MARKED, actor=actor, now=now, lead_id=lead_id)


def lift(session: Session, lead_id: str, *, now: datetime, actor: str) -> Appended | None:
    """Let the lead be one like any other; None where it was, which is no entry."""
    gone = delete(CanaryRow).where(CanaryRow.lead_id == lead_id)
    if not session.connection().execute(gone).rowcount:
        return None
    return append(session, Action.CANARY_LIFTED, actor=actor, now=now, lead_id=lead_id)


def listed(session: Session, *, limit: int, after: str | None = None) -> list[Canary]:
    """Canaries by lead id: at most `limit` of those behind `after`."""
    marked = select(CanaryRow).where(CanaryRow.lead_id > (after or "")).order_by(CanaryRow.lead_id)
    return [Canary(row.lead_id, row.marked_at) for row in session.scalars(marked.limit(limit))]


def silenced(session: Session) -> Iterator[str]:
    """Entries that mark a living lead which is no canary any more though none lifted it: edited by hand."""
    marked: dict[str, str] = {}
    for entry in query.all_entries(session, Wanted(actions=(Action.CANARY_MARKED, Action.CANARY_LIFTED))):
        about = query.link(session, entry.entry_id)
        if about is None or about.lead_id is None:
            continue
        marked.pop(about.lead_id, None)
        if entry.document()["action"] == Action.CANARY_MARKED:
            marked[about.lead_id] = entry.entry_id
    for lead_id, entry_id in marked.items():
        if session.get(LeadRow, lead_id) is not None and session.get(CanaryRow, lead_id) is None:
            yield entry_id


def watch(session: Session, lead_ids: Sequence[str], *, by: Action, actor: str, now: datetime) -> int:
    """Raise the alarm for each canary among leads that are about to be opened; how many.

    In the transaction of the announcing entry, whose action is `by`: so no opening of a canary is without it.
    The message to the operator names the entry, not the lead: it may outlive the person.
    """
    marked = [
        lead_id
        for start in range(0, len(lead_ids), IDS_A_STATEMENT)
        for lead_id in session.scalars(
            select(CanaryRow.lead_id).where(CanaryRow.lead_id.in_(lead_ids[start : start + IDS_A_STATEMENT]))
        )
    ]
    for lead_id in marked:
        entry = append(
            session, Action.CANARY_OPENED, actor=actor, now=now, lead_id=lead_id, facts={"by": by.value}
        )
        facts = {"actor": actor, "by": by.value, "entry_id": entry.entry_id}
        announce(session, Topic.CANARY_OPENED, facts=facts, now=now)
    return len(marked)
