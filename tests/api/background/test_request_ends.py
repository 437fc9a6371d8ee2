"""The three commits of an erasure, cut off between any two of them; and requests that end otherwise."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import func, select

from api import casework
from api.background import request_batches, request_ends
from api.context import Service
from api.database import Database
from api.errors import DatabaseUnavailableError
from audit.ids import random_id
from audit.tables import LinkRow, PendingRow
from consent import ledger
from governance.errors import IllegalChangeError, LeadUnknownError
from governance.identity import email
from governance.requests import certifying, finishing, leases
from governance.requests.leases import Worker
from governance.requests.tables import PackageChunkRow, RequestLeadRow
from governance.requests.vocabulary import RequestType, StepError
from governance.resolve import sole
from governance.vault import keys as vault
from tests.conftest import Clock
from tests.governance.requests.desk import (
    ACTOR,
    MemoryStore,
    a_known_lead,
    an_approved,
    described,
    opener,
    refuse,
    step_in,
    work,
)

ANNA = "anna.berg@example.com"


def worker() -> Worker:
    """Another life of the one process."""
    return Worker(random_id(), sole=True)


def stores_done(service: Service) -> tuple[str, str]:
    """A lead, and its erasure whose stores are done."""
    lead = a_known_lead(service, ANNA, country="DE", profile={"name": "Anna"})
    request_id = an_approved(service, ANNA, ["crm"])
    crm = MemoryStore("crm", {1: {"email": ANNA}})
    request_batches.work_steps(service, worker(), opener(crm))
    return lead, request_id


def begun(service: Service, by: Worker) -> tuple[finishing.Finish, ...]:
    """The first commit, by a worker that then dies."""
    claims = service.main.write(
        lambda session: leases.claim_requests(session, by, now=service.clock(), limit=9)
    )
    return service.main.write(lambda session: finishing.begin(session, by, claims, (), now=service.clock()))


def is_shredded(service: Service, lead: str) -> bool:
    """Whether nothing is left of a lead: no key, no row, no fact, no link."""
    with service.keys.read() as keys:
        has_key = bool(vault.load(keys, service.keyring, [lead]))
    with service.main.read() as session:
        facts = ledger.facts_of(session, [lead])
        links = session.scalar(select(func.count()).where(LinkRow.lead_id == lead))
        asked = session.scalar(select(func.count()).where(RequestLeadRow.lead_id == lead))
        with pytest.raises(LeadUnknownError):
            sole(session, service.keyring, email(ANNA))
    return (has_key, facts, links, asked) == (False, {}, 0, 0)


def told(service: Service, action: str) -> int:
    """How often the trail says it."""
    with service.main.read() as session:
        return session.scalar(select(func.count()).where(PendingRow.action == action)) or 0


def test_an_erasure_shreds_the_lead(service: Service) -> None:
    """Key, rows, facts and links are gone; the request's own key stays for the look-back."""
    lead, request_id = stores_done(service)

    request_ends.end_requests(service, worker())

    assert is_shredded(service, lead)
    assert described(service, request_id)["status"] == "completed"
    assert casework.request_key(service, request_id).owner == request_id
    assert told(service, "lead.shredded") == 1


def test_a_crash_after_the_first_commit_is_resumed(service: Service) -> None:
    """The entry stands, the key is still there: the next life goes on, and tells it once."""
    lead, request_id = stores_done(service)
    begun(service, worker())
    before = told(service, "request.step_started")

    request_ends.end_requests(service, worker())

    assert is_shredded(service, lead)
    assert described(service, request_id)["status"] == "completed"
    assert told(service, "request.step_started") == before
    assert step_in(service, request_id, "leadwarden")["attempts"] == 2
    assert step_in(service, request_id, "leadwarden")["found"] > 0


def test_a_crash_after_the_key_is_gone_is_resumed(service: Service) -> None:
    """The rows can not be opened any more, and are deleted by the next life."""
    lead, request_id = stores_done(service)
    begun(service, worker())
    service.keys.write(lambda keys: vault.destroy(keys, lead, now=service.clock()))

    request_ends.end_requests(service, worker())

    assert is_shredded(service, lead)
    assert described(service, request_id)["status"] == "completed"
    assert told(service, "request.completed") == told(service, "request.certified") == 1


def test_a_worker_that_was_overtaken_completes_nothing(service: Service) -> None:
    """Two workers end the same request: the older fence writes nothing."""
    _, request_id = stores_done(service)
    slow = worker()
    finishes = begun(service, slow)
    request_ends.end_requests(service, worker())

    done = service.main.write(
        lambda session: finishing.end(session, slow, finishes, done={}, now=service.clock())
    )

    assert done == ()
    assert told(service, "request.completed") == 1
    assert described(service, request_id)["certificate"]["number"] == 1


@pytest.mark.parametrize("kind", [RequestType.ERASURE, RequestType.ACCESS])
def test_a_request_that_was_cancelled_after_its_claim_is_not_ended(
    service: Service, kind: RequestType
) -> None:
    """Nothing is shredded, nothing certified: cancelled between the claim and the first commit."""
    lead = a_known_lead(service, ANNA)
    request_id, by = an_approved(service, ANNA, [], kind), worker()
    claims = service.main.write(
        lambda session: leases.claim_requests(session, by, now=service.clock(), limit=9)
    )
    casework.cancel(service, request_id, actor=ACTOR)

    finishes = service.main.write(
        lambda session: finishing.begin(session, by, claims, (), now=service.clock())
    )

    assert (len(claims), finishes) == (1, ())
    with service.main.read() as session:
        assert sole(session, service.keyring, email(ANNA)) == lead


