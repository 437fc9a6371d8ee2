"""The last part of a request, commit by commit."""

import pytest
from sqlalchemy import select

from api import casework
from api.context import Service
from audit.ids import random_id
from audit.tables import PendingRow
from consent import ledger
from governance.holds import Hold
from governance.requests import finishing, leases
from governance.requests.finishing import LOOK_BACK, Finish
from governance.requests.leases import RequestClaim, Worker
from governance.requests.tables import RequestRow
from governance.requests.vocabulary import RequestType, StepError
from tests.conftest import Clock
from tests.governance.requests.desk import ACTOR, a_known_lead, an_approved, described, step_in

ANNA = "anna.berg@example.com"


class Ending:
    """A worker that claimed requests whose stores are done."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.worker = Worker(random_id(), sole=True)

    def claim(self) -> tuple[RequestClaim, ...]:
        """What is due."""
        return self.service.main.write(
            lambda session: leases.claim_requests(session, self.worker, now=self.service.clock(), limit=9)
        )

    def begin(self, *holds: Hold) -> tuple[Finish, ...]:
        """Claim and make the first commit."""
        claims = self.claim()
        return self.service.main.write(
            lambda session: finishing.begin(session, self.worker, claims, holds, now=self.service.clock())
        )

    def end(self, finishes: tuple[Finish, ...], **exported: int) -> tuple[str, ...]:
        """Make the last commit."""
        return self.service.main.write(
            lambda session: finishing.end(
                session, self.worker, finishes, done=exported, now=self.service.clock()
            )
        )

    def postpone(self) -> None:
        """Claim, and put off."""
        claims = self.claim()
        self.service.main.write(
            lambda session: finishing.postpone(
                session, self.worker, claims, StepError.KEYS_UNAVAILABLE, now=self.service.clock()
            )
        )


@pytest.fixture
def ending(service: Service) -> Ending:
    """A worker."""
    return Ending(service)


def told(service: Service, action: str) -> int:
    """How often the trail says it."""
    with service.main.read() as session:
        return len(session.scalars(select(PendingRow).where(PendingRow.action == action)).all())


def test_an_erasure_says_what_it_will_destroy_before_it_does(service: Service, ending: Ending) -> None:
    """The first commit counts the rows and destroys none; from there on there is no way back."""
    lead = a_known_lead(service, ANNA, profile={"name": "Anna"})
    request_id = an_approved(service, ANNA, [])

    [finish] = ending.begin()

    assert (finish.leads, finish.shred, finish.export) == ((lead,), True, False)
    assert step_in(service, request_id, "leadwarden")["status"] == "running"
    assert step_in(service, request_id, "leadwarden")["found"] > 2
    assert told(service, "request.step_started") == 1
    with service.main.read() as session:
        assert ledger.facts_of(session, [lead]) != {}
        assert session.get_one(RequestRow, request_id).shred_stage == 1


def test_what_remains_is_read_back_after_the_shredding(service: Service, ending: Ending) -> None:
    """Nothing; and the identities of the request have their day."""
    a_known_lead(service, ANNA)
    request_id = an_approved(service, ANNA, [])

    assert ending.end(ending.begin()) == (request_id,)

    step = step_in(service, request_id, "leadwarden")
    assert (step["changed"], step["remaining"]) == (step["found"], 0)
    with service.main.read() as session:
        row = session.get_one(RequestRow, request_id)
    assert (row.status, row.due_at, row.lease_owner) == ("completed", None, None)
    assert (row.finished_at, row.key_until) == (service.clock(), service.clock() + LOOK_BACK)
    assert (told(service, "lead.shredded"), told(service, "request.completed")) == (1, 1)


def test_an_access_request_counts_what_was_exported_and_destroys_nothing(
    service: Service, ending: Ending
) -> None:
    """The lead is there afterwards, and in use."""
    lead = a_known_lead(service, ANNA)
    request_id = an_approved(service, ANNA, [], RequestType.ACCESS)
    finishes = ending.begin()
    ending.end(finishes, **{request_id: 12})

    assert [(each.shred, each.export) for each in finishes] == [(False, True)]
    step = step_in(service, request_id, "leadwarden")
    assert (step["found"], step["changed"], step["remaining"]) == (12, None, None)
    assert told(service, "lead.shredded") == 0
    with service.main.read() as session:
        assert ledger.facts_of(session, [lead]) != {}


@pytest.mark.parametrize(("store", "kept"), [(None, True), ("leadwarden", True), ("crm", False)])
def test_a_hold_keeps_the_own_data(service: Service, ending: Ending, store: str | None, kept: bool) -> None:  # noqa: FBT001 - a parameter
    """A hold on the lead, or on the service's own data; not one on another store. Named, and not shredded."""
    lead = a_known_lead(service, ANNA)
    request_id = an_approved(service, ANNA, [])
    hold = Hold("lawsuit", lead if store is None else None, store, {})
    finishes = ending.begin(hold)
    ending.end(finishes)

    step = step_in(service, request_id, "leadwarden")
    assert (step["status"] == "exempt", finishes[0].shred) == (kept, not kept)
    assert step.get("reason") == ("legal_hold:lawsuit" if kept else None)
    assert (step["remaining"] > 0) is kept
    expected = "completed_with_exemptions" if kept else "completed"
    assert described(service, request_id)["status"] == expected
    with service.main.read() as session:
        assert (ledger.facts_of(session, [lead]) != {}) is kept


