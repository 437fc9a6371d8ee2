"""Checks a second, as ratios to a point look-up and to a bare hello in the same server processes.

    python -m tests.bench decisions             # SQLite, one process; then PostgreSQL, one process and two
    python -m tests.bench.decisions sqlite      # one of them: `sqlite` or `postgres`
    python -m tests.bench.decisions flat        # SQLite with 10,000 leads, then with 1,000,000

The load comes from this process, over eight connections (two for batches) that each wait for their answer.
Every kind of request is measured in turns, and the median of its rounds counts. Beside the rate stands the
server's processor time for each: on a busy machine it says more.
"""

import os
import random
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from flask import Flask, request
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from sqlalchemy import Connection, create_engine, insert, select, text
from sqlalchemy.orm import DeclarativeBase

from api.context import Service, utc_now
from api.intake import take_in_each
from api.loops import Running
from api.server import load
from api.settings import Settings, read_settings
from api.startup import open_migrated, open_service
from audit.ids import new_id, random_id
from consent.events import ConsentStatus
from consent.notices import Notice
from consent.tables import FactsRow
from governance.accounts import make_key
from governance.contact import NewConsent, record_consent
from governance.identity import ById
from governance.leads import new_lead
from governance.scopes import OURSELVES, Grant
from governance.tables import IdentifierRow, LeadRow
from governance.vault.index import lookup_hashes
from tests.driving import Load, Rate, Target, get, medians, post, processor_seconds
from tests.postgres import running_postgres

LEADS = 4_000
FEW, MANY = 10_000, 1_000_000
AT_ONCE = 20_000
PICKED = 1_000
THREADS = 4
ROUNDS = 5
SECONDS = 2.0
BATCH = 5_000
STOP_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Seeded:
    """What the load asks about, and with which key."""

    lead_ids: Sequence[str]
    token: str


def main() -> None:
    """Both databases, as they are run."""
    sqlite()
    postgres()


def sqlite() -> None:
    """SQLite in one process."""
    with tempfile.TemporaryDirectory() as folder:
        settings = _settings(Path(folder) / "home")
        seeded = _seed(settings)
        _report(f"SQLite, 1 process of {THREADS} threads", _measured(settings, _loads(seeded)))


def postgres() -> None:
    """PostgreSQL with one process, then two; the loops run in a process of their own."""
    servers = running_postgres(fsync="on")
    url = next(servers)
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with tempfile.TemporaryDirectory() as folder, server.connect() as connection:
        for name in ("bench_main", "bench_keys"):
            connection.execute(text(f"CREATE DATABASE {name}"))
        backend = connection.scalar(text("SELECT pg_backend_pid()"))
        postmaster = int(Path(f"/proc/{backend}/stat").read_text().rpartition(") ")[2].split()[1])
        urls = [url.removesuffix("postgres") + name for name in ("bench_main", "bench_keys")]
        settings = replace(_settings(Path(folder) / "home"), database_url=urls[0], keys_url=urls[1])
        seeded = _seed(settings)
        for workers in (1, 2):
            several = replace(settings, workers=workers)
            rates = _measured(several, _loads(seeded), rounds=3, database=postmaster)
            _report(f"PostgreSQL, {workers} process(es) of {THREADS} threads", rates)
    server.dispose()
    servers.close()


