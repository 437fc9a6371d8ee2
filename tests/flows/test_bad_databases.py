"""Databases that are locked, read-only, full or changed: a clear problem, and nothing half done."""

import os
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url

from api.demo import crm
from tests.flows.living import NDJSON, PROBLEM, YAML, Living, Reply, living, ndjson
from tests.flows.people import consent_of, line, objection_of, question_of, request_of
from tests.flows.stored import counts, main
from tests.flows.trail import entries, export, verified
from tests.immutable import immutable

KNOWN = "known@firm.example"
PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.05
HOLD = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""
SEND_AWAY = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND datname = current_database()
"""
WRITES: dict[str, tuple[str, Any]] = {
    "a lead": ("/v1/leads", line("new@firm.example")),
    "a consent": ("/v1/consents", consent_of(KNOWN)),
    "an objection": ("/v1/objections", objection_of(KNOWN)),
    "a decision": ("/v1/decisions", question_of(KNOWN)),
    "a batch": (
        "/v1/decisions/batch",
        {"leads": [{"email": KNOWN}] * 3, "channel": "email", "purpose": "direct_marketing"},
    ),
    "a request": ("/v1/privacy-requests", request_of(KNOWN)),
    "a look-up": ("/v1/leads/lookup", {"lead": {"email": KNOWN}, "purpose": "check"}),
    "an import": ("/v1/leads/import", ndjson([line("imported@firm.example")])),
}
"""A call of every kind that writes; a look-up and a decision write their entry before they answer."""
AT_ONCE = ("a lead", "a consent", "a decision", "a batch", "an import")
"""No more than the service has threads, so that they wait for a lock together and not one after the other."""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Living]:
    """A service of its own, which knows one person."""
    with living(tmp_path / "home") as service:
        service.ask("POST", "/v1/leads", line(KNOWN))
        yield service


def write(service: Living, name: str) -> Reply:
    """One of `WRITES`."""
    path, body = WRITES[name]
    return service.call("POST", path, body, kind=NDJSON if name == "an import" else "application/json")


def assert_all_refused(service: Living, names: Collection[str] = WRITES) -> None:
    """Every write is a 503 that names nothing, and a decision says deny in it; nothing of it is kept."""
    before = counts(service)
    with ThreadPoolExecutor(len(names)) as pool:
        replies = dict(zip(names, pool.map(lambda name: write(service, name), names), strict=True))
    for name, reply in replies.items():
        decides = name in {"a decision", "a batch"}
        code = "decision_unavailable" if decides else "unavailable"
        assert reply.said == (503, PROBLEM, code), name
        assert reply.body.get("effect") == ("deny" if decides else None)
        assert b"firm.example" not in reply.raw
        assert b"sqlite" not in reply.raw.lower()
    assert counts(service) == before
    assert "firm.example" not in service.log.read_text()


def assert_all_done(service: Living) -> None:
    """The same calls, sent again once the database is well."""
    assert {name: write(service, name).status for name in WRITES} == {
        name: 200 if name in {"a decision", "a batch", "a look-up", "an import"} else 201 for name in WRITES
    }
    assert service.call("GET", "/readyz", key=None).status == 200


def assert_trail_whole(service: Living) -> None:
    """It goes on where it was, and verifies."""
    entry = service.ask("POST", "/v1/decisions", question_of(KNOWN))["audit"]["entry_id"]
    exported = export(service, [entry])
    assert verified(exported) == len(entries(exported))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process holds a write transaction on the file."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        yield
        other.communicate()


def test_a_locked_database_refuses_every_write_and_keeps_nothing_of_it(running: Living) -> None:
    """503 within the time that is waited for a lock; reading goes on; afterwards everything works again."""
    with locked(main(running)), ThreadPoolExecutor(1) as pool:
        ready = pool.submit(lambda: running.call("GET", "/readyz", key=None))
        assert_all_refused(running, AT_ONCE)
        assert running.call("GET", "/v1/privacy-requests").status == 200
        assert running.call("GET", "/healthz", key=None).status == 200
        assert ready.result().said == (503, PROBLEM, "not_ready")
    assert_all_done(running)


def worker_of(service: Living) -> int:
    """The process id of the one worker."""
    assert service.process is not None
    found = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children").read_text().split()
    (worker,) = map(int, found)
    return worker


@contextmanager
def full(service: Living) -> Iterator[None]:
    """No file of the service's worker may grow any more, as on a full disk."""
    worker = worker_of(service)
    soft, hard = resource.prlimit(worker, resource.RLIMIT_FSIZE)
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="prlimit is Linux's")
def test_a_full_disk_refuses_every_write_and_keeps_nothing_of_it(running: Living) -> None:
    """The write fails in the middle of a commit; afterwards everything works again."""
    with full(running):
        assert_all_refused(running)
        assert running.call("GET", "/v1/privacy-requests").status == 200
    assert_all_done(running)


def test_a_database_that_becomes_read_only_refuses_every_write(running: Living) -> None:
    """The file and its write-ahead file; afterwards everything works again."""
    path = main(running)
    with immutable(path, path.with_name(f"{path.name}-wal")):
        assert_all_refused(running)
    assert_all_done(running)
    assert_trail_whole(running)


