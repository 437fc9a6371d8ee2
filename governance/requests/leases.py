"""Who works on what, until when: leases on steps and on requests, with fencing tokens.

A worker claims a batch in one transaction and works outside it. Its lease ends by itself; whoever claims the
step next gets a higher `fence`, and only the newest fence may write an outcome. What a worker that lost its
lease did to a store is not lost: stores are idempotent, and the next one reads back what is there.

While it lives, a worker renews what it holds (`renew`), so leases are short: the steps of a dead one wait for
seconds. A worker that was only slow to renew is overtaken like a dead one, and the fence tells them apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from governance.errors import LeaseLostError
from governance.requests import machine, step_machine
from governance.requests.tables import RequestRow, StepRow
from governance.requests.vocabulary import OWN_STORE, Action, Status, StepStatus

LEASE = timedelta(seconds=20)
"""How long a dead worker's steps wait where workers are many; four renewals long, so one may be missed."""

RENEW_EVERY = LEASE / 4


@dataclass(frozen=True, slots=True)
class Worker:
    """Who claims.

    `sole` says that no other worker can live (SQLite: one process holds the home), so that a lease that is
    not its own belongs to the dead and is taken over at once.
    """

    id: str
    sole: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A step that is this worker's until its lease ends.

    `tries` counts the failures so far and this try: what the back-off goes by if it fails too. A try whose
    worker died is none: it says nothing about the store.
    """

    request_id: str
    store: str
    action: Action
    fence: int
    tries: int


@dataclass(frozen=True, slots=True)
class RequestClaim:
    """A request whose last part (own data, certificate) is this worker's."""

    request_id: str
    fence: int


def claim_steps(session: Session, worker: Worker, *, now: datetime, limit: int) -> tuple[Claim, ...]:
    """Claims the due steps of at most `limit` requests, all steps of a request together."""
    steps = session.scalars(
        select(StepRow)
        .where(StepRow.request_id.in_(_requests_with_due_steps(session, worker, now, limit)))
        .where(_due(StepRow, worker, now), StepRow.status.in_(_CLAIMABLE), StepRow.store != OWN_STORE)
        .with_for_update(skip_locked=True)
    )
    return tuple(_claim(step, worker, now) for step in steps)


def claim_requests(
    session: Session, worker: Worker, *, now: datetime, limit: int
) -> tuple[RequestClaim, ...]:
    """Claims requests that are due to be finished."""
    rows = session.scalars(
        select(RequestRow)
        .where(RequestRow.status == Status.IN_PROGRESS, _due(RequestRow, worker, now))
        .order_by(RequestRow.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claims = []
    for row in rows:
        _lease(row, worker, now)
        claims.append(RequestClaim(row.id, row.fence))
    return tuple(claims)


def renew(session: Session, worker: Worker, *, now: datetime) -> int:
    """Lengthens every lease that this worker holds; returns how many.

    A row that another transaction has locked is let be: it is being recorded, by this worker or the next.
    """
    steps = select(StepRow).where(StepRow.status == StepStatus.RUNNING, StepRow.lease_owner == worker.id)
    requests = select(RequestRow).where(
        RequestRow.status == Status.IN_PROGRESS, RequestRow.lease_owner == worker.id
    )
    rows: list[StepRow | RequestRow] = []
    rows += session.scalars(steps.with_for_update(skip_locked=True))
    rows += session.scalars(requests.with_for_update(skip_locked=True))
    for row in rows:
        row.lease_until = now + LEASE
    return len(rows)


def holds(row: StepRow | RequestRow, worker: Worker, fence: int) -> bool:
    """Whether the claim is still the newest one; an outcome without it must not be written."""
    return row.lease_owner == worker.id and row.fence == fence


def require(row: StepRow | RequestRow | None, worker: Worker, fence: int) -> None:
    """Passes the holder of the newest claim; for pieces that are written before the outcome is.

    Raises:
        LeaseLostError: somebody else is writing by now.
    """
    if row is None or not holds(row, worker, fence):
        raise LeaseLostError("another worker holds the lease")


def release(row: StepRow | RequestRow) -> None:
    """Ends the lease; the fence stays, so that it can only grow."""
    row.lease_owner = None
    row.lease_until = None


def requeue(step: StepRow, *, now: datetime) -> None:
    """A step to be searched and done anew, with a fresh count of tries; attempts go on counting."""
    if step.status != StepStatus.QUEUED:
        step.status = step_machine.changed(StepStatus(step.status), StepStatus.QUEUED)
    step.known, step.tries, step.due_at, step.last_error, step.done_by = 0, 0, now, None, None
    release(step)


_CLAIMABLE = (StepStatus.QUEUED, StepStatus.RUNNING)


def _requests_with_due_steps(session: Session, worker: Worker, now: datetime, limit: int) -> Sequence[str]:
    """The ids of requests at work that have a step to do, the longest waiting first."""
    due = (
        select(StepRow.request_id)
        .join(RequestRow, RequestRow.id == StepRow.request_id)
        .where(_due(StepRow, worker, now), StepRow.status.in_(_CLAIMABLE), StepRow.store != OWN_STORE)
        .where(RequestRow.status.in_(sorted(machine.AT_WORK)))
        .order_by(StepRow.due_at, StepRow.request_id)
        .limit(limit * 8)
    )
    return list(dict.fromkeys(session.scalars(due)))[:limit]


def _due(table: type[StepRow | RequestRow], worker: Worker, now: datetime) -> ColumnElement[bool]:
    """Due, and nobody living holds it."""
    free = or_(table.lease_until.is_(None), table.lease_until <= now)
    if worker.sole:
        free = or_(free, table.lease_owner != worker.id)
    return and_(table.due_at <= now, free)


def _claim(step: StepRow, worker: Worker, now: datetime) -> Claim:
    _lease(step, worker, now)
    step.status = StepStatus.RUNNING
    step.attempts += 1
    return Claim(step.request_id, step.store, Action(step.action), step.fence, step.tries + 1)


def _lease(row: StepRow | RequestRow, worker: Worker, now: datetime) -> None:
    """A new lease, a higher fence."""
    row.lease_owner, row.lease_until = worker.id, now + LEASE
    row.fence += 1