def flat() -> None:
    """SQLite with few leads, then with many: what a check costs must not depend on it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = _settings(Path(folder) / "home")
        seeded = _seed(settings)
        measured, count = [], LEADS
        for wanted in (FEW, MANY):
            more = _multiply(settings, seeded, range(count, wanted))
            count = wanted
            loads = _loads(replace(seeded, lead_ids=more), leads=wanted)
            measured.append(_measured(settings, loads, rounds=3))
        for name in measured[0]:
            few, many = measured[0][name], measured[1][name]
            print(  # noqa: T201
                f"{name:16} {few.a_second:8.0f}/s with {FEW:,} leads, {many.a_second:8.0f}/s with {MANY:,}:"
                f" {many.a_second / few.a_second:.2f} x, {few.cpu / many.cpu:.2f} x by processor time"
            )


def bench_app(settings: Settings) -> Flask:
    """The service with two routes more: the baselines."""
    app = load(settings)
    engine = create_engine(settings.database_url)

    @app.get("/bench/hello")
    def hello() -> dict[str, str]:
        return {"hello": "world"}

    @app.get("/bench/lookup")
    def lookup() -> dict[str, Any]:
        lead_id = request.args["lead_id"]
        with engine.connect() as connection:
            found = connection.execute(
                select(FactsRow.version, FactsRow.facts).where(FactsRow.lead_id == lead_id)
            ).one()
        return {"lead_id": lead_id, "version": found.version, "facts": len(found.facts)}

    return app


def _settings(home: Path) -> Settings:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = read_settings({"LEADWARDEN_HOME": str(home), "LEADWARDEN_LISTEN": f"127.0.0.1:{port}"})
    return replace(settings, threads=THREADS)


def _seed(settings: Settings) -> Seeded:
    """Leads with a consent each, and a key that may ask."""
    service = open_migrated(settings)
    now = utc_now()
    documents = [
        {
            "identifiers": [{"type": "email", "value": _address(number)}],
            "country": "DE",
            "recipient_kind": "consumer",
            "source": {
                "key": "fair",
                "kind": "web_form",
                "obtained_at": now - timedelta(days=9, seconds=number),
            },
            "notice": {"article": "13", "version": "v1", "given_at": now - timedelta(days=9)},
        }
        for number in range(LEADS)
    ]
    lead_ids: list[str] = []
    for start in range(0, LEADS, 500):
        placed = take_in_each(
            service, [new_lead(one) for one in documents[start : start + 500]], actor="bench"
        )
        part = [one.lead_id for one in placed if one is not None and one.lead_id is not None]
        _consent(service, part)
        lead_ids += part
    grant = Grant(frozenset({"decisions:create"}))
    made = service.main.write(lambda session: make_key(session, "bench", grant, maker=OURSELVES, now=now))
    service.close()
    return Seeded(lead_ids, made.token)


def _consent(service: Service, lead_ids: Sequence[str]) -> None:
    now = utc_now()
    consent = NewConsent(
        status=ConsentStatus.GIVEN,
        channels=("email",),
        purposes=("direct_marketing",),
        source_key="newsletter",
        method="double_opt_in",
        notice=Notice("v1"),
        occurred_at=now - timedelta(days=8),
    )

    def work(session: Any) -> None:
        for lead_id in lead_ids:
            record_consent(session, service.keyring, None, ById(lead_id), consent, now=now, actor="bench")

    service.main.write(work)


def _multiply(settings: Settings, seeded: Seeded, numbers: range) -> list[str]:
    """More leads with the facts of those that are there, as rows: what a check reads. Gives the new ids."""
    service = open_service(settings)
    with service.main.read_core() as connection:
        facts = connection.execute(select(FactsRow.__table__).limit(LEADS)).all()
        named = connection.execute(
            select(IdentifierRow.__table__).where(IdentifierRow.lead_id == seeded.lead_ids[0])
        ).one()
    made: list[str] = []
    for start in range(numbers.start, numbers.stop, AT_ONCE):
        part = range(start, min(start + AT_ONCE, numbers.stop))
        ids, now = [random_id() for _ in part], utc_now()
        hashes = [lookup_hashes(service.keyring, "email", _address(number))[0] for number in part]
        people = [
            named._asdict() | {"id": new_id(now), "lead_id": lead_id, "hash": digest}
            for lead_id, digest in zip(ids, hashes, strict=True)
        ]
        rows: dict[type[DeclarativeBase], list[dict[str, Any]]] = {
            LeadRow: [{"id": lead_id, "state": "active", "created_at": now} for lead_id in ids],
            IdentifierRow: people,
            FactsRow: [
                known._asdict() | {"lead_id": lead_id}
                for lead_id, known in zip(ids, cycle(facts), strict=False)
            ],
        }
        service.main.write_core(partial(_put, rows))
        made += ids
    service.close()
    return made


def _put(rows: Mapping[type[DeclarativeBase], list[dict[str, Any]]], connection: Connection) -> None:
    for kind, values in rows.items():
        connection.execute(insert(kind), values)


def _address(number: int) -> str:
    return f"person{number}@example.com"


def _serve(settings: Settings) -> None:
    server = Granian(
        "bench",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        websockets=False,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
    )
    server.serve(target_loader=_Loader(settings), wrap_loader=False)


@dataclass(frozen=True, slots=True)
class _Loader:
    """What the worker process calls."""

    settings: Settings

    def __call__(self, *_: object) -> Flask:
        return bench_app(self.settings)


def _work(settings: Settings) -> None:
    """`leadwarden work`, until it is terminated."""
    Running(open_service(settings)).wait()


@contextmanager
def _served(settings: Settings) -> Iterator[Target]:
    spawn = get_context("spawn")
    processes = [spawn.Process(target=_serve, args=(settings,))]
    if not settings.embedded:
        processes.append(spawn.Process(target=_work, args=(settings,)))
    for process in processes:
        process.start()
    try:
        _wait_for(settings)
        yield Target(settings.host, settings.port, lambda: processor_seconds(processes[0].pid or 0))
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _wait_for(settings: Settings) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection((settings.host, settings.port), timeout=1):
            return
        time.sleep(0.1)
    raise TimeoutError("the service did not start")


def _loads(seeded: Seeded, leads: int = LEADS) -> list[Load]:
    """Questions about leads from everywhere in the tables, in no order."""
    chance = random.Random(1)  # noqa: S311 - the same in every run
    picked = chance.sample(seeded.lead_ids, PICKED)
    question = {"channel": "email", "purpose": "direct_marketing"}

    def addressed() -> dict[str, str]:
        return {"email": _address(chance.randrange(leads))}

    by_id = [{"lead": {"lead_id": lead_id}, **question} for lead_id in picked]
    by_email = [{"lead": addressed(), **question} for _ in range(PICKED)]
    batch = {"leads": [addressed() for _ in range(BATCH)], **question}
    return [
        Load("hello", [get("/bench/hello")]),
        Load("point look-up", [get(f"/bench/lookup?lead_id={lead_id}") for lead_id in picked]),
        Load("check by id", [post("/v1/decisions", body, seeded.token) for body in by_id]),
        Load("check by e-mail", [post("/v1/decisions", body, seeded.token) for body in by_email]),
        Load("batch", [post("/v1/decisions/batch", batch, seeded.token)], BATCH, connections=2),
    ]


def _measured(
    settings: Settings, loads: Sequence[Load], rounds: int = ROUNDS, database: int | None = None
) -> dict[str, Rate]:
    """The rates; with a `database` server, also who used the cores meanwhile."""
    with _served(settings) as target:
        used = {"service": target.cpu, "load": time.process_time}
        if database is not None:
            used["database"] = partial(processor_seconds, database)
        begun, before = time.perf_counter(), {name: read() for name, read in used.items()}
        found = medians(target, loads, rounds=rounds, seconds=SECONDS)
        wall = time.perf_counter() - begun
        cores = ", ".join(f"{name} {(read() - before[name]) / wall:.2f}" for name, read in used.items())
        print(f"cores in use: {cores}")  # noqa: T201
    return found


def _report(title: str, rates: dict[str, Rate]) -> None:
    hello, lookup = rates["hello"], rates["point look-up"]
    print(f"{title}; {os.cpu_count()} cores, Python {sys.version.split()[0]}")  # noqa: T201
    for name, rate in rates.items():
        print(  # noqa: T201
            f"{name:16} {rate.a_second:8.0f}/s  {rate.a_second / lookup.a_second:5.2f} x look-up"
            f"  {rate.a_second / hello.a_second:5.2f} x hello   {rate.cpu * 1e6:6.0f} us of server"
            f"  {lookup.cpu / rate.cpu:5.2f} x look-up  {hello.cpu / rate.cpu:5.2f} x hello"
        )


if __name__ == "__main__":
    {"sqlite": sqlite, "postgres": postgres, "flat": flat}["".join(sys.argv[1:])]()