def test_a_hold_that_comes_after_the_first_commit_comes_too_late(service: Service, ending: Ending) -> None:
    """The entry that announces the destruction stands; a key may be gone already."""
    lead = a_known_lead(service, ANNA)
    an_approved(service, ANNA, [])
    ending.begin()
    ending.worker = Worker(random_id(), sole=True)

    [finish] = ending.begin(Hold("lawsuit", lead, None, {}))

    assert finish.shred is True
    assert told(service, "request.step_started") == 1


def test_a_postponed_end_is_due_later_each_time(service: Service, ending: Ending, clock: Clock) -> None:
    """1, 2, 4 seconds; meanwhile nobody claims it."""
    request_id = an_approved(service, ANNA, [])
    waits = []
    for _ in range(3):
        ending.postpone()
        with service.main.read() as session:
            due = session.get_one(RequestRow, request_id).due_at
        assert due is not None
        waits.append((due - clock.now).total_seconds())
        assert ending.claim() == ()
        clock.now = due

    assert waits == [1, 2, 4]


def test_a_cancelled_request_is_not_put_back_to_work(service: Service, ending: Ending) -> None:
    """Cancelled after the claim: putting it off writes nothing."""
    request_id = an_approved(service, ANNA, [])
    claims = ending.claim()
    casework.cancel(service, request_id, actor=ACTOR)
    before = described(service, request_id)
    service.main.write(
        lambda session: finishing.postpone(
            session, ending.worker, claims, StepError.UNEXPECTED, now=service.clock()
        )
    )

    assert described(service, request_id) == before
    with service.main.read() as session:
        assert session.get_one(RequestRow, request_id).due_at is None


def test_many_are_ended_at_once_each_with_its_own_counts(service: Service, ending: Ending) -> None:
    """An erasure of three leads' worth of rows is not counted as its neighbour's."""
    rich = a_known_lead(service, ANNA, profile={"name": "A", "city": "B", "title": "C"})
    requests = {email: an_approved(service, email, []) for email in (ANNA, "bo@example.com")}
    done = ending.end(ending.begin())

    assert set(done) == set(requests.values())
    assert step_in(service, requests["bo@example.com"], "leadwarden")["found"] == 0
    assert step_in(service, requests[ANNA], "leadwarden")["found"] > 4
    assert told(service, "lead.shredded") == 1
    with service.main.read() as session:
        assert ledger.facts_of(session, [rich]) == {}