def test_an_access_request_that_is_cancelled_while_it_ends_gets_no_certificate(service: Service) -> None:
    """Its own data were being exported when the officer cancelled."""
    a_known_lead(service, ANNA)
    request_id, by = an_approved(service, ANNA, [], RequestType.ACCESS), worker()
    finishes = begun(service, by)
    casework.cancel(service, request_id, actor=ACTOR)

    done = service.main.write(
        lambda session: finishing.end(session, by, finishes, done={}, now=service.clock())
    )

    assert (len(finishes), done) == (1, ())
    assert told(service, "request.completed") == 0
    assert described(service, request_id)["status"] == "cancelled"


def test_once_the_shredding_began_there_is_no_way_back(service: Service) -> None:
    """A cancelled request with a destroyed key would be a lie."""
    _, request_id = stores_done(service)
    begun(service, worker())

    with pytest.raises(IllegalChangeError):
        casework.cancel(service, request_id, actor=ACTOR)
    with pytest.raises(IllegalChangeError):
        refuse(service, request_id)


class Away:
    """A key store that answers reads and takes no writes."""

    def __init__(self, keys: Database) -> None:
        self._keys = keys

    def __getattr__(self, name: str) -> Any:
        """Whatever the key store does."""
        return getattr(self._keys, name)

    def write(self, work: object) -> None:  # noqa: ARG002 - it takes none
        """It takes no writes."""
        raise DatabaseUnavailableError("the key store takes no writes")


def test_a_key_store_that_is_away_postpones_the_end(service: Service) -> None:
    """The own step is queued again with its reason; nothing is deleted before the key is."""
    lead, request_id = stores_done(service)

    request_ends.end_requests(replace(service, keys=cast("Database", Away(service.keys))), worker())

    step = step_in(service, request_id, "leadwarden")
    assert (step["status"], step["last_error"]) == ("queued", StepError.KEYS_UNAVAILABLE)
    with service.main.read() as session:
        assert ledger.facts_of(session, [lead]) != {}


def test_the_end_fails_for_good_after_five_tries_and_can_be_retried(service: Service, clock: Clock) -> None:
    """An officer sees it, and says go on."""
    lead, request_id = stores_done(service)
    broken = replace(service, keys=cast("Database", Away(service.keys)))
    for seconds in (0, 1, 2, 4, 8):
        clock.now += timedelta(seconds=seconds)
        request_ends.end_requests(broken, worker())
    assert step_in(service, request_id, "leadwarden")["status"] == "failed"
    assert described(service, request_id)["status"] == "needs_attention"

    casework.retry(service, request_id, actor=ACTOR)
    work(service)

    assert described(service, request_id)["status"] == "completed"
    assert is_shredded(service, lead)


def test_killed_workers_are_no_failed_tries_of_the_end(service: Service) -> None:
    """After nine deaths one refusal of the key store is the first failure, not the last."""
    _, request_id = stores_done(service)
    for _ in range(9):
        begun(service, worker())

    request_ends.end_requests(replace(service, keys=cast("Database", Away(service.keys))), worker())

    assert step_in(service, request_id, "leadwarden")["status"] == "queued"
    assert described(service, request_id)["status"] == "in_progress"


def test_a_retry_gives_the_end_all_its_tries_again(service: Service, clock: Clock) -> None:
    """What failed for good once does not fail for good at the first refusal after the officer's retry."""
    _, request_id = stores_done(service)
    broken = replace(service, keys=cast("Database", Away(service.keys)))
    for seconds in (0, 1, 2, 4, 8):
        clock.now += timedelta(seconds=seconds)
        request_ends.end_requests(broken, worker())
    casework.retry(service, request_id, actor=ACTOR)

    request_ends.end_requests(broken, worker())

    assert step_in(service, request_id, "leadwarden")["status"] == "queued"


def test_a_request_that_can_not_be_ended_keeps_no_other_from_its_end(service: Service) -> None:
    """A package whose key is lost is postponed with its reason; the erasure beside it is completed."""
    a_known_lead(service, "bo@example.com")
    lost = an_approved(service, "bo@example.com", [], RequestType.ACCESS)
    lead, request_id = stores_done(service)
    service.keys.write(lambda keys: vault.destroy(keys, lost, now=service.clock()))

    request_ends.end_requests(service, worker())

    assert described(service, request_id)["status"] == "completed"
    assert is_shredded(service, lead)
    step = step_in(service, lost, "leadwarden")
    assert (step["status"], step["last_error"]) == ("queued", "keys_unavailable")


def test_an_erasure_takes_earlier_packages_along(service: Service) -> None:
    """A copy that was made for an access request is a copy all the same."""
    a_known_lead(service, ANNA)
    access = an_approved(service, ANNA, [], RequestType.ACCESS)
    work(service)
    assert described(service, access)["status"] == "completed"
    an_approved(service, ANNA, [])
    work(service)

    with service.main.read() as session:
        assert session.scalar(select(func.count()).select_from(PackageChunkRow)) == 0


def test_a_certificate_says_who_answers_for_what(service: Service) -> None:
    """A step done by hand is marked, with no counts that nobody read."""
    binder = MemoryStore("binder", by_hand=True)
    request_id = an_approved(service, ANNA, ["binder"])
    work(service, binder)
    casework.complete(service, request_id, "binder", actor=ACTOR)
    work(service, binder)

    with service.main.read() as session:
        document = certifying.handed_out(session, request_id)
    [line] = [step for step in document["steps"] if step["store"] == "binder"]
    assert line["by_hand"] is True
    assert (line["found"], line["remaining"]) == (None, None)
    assert document["controller"] == service.settings.controller
