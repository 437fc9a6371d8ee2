"""Checks a second, as ratios to a point look-up and to a bare hello in the same server process.

One granian process with four threads over SQLite; the load comes from this process, over eight connections
that each wait for their answer. Every kind of request is measured in turns, and the median of its rounds
counts. Beside the rate stands the server's processor time for each: on a busy machine it says more.
"""

import json
import os
import selectors
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from http.client import HTTPConnection
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from flask import Flask, request
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from sqlalchemy import create_engine, select

from api.context import Service, utc_now
from api.intake import take_in_each
from api.server import load
from api.settings import Settings, read_settings
from api.startup import open_migrated
from consent.events import ConsentStatus
from consent.notices import Notice
from consent.tables import FactsRow
from governance.accounts import make_key
from governance.contact import NewConsent, record_consent
from governance.identity import ById
from governance.leads import new_lead
from governance.scopes import OURSELVES, Grant

LEADS = 4_000
THREADS = 4
CONNECTIONS = 8
ROUNDS = 5
SECONDS = 2.0
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Load:
    """Requests to send in turn, and how many leads each asks about."""

    name: str
    requests: Sequence[bytes]
    leads: int = 1


@dataclass(frozen=True, slots=True)
class Rate:
    """Leads a second, and the server's processor seconds a lead."""

    a_second: float
    cpu: float


def main() -> None:
    """Seed, serve, measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        settings = _settings(Path(folder) / "home")
        lead_ids, token = _seed(settings)
        with _served(settings):
            _report(_measure(settings, _loads(lead_ids, token)))


def bench_app(settings: Settings) -> Flask:
    """The service with two routes more: the baselines."""
    app = load(settings)
    engine = create_engine(settings.database_url)

    @app.get("/bench/hello")
    def hello() -> dict[str, str]:
        return {"hello": "world"}

    @app.get("/bench/cpu")
    def cpu() -> dict[str, float]:
        return {"seconds": time.process_time()}

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


def _seed(settings: Settings) -> tuple[list[str], str]:
    """Leads with a consent each, and a key that may ask."""
    service = open_migrated(settings)
    now = utc_now()
    documents = [
        {
            "identifiers": [{"type": "email", "value": f"person{number}@example.com"}],
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
    return lead_ids, made.token


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


def _serve(settings: Settings) -> None:
    server = Granian(
        "bench",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        blocking_threads=settings.threads,
        websockets=False,
        log_level=LogLevels.warning,
    )
    server.serve(target_loader=_Loader(settings), wrap_loader=False)


@dataclass(frozen=True, slots=True)
class _Loader:
    """What the worker process calls."""

    settings: Settings

    def __call__(self, *_: object) -> Flask:
        return bench_app(self.settings)


@contextmanager
def _served(settings: Settings) -> Iterator[None]:
    process = get_context("spawn").Process(target=_serve, args=(settings,))
    process.start()
    try:
        _wait_for(settings)
        yield
    finally:
        process.terminate()
        process.join()


def _wait_for(settings: Settings) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection((settings.host, settings.port), timeout=1):
            return
        time.sleep(0.1)
    raise TimeoutError("the service did not start")


def _loads(lead_ids: Sequence[str], token: str) -> list[Load]:
    picked = lead_ids[:: max(1, LEADS // 1000)]
    question = {"channel": "email", "purpose": "direct_marketing"}
    by_id = [{"lead": {"lead_id": lead_id}, **question} for lead_id in picked]
    by_email = [
        {"lead": {"email": f"person{number}@example.com"}, **question} for number in range(0, LEADS, 4)
    ]
    batch = {
        "leads": [{"email": f"person{number % LEADS}@example.com"} for number in range(BATCH)],
        **question,
    }
    return [
        Load("hello", [_get("/bench/hello")]),
        Load("point look-up", [_get(f"/bench/lookup?lead_id={lead_id}") for lead_id in picked]),
        Load("check by id", [_post("/v1/decisions", body, token) for body in by_id]),
        Load("check by e-mail", [_post("/v1/decisions", body, token) for body in by_email]),
        Load("batch", [_post("/v1/decisions/batch", batch, token)], BATCH),
    ]


def _measure(settings: Settings, loads: Sequence[Load]) -> dict[str, Rate]:
    """The median of the rounds of each load, which take turns."""
    rounds: dict[str, list[Rate]] = {each.name: [] for each in loads}
    for number in range(ROUNDS + 1):
        for each in loads:
            rate = _round(settings, each)
            if number:  # the first round warms up
                rounds[each.name].append(rate)
    return {
        name: Rate(
            statistics.median(one.a_second for one in found), statistics.median(one.cpu for one in found)
        )
        for name, found in rounds.items()
    }


def _cpu(settings: Settings) -> float:
    """Processor seconds that the server has used so far."""
    connection = HTTPConnection(settings.host, settings.port)
    connection.request("GET", "/bench/cpu")
    seconds = float(json.loads(connection.getresponse().read())["seconds"])
    connection.close()
    return seconds


def _round(settings: Settings, load: Load) -> Rate:
    """Eight connections, each with one request under way, for `SECONDS`."""
    selector = selectors.DefaultSelector()
    connections = CONNECTIONS if load.leads == 1 else 2
    sent = done = 0
    for _ in range(connections):
        connection = socket.create_connection((settings.host, settings.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ, bytearray())
        connection.sendall(load.requests[sent % len(load.requests)])
        sent += 1
    cpu, started = _cpu(settings), time.perf_counter()
    while time.perf_counter() - started < SECONDS or done == 0:
        for key, _ in selector.select(1):
            buffer: bytearray = key.data
            chunk = key.fileobj.recv(1 << 20)  # type: ignore[union-attr]  # only sockets are registered
            buffer += chunk
            if _complete(buffer):
                done += 1
                buffer.clear()
                key.fileobj.sendall(load.requests[sent % len(load.requests)])  # type: ignore[union-attr]  # as above
                sent += 1
    elapsed = time.perf_counter() - started
    used = _cpu(settings) - cpu
    for key in list(selector.get_map().values()):
        key.fileobj.close()  # type: ignore[union-attr]  # as above
    selector.close()
    return Rate(done * load.leads / elapsed, used / (done * load.leads))


def _complete(buffer: bytearray) -> bool:
    """Whether a whole answer has come; anything but a 200 ends the benchmark."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return False
    if not buffer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(bytes(buffer[:500]).decode())
    head = bytes(buffer[:end]).lower()
    length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
    return len(buffer) >= end + 4 + length


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()


def _post(path: str, body: object, token: str) -> bytes:
    raw = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n".encode() + raw


def _report(rates: dict[str, Rate]) -> None:
    hello, lookup = rates["hello"], rates["point look-up"]
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {THREADS} threads, SQLite")  # noqa: T201
    for name, rate in rates.items():
        print(  # noqa: T201
            f"{name:16} {rate.a_second:8.0f}/s  {rate.a_second / lookup.a_second:5.2f} x look-up"
            f"  {rate.a_second / hello.a_second:5.2f} x hello   {rate.cpu * 1e6:6.0f} us of server"
            f"  {lookup.cpu / rate.cpu:5.2f} x look-up  {hello.cpu / rate.cpu:5.2f} x hello"
        )


if __name__ == "__main__":
    main()
