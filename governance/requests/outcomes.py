"""Writing how steps ended: guarded by the fence, added to the history, told to the trail."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actions import Action as Told
from audit.canonical import JSON
from audit.entry import SERVICE
from governance.requests import leases, records, searches, step_machine
from governance.requests.jobs import Outcome
from governance.requests.leases import Worker
from governance.requests.records import Telling
from governance.requests.tables import RequestRow, StepRow
from governance.requests.vocabulary import StepStatus
from governance.vault.sealing import DataKey


def record(
    session: Session,
    keys: Mapping[str, DataKey],
    worker: Worker,
    outcomes: Sequence[Outcome],
    *,
    now: datetime,
) -> int:
    """Writes the outcomes whose leases still hold, and settles their requests; says how many it wrote.

    What came since a search is kept as found, sealed under its request's key of `keys`.
    """
    request_ids = sorted({each.claim.request_id for each in outcomes})
    steps: dict[str, list[StepRow]] = defaultdict(list)
    for step in session.scalars(select(StepRow).where(StepRow.request_id.in_(request_ids)).with_for_update()):
        steps[step.request_id].append(step)
    tellings = []
    for outcome in outcomes:
        claim = outcome.claim
        step = records.step_of(steps[claim.request_id], claim.store)
        if not leases.holds(step, worker, claim.fence):
            continue
        if outcome.late is not None:
            searches.keep(session, keys[claim.request_id], step, outcome.late, now=now)
            step.found = outcome.late.found.total
        _write(step, outcome, now=now)
        records.keep_history(session, step, actor=SERVICE, now=now)
        tellings.append(Telling(claim.request_id, Told.REQUEST_STEP_FINISHED, facts_of(step)))
    records.tell_many(session, tellings, actor=SERVICE, now=now)
    for row in session.scalars(select(RequestRow).where(RequestRow.id.in_(request_ids)).with_for_update()):
        records.settle(row, steps[row.id], now=now)
    return len(tellings)


def facts_of(step: StepRow) -> dict[str, JSON]:
    """What the trail keeps of a step: counts and closed words, nothing of the person."""
    told: dict[str, JSON] = {
        "store": step.store,
        "action": step.action,
        "status": step.status,
        "attempt": step.attempts,
        "error": step.last_error,
        "found": step.found,
        "changed": step.changed,
        "remaining": step.remaining,
    }
    return {name: value for name, value in told.items() if value is not None}


def _write(step: StepRow, outcome: Outcome, *, now: datetime) -> None:
    """The step as the outcome leaves it, with its lease ended."""
    step.status = step_machine.changed(StepStatus(step.status), outcome.status)
    step.last_error, step.reason = outcome.error, outcome.reason
    if outcome.found is not None:
        step.found, step.kept, step.remaining = outcome.found, outcome.kept, outcome.remaining
        step.changed = None if outcome.remaining is None else max(0, outcome.found - outcome.remaining)
    if outcome.search_again:
        step.known = 0
    if outcome.tried:
        step.tries = outcome.claim.tries if outcome.status == StepStatus.QUEUED else 0
    step.due_at = now + outcome.wait
    leases.release(step)
