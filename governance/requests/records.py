"""A request's rows: finding them, moving their status, and telling the trail, always in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit import log
from audit.actions import Action as Told
from audit.canonical import JSON
from audit.columns import to_micros
from audit.entry import Entry
from audit.log import Appended
from audit.statements import HeldInsert
from governance import canaries
from governance.errors import RequestUnknownError, StepUnknownError
from governance.requests import machine
from governance.requests.tables import (
    LetterDueRow,
    PauseRow,
    RequestEntryRow,
    RequestLeadRow,
    RequestRow,
    StepHistoryRow,
    StepRow,
)
from governance.requests.vocabulary import OWN_STORE, RequestType, Status, StepStatus

_ENTRIES = HeldInsert(RequestEntryRow, "entry_id", "request_id", "action", "leaf_hash")
_LETTERS_DUE = HeldInsert(LetterDueRow, "entry_id", "request_id", "action", "at")

OWING_A_LETTER = frozenset(
    {
        Told.REQUEST_CREATED,
        Told.REQUEST_EXTENDED,
        Told.REQUEST_REFUSED,
        Told.REQUEST_COMPLETED,
    }
)
"""What the person must hear of; `letters` writes it."""


_HISTORY = HeldInsert(
    StepHistoryRow,
    *("request_id", "store", "action", "number", "at", "status", "attempt", "error", "found", "remaining"),
    "actor",
)


@dataclass(frozen=True, slots=True)
class Telling:
    """An entry about a request, not yet appended."""

    request_id: str
    action: Told
    facts: Mapping[str, JSON] = field(default_factory=dict)
    lead_id: str | None = None


def load(session: Session, request_id: str) -> RequestRow:
    """The request, locked against other writers.

    Raises:
        RequestUnknownError: there is none of that id.
    """
    row = session.get(RequestRow, request_id, with_for_update=True)
    if row is None:
        raise RequestUnknownError("there is no such request")
    return row


def load_each(session: Session, request_ids: Sequence[str]) -> dict[str, RequestRow]:
    """Many requests, locked against other writers.

    Raises:
        RequestUnknownError: there is none of one of the ids.
    """
    query = select(RequestRow).where(RequestRow.id.in_(request_ids)).with_for_update()
    rows = {row.id: row for row in session.scalars(query)}
    if len(rows) < len(set(request_ids)):
        raise RequestUnknownError("there is no such request")
    return rows


def read(session: Session, request_id: str) -> RequestRow:
    """The request, not locked.

    Raises:
        RequestUnknownError: there is none of that id.
    """
    row = session.get(RequestRow, request_id)
    if row is None:
        raise RequestUnknownError("there is no such request")
    return row


def open_by_status(session: Session) -> dict[str, int]:
    """How many requests are not finished, by status; every open status is named."""
    query = select(RequestRow.status, func.count()).where(RequestRow.status.in_(machine.OPEN))
    found = dict(session.execute(query.group_by(RequestRow.status)).all())
    return {status.value: found.get(status.value, 0) for status in Status if status in machine.OPEN}


def case_of(session: Session, row: RequestRow) -> machine.Case:
    """What the state machine needs to know of a request."""
    return cases_of(session, [row])[row.id]


def cases_of(session: Session, rows: Sequence[RequestRow]) -> dict[str, machine.Case]:
    """`case_of` for many requests, by id."""
    query = select(PauseRow.request_id).where(
        PauseRow.request_id.in_([row.id for row in rows]), PauseRow.received_at.is_(None)
    )
    paused = set(session.scalars(query))
    return {row.id: _case(row, paused=row.id in paused) for row in rows}


def _case(row: RequestRow, *, paused: bool) -> machine.Case:
    return machine.Case(
        RequestType(row.type),
        Status(row.status),
        failed_verifications=row.failed_verifications,
        verified=row.verified_at is not None,
        approved=row.approved_at is not None,
        paused=paused,
        extended=row.extended_at is not None,
    )


def open_pause(session: Session, request_id: str) -> PauseRow | None:
    """The pause that no answer has ended yet."""
    query = select(PauseRow).where(PauseRow.request_id == request_id, PauseRow.received_at.is_(None))
    return session.scalars(query).first()


def pauses_of(session: Session, request_id: str) -> Sequence[PauseRow]:
    """All pauses, the oldest first."""
    query = select(PauseRow).where(PauseRow.request_id == request_id).order_by(PauseRow.asked_at)
    return session.scalars(query).all()


def leads_of(session: Session, request_id: str) -> list[str]:
    """The leads that the request is about; none once they are erased."""
    query = select(RequestLeadRow.lead_id).where(RequestLeadRow.request_id == request_id)
    return sorted(session.scalars(query))


def leads_of_each(session: Session, request_ids: Sequence[str]) -> dict[str, list[str]]:
    """`leads_of` for many requests, by id."""
    query = select(RequestLeadRow.request_id, RequestLeadRow.lead_id).where(
        RequestLeadRow.request_id.in_(request_ids)
    )
    found: dict[str, list[str]] = {request_id: [] for request_id in request_ids}
    for request_id, lead_id in session.execute(query.order_by(RequestLeadRow.lead_id)):
        found[request_id].append(lead_id)
    return found


def steps_of(session: Session, request_id: str) -> list[StepRow]:
    """The steps, the service's own last."""
    rows = session.scalars(select(StepRow).where(StepRow.request_id == request_id).with_for_update())
    return sorted(rows, key=lambda row: (row.store == OWN_STORE, row.store, row.action))


