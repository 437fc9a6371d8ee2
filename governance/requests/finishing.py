"""The last part of a request: its own data, then `completed` together with the certificate.

An erasure ends in three commits, each of which may be repeated after a crash:

1. `begin`, main database: the leads stay locked, the entry says what will be destroyed; no way back.
2. key store: the leads' data keys are deleted, with the erasure journal (`keys.destroy`, by the caller).
3. `end`, main database: facts, events, evidence, identifiers, fields, links and package pieces are deleted,
   decisions reduced; `lead.shredded`; the request is completed and certified.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actions import Action as Told
from audit.entry import SERVICE
from governance.holds import Hold
from governance.requests import leases, machine, outcomes, own_data, records, step_machine
from governance.requests.leases import RequestClaim, Worker
from governance.requests.records import Telling
from governance.requests.tables import RequestLeadRow, RequestRow, StepRow
from governance.requests.vocabulary import (
    OWN_STORE,
    Action,
    Exemption,
    RequestType,
    Status,
    StepError,
    StepStatus,
)
from governance.stores.protocol import Found

LOOK_BACK = timedelta(days=30)
"""A weekly or monthly sync has run by then; it would have brought the person back."""


@dataclass(frozen=True, slots=True)
class Finish:
    """A claimed request and what its last part is: leads to shred, own data to export or correct, or none."""

    claim: RequestClaim
    leads: tuple[str, ...] = field(default=(), repr=False)
    shred: bool = False
    export: bool = False
    correct: bool = False


def begin(
    session: Session,
    worker: Worker,
    claims: Sequence[RequestClaim],
    holds: Sequence[Hold],
    *,
    now: datetime,
) -> tuple[Finish, ...]:
    """First commit: own steps run, or are exempt by a hold; from here on an erasure can not be stopped."""
    loaded = _load(session, [claim.request_id for claim in claims])
    counted = own_data.held(session, sorted({lead for _, _, leads in loaded.values() for lead in leads}))
    finishes, tellings = [], []
    for claim in claims:
        row, steps, leads = loaded[claim.request_id]
        if not _is_ours(row, worker, claim) or not records.ready_to_finish(steps):
            continue
        own, finish = records.step_of(steps, OWN_STORE), Finish(claim, leads)
        if own.status not in machine.DONE:
            rows = sum(counted[lead] for lead in leads)
            hold = None if row.shred_stage else _holding(holds, own, leads)
            if hold is None:
                tellings += _start(row, own, rows)
                finish = _work_of(finish, own)
            else:
                _exempt(session, own, hold, rows, now=now)
        finishes.append(finish)
    records.tell_many(session, tellings, actor=SERVICE, now=now)
    return tuple(finishes)


def end(
    session: Session,
    worker: Worker,
    finishes: Sequence[Finish],
    *,
    done: Mapping[str, int],
    now: datetime,
) -> tuple[str, ...]:
    """Last commit but for the certificate, in the same transaction: own steps done, requests completed.

    Args:
        session: A writing session.
        worker: Whose claims they are.
        finishes: What `begin` gave, with the leads' keys destroyed by now.
        done: How many own rows went into the package, or were corrected, by request.
        now: The moment.

    Returns:
        The ids of the requests that are completed and have to be certified in this transaction.
    """
    loaded = _load(session, [each.claim.request_id for each in finishes])
    mine = [each for each in finishes if _is_ours(loaded[each.claim.request_id][0], worker, each.claim)]
    left = _shred(session, [lead for each in mine if each.shred for lead in each.leads], now=now)
    loaded = _load(session, [each.claim.request_id for each in mine])
    tellings = []
    for each in mine:
        row, steps, _ = loaded[each.claim.request_id]
        tellings += _own_part(session, each, records.step_of(steps, OWN_STORE), left=left, done=done, now=now)
        tellings.append(_complete(row, steps, now=now))
    records.tell_many(session, tellings, actor=SERVICE, now=now)
    return tuple(each.claim.request_id for each in mine)


def _shred(session: Session, leads: Sequence[str], *, now: datetime) -> dict[str, int]:
    """Everything of the leads is deleted; what a reading back finds of each.

    The session lets go of its rows first: each of many deletes would look through all of them.
    """
    if not leads:
        return {}
    session.expunge_all()
    own_data.forget(session, leads, now=now)
    return own_data.held(session, leads)


def _own_part(
    session: Session,
    finish: Finish,
    own: StepRow,
    *,
    left: Mapping[str, int],
    done: Mapping[str, int],
    now: datetime,
) -> list[Telling]:
    """The own step as it ended, and what is told of it; nothing where it had ended before."""
    request_id = finish.claim.request_id
    if not (finish.shred or finish.export or finish.correct):
        return []
    _finish_own(own, finish, sum(left.get(lead, 0) for lead in finish.leads), done)
    records.keep_history(session, own, actor=SERVICE, now=now)
    told = [Telling(request_id, Told.REQUEST_STEP_FINISHED, outcomes.facts_of(own))]
    return told + [Telling(request_id, Told.LEAD_SHREDDED) for _ in finish.leads if finish.shred]


def postpone(
    session: Session, worker: Worker, claims: Sequence[RequestClaim], error: StepError, *, now: datetime
) -> None:
    """The last part could not be done: the own step is tried again later, or fails for good."""
    loaded = _load(session, [claim.request_id for claim in claims])
    for claim in claims:
        row, steps, _ = loaded[claim.request_id]
        if not _is_ours(row, worker, claim):
            continue
        own = records.step_of(steps, OWN_STORE)
        retry = step_machine.after_failure(row.tries + 1, again=True)
        leases.release(row)
        row.due_at = now + retry.wait
        row.tries = row.tries + 1 if retry.status is StepStatus.QUEUED else 0
        if own.status in (StepStatus.QUEUED, StepStatus.RUNNING):
            own.status, own.last_error = retry.status, error
            records.keep_history(session, own, actor=SERVICE, now=now)
            if retry.status is StepStatus.FAILED:
                records.settle(row, steps, now=now)


def leave(session: Session, worker: Worker, claim: RequestClaim, error: StepError, *, now: datetime) -> None:
    """The own step is one that only a person can do: it waits for them, and the request with it."""
    row, steps, _ = _load(session, [claim.request_id])[claim.request_id]
    if not _is_ours(row, worker, claim):
        return
    own = records.step_of(steps, OWN_STORE)
    own.status = step_machine.changed(StepStatus(own.status), StepStatus.WAITING_FOR_PERSON)
    own.last_error = error
    leases.release(row)
    records.keep_history(session, own, actor=SERVICE, now=now)
    records.settle(row, steps, now=now)


def _is_ours(row: RequestRow, worker: Worker, claim: RequestClaim) -> bool:
    """Whether the claim is the newest, and nobody refused or cancelled the request since it was made."""
    return leases.holds(row, worker, claim.fence) and row.status == Status.IN_PROGRESS


def _complete(row: RequestRow, steps: Sequence[StepRow], *, now: datetime) -> Telling:
    """The request's final status, derived from its steps, and when its identities die.

    Those of a restriction that stands do not: without them it could not be lifted in the stores.
    """
    case = machine.Case(RequestType(row.type), Status(row.status))
    row.status = machine.settled(case, [StepStatus(step.status) for step in steps]).status
    stands = row.type == RequestType.RESTRICTION and row.lifted_at is None
    row.finished_at, row.key_until, row.due_at, row.tries = now, None if stands else now + LOOK_BACK, None, 0
    leases.release(row)
    lifted = row.lifted_at is not None
    action = Told.REQUEST_LIFT_COMPLETED if lifted else Told.REQUEST_COMPLETED
    return Telling(row.id, action, {"status": row.status, "steps": len(steps)})


def _start(row: RequestRow, own: StepRow, rows: int) -> list[Telling]:
    """The own step is running; once more after a crash. Before a lead is shredded the trail says so."""
    own.status = StepStatus.RUNNING
    own.attempts += 1
    if own.action != Action.ERASE or row.shred_stage:
        return []
    row.shred_stage, own.found = 1, rows
    return [Telling(row.id, Told.REQUEST_STEP_STARTED, outcomes.facts_of(own))]


def _work_of(finish: Finish, own: StepRow) -> Finish:
    """The last part, with what it is."""
    return replace(
        finish,
        shred=own.action == Action.ERASE,
        export=own.action == Action.EXPORT,
        correct=own.action == Action.RECTIFY,
    )


def _finish_own(own: StepRow, finish: Finish, left: int, done: Mapping[str, int]) -> None:
    own.status, own.last_error = StepStatus.SUCCEEDED, None
    if finish.shred:
        own.remaining = left
        own.changed = max(0, (own.found or 0) - left)
    else:
        own.found = done.get(finish.claim.request_id, 0)


def _exempt(session: Session, own: StepRow, hold: Hold, rows: int, *, now: datetime) -> None:
    """The lead is on hold: kept, locked and restricted; the exemption names the hold."""
    own.status, own.reason = StepStatus.EXEMPT, f"{Exemption.LEGAL_HOLD}:{hold.key}"
    own.found, own.kept, own.remaining, own.changed = rows, rows, rows, 0
    records.keep_history(session, own, actor=SERVICE, now=now)


def _holding(holds: Sequence[Hold], own: StepRow, leads: Sequence[str]) -> Hold | None:
    """The hold that keeps the service's own data of these leads, if one does."""
    if own.action != Action.ERASE:
        return None
    return next((hold for hold in holds if hold.concerns(leads, OWN_STORE) and hold.stops((), Found())), None)


def _load(
    session: Session, request_ids: Sequence[str]
) -> dict[str, tuple[RequestRow, list[StepRow], tuple[str, ...]]]:
    """The requests with their steps and leads, locked."""
    steps: dict[str, list[StepRow]] = defaultdict(list)
    for step in session.scalars(select(StepRow).where(StepRow.request_id.in_(request_ids)).with_for_update()):
        steps[step.request_id].append(step)
    leads: dict[str, list[str]] = defaultdict(list)
    for link in session.scalars(select(RequestLeadRow).where(RequestLeadRow.request_id.in_(request_ids))):
        leads[link.request_id].append(link.lead_id)
    rows = session.scalars(select(RequestRow).where(RequestRow.id.in_(request_ids)).with_for_update())
    return {row.id: (row, steps[row.id], tuple(sorted(leads[row.id]))) for row in rows}
