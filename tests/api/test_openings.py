"""Openings at the door: 429 with a time, counted across threads and databases, whatever way in is taken."""

import json
import sqlite3
import threading
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from api import casework
from api.app import create_app
from api.context import Service
from api.settings import Settings
from audit.tables import PendingRow
from governance.accounts import make_key
from governance.requests.vocabulary import Method, RequestType
from governance.scopes import OURSELVES, Allowance, Grant
from tests.conftest import NOW, Clock, KeyOf
from tests.governance.requests.desk import ACTOR, MemoryStore, a_known_lead, a_request, an_approved, work
from tests.openings import Watch

ANNA = "anna.berg@example.com"
LIMIT, THREADS, CALLS = 7, 8, 4


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Two people an hour, three a day."""
    return replace(settings, openings_an_hour=2, openings_a_day=3)


def looked_up(client: FlaskClient, headers: dict[str, str], purpose: str = "support") -> tuple[int, str]:
    """Status and Retry-After of a look-up of Anna."""
    body = {"lead": {"email": ANNA}, "purpose": purpose}
    answer = client.post("/v1/leads/lookup", json=body, headers=headers)
    return answer.status_code, answer.headers.get("Retry-After", "")


def test_more_than_the_setting_allows_is_429(
    service: Service, client: FlaskClient, key_of: KeyOf, clock: Clock
) -> None:
    """With the seconds to wait, hits and misses alike; another key still may."""
    reader = key_of("leads:read")
    missed = looked_up(client, reader)
    a_known_lead(service, ANNA)
    found = looked_up(client, reader)
    answer = client.post(
        "/v1/leads/lookup", json={"lead": {"email": ANNA}, "purpose": "support"}, headers=reader
    )

    assert (missed[0], found[0], answer.status_code) == (404, 200, 429)
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert (answer.json["code"], answer.headers["Retry-After"]) == ("too_many_openings", "3600")
    assert ANNA not in answer.text
    assert looked_up(client, key_of("leads:read"))[0] == 200
    assert 'leadwarden_alarms{kind="too_many_openings"} 1.0' in client.get("/metrics").text
    clock.now = NOW.replace(hour=NOW.hour + 1)
    assert [looked_up(client, reader)[0] for _ in range(2)] == [200, 429]


def test_what_is_refused_was_not_resolved(service: Service, client: FlaskClient, key_of: KeyOf) -> None:
    """Neither an opening nor a miss is written: who is refused learns nothing by the refusal."""
    reader = key_of("leads:read")
    for _ in range(5):
        looked_up(client, reader)
    with service.main.read() as session:
        actions = session.scalars(select(PendingRow.action)).all()

    assert actions.count("lead.lookup_missed") == 2
    assert actions.count("opening.refused") == 3


def test_packages_and_candidates_count_too(service: Service, client: FlaskClient, key_of: KeyOf) -> None:
    """Nobody gets round the limit by another door."""
    a_known_lead(service, ANNA)
    officer = key_of("leads:read", "requests:review", "requests:export")
    request_id = an_approved(service, ANNA, ["crm"], RequestType.ACCESS)
    work(service, MemoryStore("crm", {1: {"email": ANNA}}))
    package = f"/v1/privacy-requests/{request_id}/package"
    doubted = an_approved(service, ANNA, ["crm"])
    work(service, MemoryStore("crm", {2: {"email": ANNA, "name": "A. Berg"}}, doubtful={2}))
    shown = f"/v1/privacy-requests/{doubted}/steps/crm/candidates"

    assert client.get(package, headers=officer).status_code == 200
    assert client.post(shown, json={}, headers=officer).status_code == 200
    assert client.get(package, headers=officer).status_code == 429
    assert client.post(shown, json={}, headers=officer).status_code == 429
    assert looked_up(client, officer)[0] == 429


@pytest.mark.parametrize("where", ["service", "on_postgres"])
def test_racing_calls_open_no_more_than_is_allowed(where: str, request: pytest.FixtureRequest) -> None:
    """Threads with one key, each call in a transaction of its own: exactly as many as allowed go through."""
    service: Service = request.getfixturevalue(where)
    a_known_lead(service, ANNA)
    grant = Grant(frozenset({"leads:read"}), allowance=Allowance(LIMIT, LIMIT))
    made = service.main.write(lambda session: make_key(session, "t", grant, maker=OURSELVES, now=NOW))
    statuses = raced(create_app(service), {"Authorization": f"Bearer {made.token}"})
    with service.main.read() as session:
        query = select(PendingRow.body).where(PendingRow.action == "lead.looked_up")
        opened = [json.loads(body) for body in session.scalars(query)]

    assert sorted(statuses) == [200] * LIMIT + [429] * (THREADS * CALLS - LIMIT)
    assert len(opened) == LIMIT


def raced(app: Flask, headers: dict[str, str]) -> list[int]:
    """The statuses of many look-ups at once."""
    barrier, statuses, lock = threading.Barrier(THREADS), list[int](), threading.Lock()

    def call() -> None:
        client = app.test_client()
        barrier.wait()
        for _ in range(CALLS):
            status, _ = looked_up(client, headers)
            with lock:
                statuses.append(status)

    threads = [threading.Thread(target=call) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def test_a_key_bound_to_purposes_looks_up_for_no_other(
    service: Service, client: FlaskClient, key_of: KeyOf
) -> None:
    """403, and the trail says that it was tried; capitals make no other purpose."""
    a_known_lead(service, ANNA)
    grant = Grant(frozenset({"leads:read"}), lookup_purposes=frozenset({"support", "audit visit"}))
    made = service.main.write(lambda session: make_key(session, "t", grant, maker=OURSELVES, now=NOW))
    bound = {"Authorization": f"Bearer {made.token}"}

    assert [looked_up(client, bound, word)[0] for word in ("support", "Support", "sales")] == [200, 200, 403]
    with service.main.read() as session:
        query = select(PendingRow.body).where(PendingRow.action == "access.denied")
        [facts] = [json.loads(body)["facts"] for body in session.scalars(query)]
    assert (facts["scope"], facts["reason"]) == ("leads:read", "outside_binding")
    assert looked_up(client, key_of("leads:read"), "sales")[0] == 200


def test_where_the_log_can_not_be_written_nothing_is_opened(
    service: Service, client: FlaskClient, key_of: KeyOf, openings: Watch
) -> None:
    """Look-up, package, candidates, approval: 503, and not a field is decrypted; afterwards all goes on."""
    a_known_lead(service, ANNA)
    officer = key_of("leads:read", "requests:review", "requests:export")
    request_id = an_approved(service, ANNA, ["crm"], RequestType.ACCESS)
    work(service, MemoryStore("crm", {1: {"email": ANNA}}))
    doubted = an_approved(service, ANNA, ["crm"])
    work(service, MemoryStore("crm", {2: {"email": ANNA, "name": "A. Berg"}}, doubtful={2}))
    new = a_request(service, ANNA, RequestType.ACCESS)
    casework.verify(service, new, Method.DOCUMENT_SEEN, passed=True, actor=ACTOR)
    openings.decrypted.clear()
    rename(service, "audit_pending", "gone")
    answers = [
        client.post("/v1/leads/lookup", json={"lead": {"email": ANNA}, "purpose": "x"}, headers=officer),
        client.get(f"/v1/privacy-requests/{request_id}/package", headers=officer),
        client.post(f"/v1/privacy-requests/{doubted}/steps/crm/candidates", json={}, headers=officer),
        client.post(f"/v1/privacy-requests/{new}/approve", json={}, headers=officer),
    ]

    assert [answer.status_code for answer in answers] == [503] * 4
    assert openings.decrypted == set()
    assert not any(ANNA in answer.text for answer in answers)
    rename(service, "gone", "audit_pending")
    assert client.get(f"/v1/privacy-requests/{request_id}/package", headers=officer).status_code == 200


def rename(service: Service, table: str, to: str) -> None:
    """Take a table away from the service, or give it back."""
    with sqlite3.connect(service.settings.home / "leadwarden.db") as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO {to}")
    connection.close()
