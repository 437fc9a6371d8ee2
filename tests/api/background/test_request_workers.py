"""Several workers over one PostgreSQL: leases, not luck, keep them apart."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from api import rights, verification
from api.background import request_files, request_lifts
from api.context import Service
from api.startup import open_service, prepare
from audit.ids import random_id
from governance.requests import leases, lookback
from governance.requests.appeals import Result
from governance.requests.leases import Worker
from governance.requests.lifting import NOTICE
from governance.requests.tables import RequestRow, StepRow
from governance.requests.vocabulary import Regime, RequestType
from tests.api.background.hanging_worker import settings_of
from tests.api.letters import newest_code, writing
from tests.conftest import Clock, create_tables
from tests.governance.requests.desk import (
    ACTOR,
    MemoryStore,
    a_known_lead,
    a_request,
    an_approved,
    described,
    refuse,
    step_in,
    work,
)
from tests.governance.requests.test_corrections import a_rectification
from tests.governance.requests.writable import WritableStore

PATIENCE_SECONDS = 30


@pytest.fixture
def shared(tmp_path: Path, fresh_postgres: str, clock: Clock) -> Iterator[Service]:
    """A service whose main database is a server."""
    settings = settings_of(tmp_path / "home", fresh_postgres)
    prepare(settings)
    create_tables(settings)
    opened = open_service(settings, clock)
    yield opened
    opened.close()


def test_an_erasure_runs_on_a_server(shared: Service) -> None:
    """The same life as over SQLite."""
    a_known_lead(shared, "anna@example.com")
    crm = MemoryStore("crm", {1: {"email": "anna@example.com"}})
    request_id = an_approved(shared, "anna@example.com", ["crm"])

    work(shared, crm, worker=Worker(random_id()))

    assert described(shared, request_id)["status"] == "completed"
    assert crm.rows == {}


def test_three_workers_at_once_do_each_step_once(shared: Service) -> None:
    """Thirty erasures; nobody is erased twice, nobody forgotten."""
    emails = [f"p{number}@example.com" for number in range(30)]
    for email in emails:
        a_known_lead(shared, email)
    requests = [an_approved(shared, email, ["crm"]) for email in emails]
    crm = MemoryStore("crm", {number: {"email": email} for number, email in enumerate(emails)})
    workers = [
        threading.Thread(target=work, args=(shared, crm), kwargs={"worker": Worker(random_id())})
        for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    work(shared, crm, worker=Worker(random_id()))

    assert {described(shared, request_id)["status"] for request_id in requests} == {"completed"}
    assert {described(shared, request_id)["certificate"]["number"] for request_id in requests} == {1}
    assert {step_in(shared, request_id, "crm")["attempts"] for request_id in requests} == {1}
    assert sorted(crm.deleted) == list(range(30))


def test_a_living_worker_keeps_its_lease_and_a_killed_one_is_followed_within_it(
    shared: Service, clock: Clock, fresh_postgres: str
) -> None:
    """Renewed while the process lives; after `kill -9` the next worker waits for one short lease."""
    clock.now = datetime.now(UTC)
    request_id = an_approved(shared, "anna@example.com", ["crm"])
    crm = MemoryStore("crm", {1: {"email": "anna@example.com"}})
    with a_hanging_worker(shared, fresh_postgres) as hanging:
        first = lease_of(shared, request_id)
        until = time.monotonic() + PATIENCE_SECONDS
        while lease_of(shared, request_id) == first and time.monotonic() < until:
            time.sleep(0.05)
        clock.now = first
        work(shared, crm, worker=Worker(random_id()))
        assert step_in(shared, request_id, "crm")["status"] == "running"
        hanging.kill()
        hanging.wait()

    clock.now = lease_of(shared, request_id)
    work(shared, crm, worker=Worker(random_id()))

    assert described(shared, request_id)["status"] == "completed"
    assert step_in(shared, request_id, "crm")["attempts"] == 2
    assert leases.LEASE.total_seconds() == 20


def test_every_right_runs_on_a_server(shared: Service, clock: Clock) -> None:
    """Codes, corrections, restrictions and their end, appeals, and the end of a file: the same statements."""
    service = writing(shared)
    a_known_lead(service, "ana@example.com", profile={"first_name": "Ana"})
    crm = WritableStore("crm", {1: {"email": "ana@example.com", "first_name": "Ana"}})
    by_code = a_request(service, "ana@example.com")
    verification.send_code(service, by_code, actor=ACTOR)
    assert not verification.enter_code(service, by_code, "00000000", actor=ACTOR)
    assert verification.enter_code(service, by_code, newest_code(service).replace(" ", ""), actor=ACTOR)
    corrected = a_rectification(service, [{"name": "first_name", "value": "Anna", "was": "Ana"}], ["crm"])
    restricted = an_approved(service, "ana@example.com", ["crm"], RequestType.RESTRICTION)
    work(service, crm, worker=Worker(random_id()))
    assert (crm.rows[1]["first_name"], crm.restricted) == ("Anna", {1})
    rights.lift(service, restricted, "done", at=None, told_otherwise=True, actor=ACTOR)
    clock.now += NOTICE
    assert request_lifts.lift_due(service) == 1
    work(service, crm, worker=Worker(random_id()))
    assert crm.restricted == set()
    assert {described(service, each)["status"] for each in (corrected, restricted)} == {"completed"}
    refused = a_request(service, "ben@example.com", regime=Regime.US_STATE)
    refuse(service, refused)
    rights.appeal(service, refused, "said", received_at=None, actor=ACTOR)
    rights.decide_appeal(service, refused, Result.REJECTED, "no", actor=ACTOR)
    service.main.write(lambda session: lookback.forget(session, [refused, corrected], now=clock.now))
    request_files.step(service, clock.now + timedelta(days=31 * 36))

    with service.main.read() as session:
        assert set(session.scalars(select(RequestRow.id))) == {by_code, restricted}


@contextmanager
def a_hanging_worker(service: Service, url: str) -> Iterator[subprocess.Popen[str]]:
    """A process that has claimed what was due, and waits for its store."""
    program = [sys.executable, "-m", "tests.api.background.hanging_worker", str(service.settings.home), url]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "hanging\n"
            yield process
        finally:
            process.kill()


def lease_of(service: Service, request_id: str) -> datetime:
    """Until when the CRM's step is somebody's."""
    with service.main.read() as session:
        step = session.get_one(StepRow, (request_id, "crm", "erase"))
        assert step.lease_until is not None
        return step.lease_until