def step_of(steps: Sequence[StepRow], store: str) -> StepRow:
    """The step of one store.

    Raises:
        StepUnknownError: the request has none there.
    """
    for step in steps:
        if step.store == store:
            return step
    raise StepUnknownError("the request has no step for that store")


def tell(
    session: Session,
    request_id: str,
    action: Told,
    *,
    actor: str,
    now: datetime,
    facts: Mapping[str, JSON] | None = None,
) -> Appended:
    """One entry of the trail about the request, linked to its lead where it has one."""
    leads = leads_of(session, request_id)
    telling = Telling(request_id, action, facts or {}, leads[0] if len(leads) == 1 else None)
    return tell_many(session, [telling], actor=actor, now=now)[0]


def tell_opening(
    session: Session,
    request_id: str,
    action: Told,
    *,
    actor: str,
    now: datetime,
    facts: Mapping[str, JSON] | None = None,
) -> None:
    """The entries that stand before something of a request is opened: one for each of its leads.

    So each of them finds who saw it; and a canary among them is an alarm.
    """
    leads = leads_of(session, request_id)
    about: Sequence[str | None] = leads or [None]
    tellings = [Telling(request_id, action, facts or {}, lead) for lead in about]
    tell_many(session, tellings, actor=actor, now=now)
    canaries.watch(session, leads, by=action, actor=actor, now=now)


def tell_many(session: Session, tellings: Sequence[Telling], *, actor: str, now: datetime) -> list[Appended]:
    """Entries about many requests in few statements, in their order, and the letters that they make due."""
    entries = [Entry(each.action, actor, now, each.lead_id, each.request_id, each.facts) for each in tellings]
    appended = log.append_many(session, entries)
    _ENTRIES.many(
        session.connection(),
        [
            (done.entry_id, each.request_id, str(each.action), done.leaf_hash)
            for each, done in zip(tellings, appended, strict=True)
        ],
    )
    _LETTERS_DUE.many(
        session.connection(),
        [
            (done.entry_id, each.request_id, str(each.action), to_micros(now))
            for each, done in zip(tellings, appended, strict=True)
            if each.action in OWING_A_LETTER
        ],
    )
    return appended


def opening_of(session: Session, request_id: str) -> Appended:
    """The entry that says that the request was made.

    Raises:
        RequestUnknownError: there is none of that id.
    """
    query = select(RequestEntryRow).where(
        RequestEntryRow.request_id == request_id, RequestEntryRow.action == Told.REQUEST_CREATED
    )
    row = session.scalars(query).first()
    if row is None:
        raise RequestUnknownError("there is no such request")
    return Appended(row.entry_id, row.leaf_hash)


def keep_history(session: Session, step: StepRow, *, actor: str, now: datetime) -> None:
    """Adds the step as it now is to its history."""
    step.changes += 1
    place = (step.request_id, step.store, str(step.action), step.changes)
    error = None if step.last_error is None else str(step.last_error)
    said = (str(step.status), step.attempts, error, step.found, step.remaining)
    _HISTORY.one(session.connection(), (*place, to_micros(now), *said, actor))


def settle(row: RequestRow, steps: Sequence[StepRow], *, now: datetime) -> None:
    """Writes the status that the steps amount to, and wakes whoever finishes the request.

    A request is never called finished here: that is written together with its certificate (`finishing`), so
    that nobody reads `completed` and finds no certificate. What is closed stays as it is: a worker that was
    overtaken settles it once more.
    """
    case = machine.Case(RequestType(row.type), Status(row.status))
    if case.status not in machine.AT_WORK:
        return
    after = machine.settled(case, [StepStatus(step.status) for step in steps])
    row.status = Status.IN_PROGRESS if after.status in machine.FINISHED else after.status
    row.due_at = now if row.status == Status.IN_PROGRESS and ready_to_finish(steps) else None


def ready_to_finish(steps: Sequence[StepRow]) -> bool:
    """Whether nothing is left but the service's own data, which go last; running, after a crash, too."""
    return all(
        StepStatus(step.status) in machine.DONE
        or (step.store == OWN_STORE and StepStatus(step.status) not in machine.STUCK)
        for step in steps
    )
