"""The whole way of an erasure that a store finishes later, with a new process at every turn."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from api import casework, rights
from api.app import create_app
from api.background import request_batches
from api.background.errand_books import KeptBook
from api.context import Service
from audit.ids import random_id
from governance.errors import LeaseLostError
from governance.requests import leases
from governance.requests.appeals import Result
from governance.requests.leases import Worker
from governance.requests.tables import ErrandRow
from governance.requests.vocabulary import Ground, Method, Regime, RequestType
from governance.stores import register
from governance.stores.protocol import RowRef
from tests.api.serving import serving
from tests.conftest import Clock
from tests.fakes.calling import SECRET, Calling, document
from tests.fakes.enrichment import KEY
from tests.fakes.serving import served
from tests.governance.requests.desk import ACTOR, a_request, an_approved, described, opener, step_in, work
from tests.governance.stores.http.vendors import opened

JANE = "jane.doe@acme.example"
PEOPLE = {"emails": [JANE], "full_name": "Jane Doe"}


@pytest.fixture
def vendor() -> Iterator[Calling]:
    """A provider that knows Jane."""
    fake = Calling()
    fake.add(**PEOPLE)
    with served(fake):
        yield fake


@pytest.fixture
def reached(service: Service) -> Iterator[Service]:
    """The service, with an address at which it answers over HTTP."""
    told = replace(service.settings, store_secrets={"LEADWARDEN_STORE_SIGNATURE": SECRET})
    with serving(create_app(replace(service, settings=told))) as port:
        yield replace(service, settings=replace(told, public_url=f"http://127.0.0.1:{port}"))


def described_in(service: Service, made: dict[str, Any]) -> dict[str, Any]:
    """Keeps the store's document, by which calls are understood."""
    service.main.write(
        lambda session: register.put(session, "enrichment", made, now=service.clock(), actor="officer")
    )
    return made


def turn(service: Service, made: dict[str, Any], *, killed: bool = False) -> None:
    """What is due is worked off by a process that knows nothing but the databases."""
    store = opened(made, ENRICHMENT_KEY=KEY, SIGNATURE=SECRET)
    try:
        if killed:
            request_batches.work_steps(service, Worker(random_id(), sole=True), opener(store))
        else:
            work(service, store)
    finally:
        store.close()


def test_the_store_calls_and_the_request_is_completed(
    reached: Service, vendor: Calling, clock: Clock
) -> None:
    """Begun once, called over HTTP with a signature, woken at once, read back; nothing was polled."""
    made = described_in(reached, document(vendor.base, polls=False))
    request_id = an_approved(reached, JANE, ["enrichment"])
    turn(reached, made)
    waiting = step_in(reached, request_id, "enrichment")
    assert (waiting["status"], waiting["last_error"]) == ("queued", "not_done_yet")
    turn(reached, made)
    assert vendor.finish("in_progress") == [202]
    turn(reached, made)
    assert described(reached, request_id)["status"] == "in_progress"
    clock.now += timedelta(minutes=1)
    assert vendor.finish() == [202]
    assert vendor.finish() == [202]
    turn(reached, made)
    done = step_in(reached, request_id, "enrichment")
    assert (done["status"], done["found"], done["changed"], done["remaining"]) == ("succeeded", 1, 1, 0)
    assert described(reached, request_id)["status"] == "completed"
    assert (vendor.begun, vendor.polled) == (1, 0)
    assert vendor.finish() == [202]
    assert not any("jane" in url for held in vendor.work.values() for url in held["urls"])


def test_a_call_is_never_believed_alone(reached: Service, vendor: Calling, clock: Clock) -> None:
    """The provider says that it is done, and still has the person: not done, and begun anew."""
    made = described_in(reached, document(vendor.base, polls=False))
    request_id = an_approved(reached, JANE, ["enrichment"])
    turn(reached, made)
    assert vendor.finish(erases=False) == [202]
    turn(reached, made)
    step = step_in(reached, request_id, "enrichment")
    assert (step["status"], step["last_error"], step["remaining"]) == ("queued", "rows_remain", 1)
    clock.now += timedelta(seconds=2)
    turn(reached, made)
    assert vendor.begun == 2
    assert 202 in vendor.finish()
    turn(reached, made)
    assert described(reached, request_id)["status"] == "completed"


