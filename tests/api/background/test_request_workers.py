"""Several workers over one PostgreSQL: leases, not luck, keep them apart."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.context import Service
from api.settings import read_settings
from api.startup import open_service, prepare
from audit.ids import random_id
from governance.requests.leases import Worker
from tests.conftest import Clock, create_tables
from tests.governance.requests.desk import (
    MemoryStore,
    a_known_lead,
    an_approved,
    described,
    step_in,
    work,
)


@pytest.fixture
def shared(tmp_path: Path, fresh_postgres: str, clock: Clock) -> Iterator[Service]:
    """A service whose main database is a server."""
    settings = read_settings(
        {"LEADWARDEN_HOME": str(tmp_path / "home"), "LEADWARDEN_DATABASE_URL": fresh_postgres}
    )
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
