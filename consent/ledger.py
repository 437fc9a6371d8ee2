"""The ledger: every fact that a decision may rest on, appended and never changed.

The facts of a lead are projected from all its events in the transaction of the newest one, under a lock of
the lead's row; so they can be rebuilt from the ledger at any time, and are the same. Only erasure deletes.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from audit.canonical import canonical_text
from audit.columns import to_micros
from audit.ids import new_id
from audit.statements import HeldInsert
from consent.events import Event, EventKind, Recorded
from consent.projection import project
from consent.tables import DecisionRow, EventRow, FactsRow, OutcomeRow, bucket_of

__all__ = [
    "Event",
    "EventKind",
    "Recorded",
    "facts_of",
    "forget",
    "forget_each",
    "history",
    "rebuild",
    "record",
    "record_each",
    "recorded",
]

IDS_A_STATEMENT = 500

_EVENTS = HeldInsert(
    EventRow,
    *("id", "lead_id", "kind", "occurred_at", "recorded_at", "details", "evidence", "entry_id"),
)
_FACTS = HeldInsert(FactsRow, "lead_id", "version", "facts")
_FACTS_OF = select(FactsRow.lead_id, FactsRow.facts).where(
    FactsRow.lead_id.in_(bindparam("lead_ids", expanding=True))
)
_VERSIONS = (
    select(FactsRow.lead_id, FactsRow.version)
    .where(FactsRow.lead_id.in_(bindparam("lead_ids", expanding=True)))
    .with_for_update()
)
_PROJECTED = (
    update(FactsRow)
    .where(FactsRow.lead_id == bindparam("lead"))
    .values(version=bindparam("next"), facts=bindparam("text"))
)
_HISTORY = (
    select(EventRow.id, EventRow.lead_id, EventRow.kind, EventRow.occurred_at, EventRow.details)
    .where(EventRow.lead_id.in_(bindparam("lead_ids", expanding=True)))
    .order_by(EventRow.id)
)


def record(session: Session, events: Sequence[Event], *, entry_id: str, now: datetime) -> list[str]:
    """Append events that the audit entry `entry_id` covers, and project their leads anew; returns their ids.

    The caller has appended that entry in the same transaction.
    """
    return record_each(session, [(event, entry_id) for event in events], now=now)


def record_each(session: Session, covered: Sequence[tuple[Event, str]], *, now: datetime) -> list[str]:
    """`record` of events that each have an entry of their own."""
    events = [replace(event, occurred_at=event.occurred_at.astimezone(UTC)) for event, _ in covered]
    rows = [_event_row(event, entry_id, now) for event, (_, entry_id) in zip(events, covered, strict=True)]
    versions = _versions(session, sorted({event.lead_id for event in events}))  # locks before it reads
    connection = session.connection()
    _EVENTS.many(connection, rows)
    known = [lead_id for lead_id, version in versions.items() if version]
    past = _histories(session, known)
    fresh = _by_lead(
        Event(event.lead_id, event.kind, event.occurred_at, event.details, None, row[0])
        for event, row in zip(events, rows, strict=True)
        if not versions[event.lead_id]
    )
    if known:
        projected = [
            {"lead": lead_id, "next": versions[lead_id] + 1, "text": _text(project(past[lead_id]))}
            for lead_id in known
        ]
        connection.execute(_PROJECTED, projected)
    _FACTS.many(connection, [(lead_id, 1, _text(project(items))) for lead_id, items in fresh.items()])
    return [row[0] for row in rows]


def facts_of(session: Session, lead_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The stored facts documents of these leads; a lead without any is absent."""
    return {
        lead_id: json.loads(facts)
        for part in _parts(lead_ids)
        for lead_id, facts in session.connection().execute(_FACTS_OF, {"lead_ids": part})
    }


def rebuild(session: Session, lead_id: str) -> dict[str, Any]:
    """The facts document as the ledger alone gives it: what the stored one must equal."""
    return project(_histories(session, [lead_id])[lead_id])