def test_a_service_does_not_start_on_a_read_only_home(running: Living) -> None:
    """One clear line, no traceback, and the exit code of a failure; it starts once it can write."""
    path = main(running)
    running.stop()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with immutable(path) if os.geteuid() == 0 else unwritable(path):
        ran = running.run("serve")
    assert ran.returncode in {1, 2}, ran
    assert ran.stderr.count("\n") == 1
    assert "Traceback" not in ran.stderr
    running.start()
    assert_all_done(running)


@contextmanager
def unwritable(path: Path) -> Iterator[None]:
    """A file and its folder without the right to write."""
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        yield
    finally:
        path.parent.chmod(0o700)
        path.chmod(0o600)


def test_a_store_whose_table_is_missing_needs_attention_and_never_completes(tmp_path: Path) -> None:
    """Nothing is erased anywhere, the certificate stays away; with the table back and a retry it is done."""
    path = tmp_path / "crm.db"
    star = crm.build(path, leads=30)
    with living(tmp_path / "home", LEADWARDEN_STORE_CRM=f"sqlite:///{path}") as service:
        assert service.call("PUT", "/v1/stores/crm", crm.MAPPING.read_bytes(), kind=YAML).status == 201
        assert (
            service.call("POST", "/v1/leads/import", ndjson(crm.import_lines(path)), kind=NDJSON).status
            == 200
        )
        change(path, "ALTER TABLE notes RENAME TO notes_of_old")
        request = approved(service, star.email)
        stuck = until_status(service, request, "needs_attention")
        step = next(step for step in stuck["steps"] if step["store"] == "crm")
        assert (step["status"], step["last_error"]) == ("failed", "table_missing")
        assert service.call("GET", f"{request}/certificate").status == 404
        assert crm.count_mentions(path, (star.email,)) > 0
        refused = service.call("PUT", "/v1/stores/crm", crm.MAPPING.read_bytes(), kind=YAML)
        assert refused.said == (422, PROBLEM, "store_not_usable")
        change(path, "ALTER TABLE notes_of_old RENAME TO notes")
        service.ask("POST", f"{request}/retry", {})
        until_status(service, request, "completed")
        assert service.call("GET", f"{request}/certificate").status == 200
    assert crm.count_mentions(path, (star.email,)) == 0


def change(path: Path, statement: str) -> None:
    """Somebody changes the CRM's schema."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA legacy_alter_table=ON")
        connection.execute(statement)
        connection.commit()


def approved(service: Living, email: str) -> str:
    """The path of an erasure that is verified and approved."""
    request = service.ask("POST", "/v1/privacy-requests", request_of(email))
    path = f"/v1/privacy-requests/{request['id']}"
    service.ask("POST", f"{path}/verify", {"method": "known_channel", "result": "verified"})
    service.ask("POST", f"{path}/approve", {})
    return path


def until_status(service: Living, path: str, status: str) -> Any:
    """The request once it stands there."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (request := service.ask("GET", path))["status"] != status:
        assert time.monotonic() < until, request
        time.sleep(PAUSE_SECONDS)
    return request


@pytest.fixture
def on_postgres(fresh_postgres: str, tmp_path: Path) -> Iterator[Living]:
    """A service over PostgreSQL, its key store a second database there; it knows one person."""
    keys = f"{make_url(fresh_postgres).database}_keys"
    with administered(fresh_postgres) as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {keys}")
    url = make_url(fresh_postgres).set(database=keys).render_as_string(hide_password=False)
    settings = {"LEADWARDEN_DATABASE_URL": fresh_postgres, "LEADWARDEN_KEYS_URL": url}
    with living(tmp_path / "home", **settings) as service:
        service.ask("POST", "/v1/leads", line(KNOWN))
        yield service
    with administered(fresh_postgres) as connection:
        connection.exec_driver_sql(f"DROP DATABASE {keys} WITH (FORCE)")


@contextmanager
def administered(url: str) -> Iterator[Any]:
    """A connection beside the service's, each statement its own transaction."""
    engine = create_engine(make_url(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_a_read_only_server_refuses_every_write(on_postgres: Living, fresh_postgres: str) -> None:
    """As after a fail-over to a replica: 503, and deny; afterwards everything works again."""
    name = make_url(fresh_postgres).database
    with administered(fresh_postgres) as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        connection.exec_driver_sql(SEND_AWAY)
        replies = {each: write(on_postgres, each) for each in WRITES}
        connection.exec_driver_sql("SET default_transaction_read_only = off")
        connection.exec_driver_sql(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        connection.exec_driver_sql(SEND_AWAY)
        leads = connection.exec_driver_sql("SELECT count(*) FROM leads").scalar()
    assert {reply.status for reply in replies.values()} == {503}
    assert {reply.kind for reply in replies.values()} == {PROBLEM}
    assert replies["a decision"].body["effect"] == "deny"
    assert leads == 1
    assert_all_done(on_postgres)


def test_a_locked_table_of_a_server_refuses_and_does_not_wait_for_ever(
    on_postgres: Living, fresh_postgres: str
) -> None:
    """A migration of somebody else's holds the trail: 503 in seconds, not a thread that hangs."""
    engine = create_engine(make_url(fresh_postgres))
    with engine.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE audit_pending IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        reply = on_postgres.call("POST", "/v1/decisions", question_of(KNOWN))
        took = time.monotonic() - began
    engine.dispose()
    assert reply.said == (503, PROBLEM, "decision_unavailable")
    assert took < 12
    assert on_postgres.call("POST", "/v1/decisions", question_of(KNOWN)).status == 200
