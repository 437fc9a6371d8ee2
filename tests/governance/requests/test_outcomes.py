"""How the end of a step is written: counts, back-off, history and the trail, guarded by the fence."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.context import Service
from audit.ids import random_id
from audit.tables import PendingRow
from governance.requests import leases, outcomes
from governance.requests.jobs import Outcome
from governance.requests.leases import Claim, Worker
from governance.requests.tables import StepHistoryRow, StepRow
from governance.requests.vocabulary import StepStatus
from tests.governance.requests.desk import an_approved, described

ANNA = "anna.berg@example.com"


def claimed(service: Service, worker: Worker, *stores: str) -> dict[str, Claim]:
    """The steps of a new request in these stores, claimed."""
    an_approved(service, ANNA, stores)
    claims = service.main.write(
        lambda session: leases.claim_steps(session, worker, now=service.clock(), limit=9)
    )
    return {claim.store: claim for claim in claims}


def record(service: Service, worker: Worker, *ends: Outcome) -> int:
    """Write how they ended; how many were written."""
    return service.main.write(lambda session: outcomes.record(session, {}, worker, ends, now=service.clock()))


def step_of(service: Service, claim: Claim) -> StepRow:
    """The step as it stands."""
    with service.main.read() as session:
        return session.get_one(StepRow, (claim.request_id, claim.store, claim.action))


@pytest.fixture
def worker() -> Worker:
    """Somebody at work."""
    return Worker(random_id())


def test_what_changed_is_what_was_found_less_what_remains(service: Service, worker: Worker) -> None:
    """Whatever a store says that it did; and the lease is over."""
    [claim] = claimed(service, worker, "crm").values()
    record(service, worker, Outcome(claim, StepStatus.EXEMPT, found=5, kept=2, remaining=2, reason="hold:x"))

    step = step_of(service, claim)
    assert (step.found, step.kept, step.changed, step.remaining, step.reason) == (5, 2, 3, 2, "hold:x")
    assert (step.status, step.lease_owner, step.lease_until, step.fence) == (
        "exempt",
        None,
        None,
        claim.fence,
    )


def test_an_outcome_without_counts_leaves_those_that_were_read(service: Service, worker: Worker) -> None:
    """A store that falls silent at the second try has not unfound what the first one found."""
    [claim] = claimed(service, worker, "crm").values()
    again = Outcome(claim, StepStatus.QUEUED, "rows_remain", found=3, remaining=1, search_again=True)
    record(service, worker, again)
    [second] = service.main.write(
        lambda session: leases.claim_steps(session, worker, now=service.clock(), limit=9)
    )
    record(service, worker, Outcome(second, StepStatus.FAILED, "table_missing"))

    step = step_of(service, claim)
    assert (step.found, step.changed, step.remaining, step.last_error) == (3, 2, 1, "table_missing")


@pytest.mark.parametrize(
    ("end", "tries", "known", "waits"),
    [
        ({"status": StepStatus.QUEUED, "wait": timedelta(seconds=4)}, 3, 7, 4),
        ({"status": StepStatus.QUEUED, "search_again": True}, 3, 0, 0),
        ({"status": StepStatus.QUEUED, "tried": False, "wait": timedelta(seconds=1)}, 2, 7, 1),
        ({"status": StepStatus.SUCCEEDED}, 0, 7, 0),
        ({"status": StepStatus.FAILED}, 0, 7, 0),
    ],
)
def test_tries_are_counted_by_how_they_ended(
    service: Service, worker: Worker, *, end: dict[str, object], tries: int, known: int, waits: int
) -> None:
    """A failure is one more, an end begins anew, a step whose store was not asked keeps its count."""
    [claim] = claimed(service, worker, "crm").values()

    def before(session: Session) -> None:
        step = session.get_one(StepRow, (claim.request_id, claim.store, claim.action))
        step.tries, step.known = 2, 7

    service.main.write(before)
    record(service, worker, Outcome(replace(claim, tries=3), **end))  # type: ignore[arg-type] # parametrized

    step = step_of(service, claim)
    assert (step.tries, step.known) == (tries, known)
    assert step.due_at == service.clock() + timedelta(seconds=waits)


def test_only_the_newest_fence_writes(service: Service) -> None:
    """Of two workers the one that was overtaken changes no step, no history and no trail."""
    slow, quick = Worker(random_id(), sole=True), Worker(random_id(), sole=True)
    [old] = claimed(service, slow, "crm").values()
    [new] = service.main.write(
        lambda session: leases.claim_steps(session, quick, now=service.clock(), limit=9)
    )

    assert record(service, slow, Outcome(old, StepStatus.FAILED, "locked")) == 0
    assert step_of(service, old).status == "running"
    assert record(service, quick, Outcome(new, StepStatus.SUCCEEDED, found=1, remaining=0)) == 1


def test_an_end_is_a_row_of_history_and_an_entry_with_counts(service: Service, worker: Worker) -> None:
    """Both say the same; neither says whom it was about."""
    [claim] = claimed(service, worker, "crm").values()
    record(service, worker, Outcome(claim, StepStatus.SUCCEEDED, found=2, remaining=0))

    with service.main.read() as session:
        kept = session.scalars(select(StepHistoryRow).where(StepHistoryRow.store == "crm")).all()
        told = session.scalars(select(PendingRow).where(PendingRow.action == "request.step_finished")).one()
    assert [(row.status, row.found, row.remaining) for row in kept][-1] == ("succeeded", 2, 0)
    assert b'"changed":2' in told.body
    assert ANNA.encode() not in told.body
    assert claim.request_id.encode() not in told.body


def test_the_request_follows_its_steps(service: Service, worker: Worker) -> None:
    """One that is stuck needs attention although the other is done."""
    claims = claimed(service, worker, "crm", "shop")
    record(
        service,
        worker,
        Outcome(claims["crm"], StepStatus.SUCCEEDED, found=0, remaining=0),
        Outcome(claims["shop"], StepStatus.FAILED, "table_missing"),
    )

    assert described(service, claims["crm"].request_id)["status"] == "needs_attention"


def test_facts_name_what_is_known_and_nothing_else() -> None:
    """An absent count is not written as none; zero is a count."""
    step = StepRow(store="crm", action="erase", status="failed", attempts=1, last_error="locked", found=0)

    assert outcomes.facts_of(step) == {
        "store": "crm",
        "action": "erase",
        "status": "failed",
        "attempt": 1,
        "error": "locked",
        "found": 0,
    }