def history(
    session: Session,
    lead_id: str,
    kind: EventKind | None = None,
    *,
    before: str | None = None,
    limit: int | None = None,
) -> list[Recorded]:
    """The events of a lead as they were recorded, newest first: those before the id `before`, if given."""
    statement = select(EventRow).where(EventRow.lead_id == lead_id).order_by(EventRow.id.desc()).limit(limit)
    if kind is not None:
        statement = statement.where(EventRow.kind == kind.value)
    if before is not None:
        statement = statement.where(EventRow.id < before)
    return [_recorded(row) for row in session.scalars(statement)]


def recorded(session: Session, event_id: str) -> Recorded | None:
    """One event by its id."""
    row = session.get(EventRow, event_id)
    return None if row is None else _recorded(row)


def forget(session: Session, lead_id: str, *, now: datetime) -> None:
    """Erase what `consent` knows of a lead: facts, events, evidence; its decisions are reduced.

    Of a decision stay id, day, effect, rulebook hash and entry. The caller deletes the trail's links and
    appends the entry that says so, at `now`.
    """
    forget_each(session, [lead_id], now=now)


def forget_each(session: Session, lead_ids: Sequence[str], *, now: datetime) -> None:
    """`forget` for many leads, with the statements of one."""
    del now  # nothing here is dated: what happened is said by the caller's entry
    connection = session.connection()
    for part in _parts(lead_ids):
        buckets = sorted({bucket for lead_id in part if (bucket := bucket_of(lead_id))})
        about = DecisionRow.bucket.in_(buckets) & DecisionRow.lead_id.in_(part)
        decisions = select(DecisionRow.id).where(about)
        connection.execute(delete(OutcomeRow).where(OutcomeRow.decision_id.in_(decisions)))
        reduced = dict.fromkeys(("decided_at", "lead_id", "asker", "facts", "answer", "salt", "bucket"))
        connection.execute(update(DecisionRow).where(about).values(reduced))
        connection.execute(delete(EventRow).where(EventRow.lead_id.in_(part)))
        connection.execute(delete(FactsRow).where(FactsRow.lead_id.in_(part)))


def _event_row(event: Event, entry_id: str, now: datetime) -> tuple[Any, ...]:
    return (
        event.id or new_id(now),
        event.lead_id,
        event.kind.value,
        to_micros(event.occurred_at),
        to_micros(now),
        canonical_text(event.details),
        event.sealed,
        entry_id,
    )


def _recorded(row: EventRow) -> Recorded:
    event = Event(
        lead_id=row.lead_id,
        kind=EventKind(row.kind),
        occurred_at=row.occurred_at,
        details=json.loads(row.details),
        sealed=row.evidence,
        id=row.id,
    )
    return Recorded(event, row.recorded_at, row.entry_id)


def _versions(session: Session, lead_ids: Sequence[str]) -> dict[str, int]:
    """The version of each lead's facts, its row locked; 0 where there is none yet.

    Two transactions that both find none collide on the primary key, and one is run again by its caller.
    """
    versions = dict.fromkeys(lead_ids, 0)
    for part in _parts(lead_ids):
        rows = session.connection().execute(_VERSIONS, {"lead_ids": part})
        versions.update((lead_id, version) for lead_id, version in rows)
    return versions


def _histories(session: Session, lead_ids: Sequence[str]) -> dict[str, list[Event]]:
    return _by_lead(
        Event(lead_id, EventKind(kind), occurred_at, json.loads(details), None, event_id)
        for part in _parts(lead_ids)
        for event_id, lead_id, kind, occurred_at, details in session.connection().execute(
            _HISTORY, {"lead_ids": part}
        )
    )


def _by_lead(events: Iterable[Event]) -> dict[str, list[Event]]:
    grouped: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        grouped[event.lead_id].append(event)
    return grouped


def _parts(lead_ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (lead_ids[start : start + IDS_A_STATEMENT] for start in range(0, len(lead_ids), IDS_A_STATEMENT))


def _text(facts: dict[str, Any]) -> str:
    return json.dumps(facts, separators=(",", ":"), ensure_ascii=False)
