"""Several workers over one PostgreSQL: leases, not luck, keep them apart."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.context import Service
from api.startup import open_service, prepare
from audit.ids import random_id
from governance.requests import leases
from governance.requests.leases import Worker
from governance.requests.tables import StepRow
from tests.api.background.hanging_worker import settings_of
from tests.conftest import Clock, create_tables
from tests.governance.requests.desk import (
    MemoryStore,
    a_known_lead,
    an_approved,
    described,
    step_in,
    work,
)

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