def test_a_provider_that_never_calls_fails_the_step(reached: Service, vendor: Calling, clock: Clock) -> None:
    """By a closed code, when the time is over; a late call changes nothing then, and a retry begins anew."""
    made = described_in(reached, document(vendor.base, polls=False))
    request_id = an_approved(reached, JANE, ["enrichment"])
    turn(reached, made)
    clock.now += timedelta(hours=1)
    turn(reached, made)
    step = step_in(reached, request_id, "enrichment")
    assert (step["status"], step["last_error"]) == ("failed", "not_done_in_time")
    assert described(reached, request_id)["status"] == "needs_attention"
    assert vendor.finish(erases=False) == [202]
    turn(reached, made)
    assert step_in(reached, request_id, "enrichment")["status"] == "failed"
    casework.retry(reached, request_id, actor="officer")
    turn(reached, made)
    assert vendor.begun == 2
    assert vendor.finish() == [202, 202]
    turn(reached, made)
    assert described(reached, request_id)["status"] == "completed"


def test_polling_finishes_what_no_call_tells(reached: Service, vendor: Calling, clock: Clock) -> None:
    """The call went astray; a new process asks about the same work, and begins none of its own."""
    made = described_in(reached, document(vendor.base))
    request_id = an_approved(reached, JANE, ["enrichment"])
    turn(reached, made, killed=True)
    for held in vendor.work.values():
        held["status"] = "completed"
    vendor.people.clear()
    turn(reached, made)
    assert described(reached, request_id)["status"] == "in_progress"
    clock.now += timedelta(seconds=600)
    turn(reached, made)
    assert described(reached, request_id)["status"] == "completed"
    assert (vendor.begun, vendor.polled) == (1, 2)


def test_a_provider_that_keeps_forgetting_fails_the_step_in_time(
    reached: Service, vendor: Calling, clock: Clock
) -> None:
    """Each time it is told the same id, and the time counts from the first."""
    made = described_in(reached, document(vendor.base))
    made["http"]["tables"]["people"]["job"]["poll"]["gone"] = [404]
    request_id = an_approved(reached, JANE, ["enrichment"])
    told: set[str] = set()
    for _ in range(6):
        turn(reached, made)
        assert step_in(reached, request_id, "enrichment")["last_error"] == "not_done_yet"
        told.update(vendor.work)
        vendor.work.clear()
        clock.now += timedelta(minutes=10)
    turn(reached, made)
    step = step_in(reached, request_id, "enrichment")
    assert (step["status"], step["last_error"], len(told)) == ("failed", "not_done_in_time", 1)
    assert vendor.begun == 3


def test_a_line_of_a_worker_that_was_overtaken_is_not_written(reached: Service) -> None:
    """Whoever holds the step by now has begun, or not, what is to be begun."""
    an_approved(reached, JANE, ["enrichment"])
    slow, fast = Worker(random_id()), Worker(random_id(), sole=True)
    [held] = reached.main.write(
        lambda session: leases.claim_steps(session, slow, now=reached.clock(), limit=1)
    )
    reached.main.write(lambda session: leases.claim_steps(session, fast, now=reached.clock(), limit=1))
    key = casework.request_key(reached, held.request_id)
    book = KeptBook(reached, slow, held, key)
    with pytest.raises(LeaseLostError):
        book.begin(RowRef("people", ("p1",)))
    with reached.main.read() as session:
        assert session.scalars(select(ErrandRow)).all() == []


def test_a_granted_appeal_waits_for_nothing_that_was_begun_before(reached: Service, vendor: Calling) -> None:
    """An answer that came meanwhile wakes its step no more: the store is not asked again and again."""
    vendor.add(emails=[JANE], full_name="Jane Doe")
    made = described_in(reached, document(vendor.base))
    request_id = a_request(reached, JANE, RequestType.ERASURE, regime=Regime.US_STATE)
    casework.verify(reached, request_id, Method.LOGIN, passed=True, actor=ACTOR)
    casework.approve(reached, request_id, actor=ACTOR, stores=["enrichment"])
    turn(reached, made)
    casework.refuse(reached, request_id, Ground.LEGAL_CLAIMS, "a claim came", actor=ACTOR)
    held = next(iter(vendor.work.values()))
    held["status"] = "completed"
    vendor.people.pop(held["person"])
    vendor.call(held["urls"][0], b'{"request_status":"completed"}')
    rights.appeal(reached, request_id, "Please.", received_at=None, actor=ACTOR)
    rights.decide_appeal(reached, request_id, Result.GRANTED, "We do.", actor=ACTOR)
    casework.approve(reached, request_id, actor=ACTOR, stores=["enrichment"])
    store, batches = opened(made, ENRICHMENT_KEY=KEY, SIGNATURE=SECRET), 0
    worker = Worker(random_id(), sole=True)
    while batches < 5 and request_batches.work_steps(reached, worker, opener(store)):
        batches += 1
    store.close()

    assert batches == 1
