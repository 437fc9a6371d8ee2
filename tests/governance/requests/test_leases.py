"""Who may work on what."""

from datetime import timedelta
from functools import partial

from api.context import Service
from audit.ids import random_id
from governance.requests import leases
from governance.requests.leases import Claim, Worker
from tests.conftest import Clock
from tests.governance.requests.desk import an_approved, step_in


def claim(service: Service, worker: Worker, limit: int = 9) -> tuple[Claim, ...]:
    """What a worker gets now."""
    return service.main.write(
        lambda session: leases.claim_steps(session, worker, now=service.clock(), limit=limit)
    )


def test_all_steps_of_a_request_are_claimed_together(service: Service) -> None:
    """So that what one store tells can be asked of the others in the same batch; not the service's own."""
    requests = {an_approved(service, f"p{number}@example.com", ["a", "b"]) for number in range(3)}
    claims = claim(service, Worker(random_id()), limit=2)

    assert len({each.request_id for each in claims}) == 2
    assert {each.request_id for each in claims} < requests
    assert sorted(each.store for each in claims) == ["a", "a", "b", "b"]


def test_what_is_leased_is_nobody_elses_until_it_runs_out(service: Service, clock: Clock) -> None:
    """Then it is, with a higher fence and one attempt more."""
    request_id = an_approved(service, "p@example.com", ["a"])
    first, second = Worker(random_id()), Worker(random_id())
    [mine] = claim(service, first)
    assert claim(service, second) == ()

    clock.now += leases.LEASE - timedelta(microseconds=1)
    assert claim(service, second) == ()
    clock.now += timedelta(microseconds=1)
    [theirs] = claim(service, second)

    assert theirs.fence == mine.fence + 1
    assert step_in(service, request_id, "a")["attempts"] == 2


def test_the_only_process_takes_over_from_the_dead_at_once(service: Service) -> None:
    """On SQLite no other worker can be alive."""
    an_approved(service, "p@example.com", ["a"])
    claim(service, Worker(random_id(), sole=True))

    assert len(claim(service, Worker(random_id(), sole=True))) == 1


def test_a_worker_does_not_claim_again_what_it_holds(service: Service) -> None:
    """Its own lease is a living one."""
    an_approved(service, "p@example.com", ["a"])
    worker = Worker(random_id(), sole=True)
    claim(service, worker)

    assert claim(service, worker) == ()


def test_a_renewed_lease_is_counted_from_the_renewal(service: Service, clock: Clock) -> None:
    """Only the worker's own leases grow, and only those of what still runs."""
    an_approved(service, "p@example.com", ["a", "b"])
    first, second = Worker(random_id()), Worker(random_id())
    assert len(claim(service, first)) == 2
    an_approved(service, "q@example.com", ["a"])
    assert len(claim(service, second)) == 1

    clock.now += leases.RENEW_EVERY
    assert service.main.write(lambda session: leases.renew(session, first, now=clock.now)) == 2
    clock.now += leases.LEASE - timedelta(microseconds=1)
    assert len(claim(service, Worker(random_id()))) == 1
    clock.now += timedelta(microseconds=1)
    assert len(claim(service, Worker(random_id()))) == 2


def test_a_claimed_request_is_renewed_too(service: Service, clock: Clock) -> None:
    """The last part of a request, which may shred, is leased like its steps."""
    an_approved(service, "p@example.com", [])
    worker = Worker(random_id())
    ends = partial(leases.claim_requests, worker=worker, now=clock.now, limit=9)
    assert len(service.main.write(ends)) == 1

    assert service.main.write(lambda session: leases.renew(session, worker, now=clock.now)) == 1
