"""The whole service, from outside: start, memory, checks, batches and erasures over real HTTP.

Rates stand beside `/healthz` of the same run: what the server and this client do when nothing is asked of
them. `python -m tests.bench.whole install` also installs a fresh clone into an empty folder.
"""

import json
import multiprocessing
import re
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from api.demo import crm
from tests.flows.living import HOST, NDJSON, OFFICER, YAML, Living, living, ndjson
from tests.flows.people import consent_of, question_of

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = 8
SECONDS = 8.0
ERASURES = 200
CALLERS = 4
BATCH, STREAM = 10_000, 20_000
SETTLE_SECONDS = 3.0
PAUSE_SECONDS = 0.1
LONGEST_SECONDS = 120.0
MIB = 1024 * 1024
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def main() -> None:
    """Print every number; a minute or two on a machine that does nothing else."""
    packages()
    with tempfile.TemporaryDirectory(prefix="leadwarden-whole-") as folder:
        path = Path(folder) / "crm.db"
        crm.build(path)
        begun = time.perf_counter()
        with living(Path(folder) / "home", LEADWARDEN_STORE_CRM=f"sqlite:///{path}") as service:
            _say("start on an empty home", f"{time.perf_counter() - begun:.2f} s")
            service.stop()
            begun = time.perf_counter()
            service.start()
            _say("start on a home that is there", f"{time.perf_counter() - begun:.2f} s")
            memory(service, "idle")
            emails = prepared(service, path)
            checks(service, emails)
            batches(service, emails)
            erasures(service, path, emails)
            memory(service, "after all of it")


def packages() -> None:
    """How many distributions a service is installed with."""
    pins = re.findall(r"^[a-z0-9][\w.\[\]-]*==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    _say("packages in requirements.lock", str(len(pins)))


def memory(service: Living, when: str) -> None:
    """Resident memory of the main process and its worker; shared pages are counted once in `PSS`."""
    assert service.process is not None
    time.sleep(SETTLE_SECONDS)
    main_id = service.process.pid
    worker = int(Path(f"/proc/{main_id}/task/{main_id}/children").read_text())
    rss = [_kilobytes(each, "Rss") // 1024 for each in (main_id, worker)]
    pss = sum(_kilobytes(each, "Pss") for each in (main_id, worker)) // 1024
    _say(f"memory, {when}", f"RSS {rss[0]} MiB + worker {rss[1]} MiB; PSS of both {pss} MiB")


def prepared(service: Living, path: Path) -> list[str]:
    """The demo's CRM as a lead store, its leads imported, every second one's consent; their addresses."""
    assert service.call("PUT", "/v1/stores/crm", crm.MAPPING.read_bytes(), kind=YAML).status == 201
    lines = list(crm.import_lines(path))
    begun = time.perf_counter()
    service.call("POST", "/v1/leads/import", b"".join(ndjson(lines)), kind=NDJSON)
    took = time.perf_counter() - begun
    _say("leads imported", f"{len(lines) / took:,.0f} /s")
    emails = list(dict.fromkeys(str(one["identifiers"][0]["value"]).lower() for one in lines))
    for email in emails[::2]:
        service.ask("POST", "/v1/consents", consent_of(email))
    return emails


def checks(service: Living, emails: list[str]) -> None:
    """Single checks over held connections, beside a call that does nothing."""
    bare = rate(service, [b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"])
    asked = [_post(service, "/v1/decisions", question_of(email)) for email in emails]
    found = rate(service, asked)
    _say(f"GET /healthz, {CLIENTS} connections", f"{bare:,.0f} /s")
    _say(f"checks, {CLIENTS} connections", f"{found:,.0f} /s, {bare / found:.1f} times the time of /healthz")


def batches(service: Living, emails: list[str]) -> None:
    """Checks by the thousand: one JSON body, and a stream of lines."""
    references = [{"email": emails[number % len(emails)]} for number in range(BATCH)]
    body = json.dumps({"leads": references, "channel": "email", "purpose": "direct_marketing"}).encode()
    lines = b"".join(ndjson(question_of(emails[number % len(emails)]) for number in range(STREAM)))
    for name, sent, kind, amount in (
        ("batch of 10,000", body, "application/json", BATCH),
        ("stream of 20,000 lines", lines, NDJSON, STREAM),
    ):
        begun = time.perf_counter()
        reply = service.call("POST", "/v1/decisions/batch", sent, kind=kind)
        assert reply.status == 200
        _say(f"checks, {name}", f"{amount / (time.perf_counter() - begun):,.0f} leads/s")


def erasures(service: Living, path: Path, emails: list[str]) -> None:
    """From the first call of the first request to the certificate of the last, over the demo's CRM.

    Whoever shares a name and a company's telephone with somebody is a question for a person, answered here.
    """
    chosen = emails[:ERASURES]
    begun = time.perf_counter()
    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(lambda email: _approve(service, email), chosen))
    approved = time.perf_counter()
    asked = 0
    while open_requests := _standing(service, "in_progress") + (
        stuck := _standing(service, "needs_attention")
    ):
        assert time.perf_counter() < approved + LONGEST_SECONDS, open_requests
        asked += sum(_decided(service, request) for request in stuck)
        time.sleep(PAUSE_SECONDS)
    ended = time.perf_counter()
    left = crm.count_mentions(path, tuple(chosen))
    _say("erasure requests made, verified, approved", f"{ERASURES / (approved - begun):,.1f} /s")
    found = f"{ERASURES / (ended - begun):,.1f} /s; a person was asked about {asked}, left in the CRM: {left}"
    _say("erasures, from first call to completed", found)


def install() -> None:
    """`make install` in a fresh clone; what pip has in its cache is not fetched again."""
    with tempfile.TemporaryDirectory(prefix="leadwarden-install-") as folder:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), folder], check=True)
        begun = time.perf_counter()
        subprocess.run(["make", "install"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        _say("make install", f"{time.perf_counter() - begun:.1f} s")
        size = sum(each.stat().st_size for each in Path(folder, ".venv").rglob("*") if each.is_file())
        _say("size of .venv", f"{size // MIB} MiB")


def rate(service: Living, requests: list[bytes]) -> float:
    """Answers a second, over as many held connections as there are client processes."""
    context = multiprocessing.get_context("fork")
    with context.Pool(CLIENTS) as pool:
        parts = [(service.port, requests[number::CLIENTS] or requests) for number in range(CLIENTS)]
        return sum(pool.starmap(_client, parts))


def _client(port: int, requests: list[bytes]) -> float:
    """One connection: asks again and again, and reads each answer to its end."""
    answered, place, begun = 0, 0, time.perf_counter()
    with socket.create_connection((HOST, port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while (took := time.perf_counter() - begun) < SECONDS:
            connection.sendall(requests[place])
            head, _, rest = connection.recv(65_536).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            found = _LENGTH.search(head)
            missing = (int(found.group(1)) if found else 0) - len(rest)
            while missing > 0:
                missing -= len(connection.recv(65_536))
            answered, place = answered + 1, (place + 1) % len(requests)
    return answered / took


def _post(service: Living, path: str, document: object) -> bytes:
    """The bytes of a call."""
    body = json.dumps(document).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {service.keys[OFFICER]}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _approve(service: Living, email: str) -> None:
    """An erasure, from its creation to its approval."""
    new = {"id": str(uuid.uuid4()), "type": "erasure", "identities": [{"email": email}]}
    path = f"/v1/privacy-requests/{new['id']}"
    service.ask("POST", "/v1/privacy-requests", new)
    service.ask("POST", f"{path}/verify", {"method": "known_channel", "result": "verified"})
    service.ask("POST", f"{path}/approve", {})


def _standing(service: Living, status: str) -> list[dict[str, Any]]:
    """The requests of a status."""
    found: list[dict[str, Any]] = service.ask("GET", f"/v1/privacy-requests?status={status}&limit=500")[
        "items"
    ]
    return found


def _decided(service: Living, request: dict[str, Any]) -> bool:
    """A person says that the namesakes of one request are somebody else."""
    [step] = [step for step in request["steps"] if step["store"] == "crm"]
    answers = [{"id": each["id"], "same_person": False} for each in step.get("candidates", [])]
    path = f"/v1/privacy-requests/{request['id']}/steps/crm/decide"
    return service.call("POST", path, {"candidates": answers}).status == 200


def _kilobytes(process: int, name: str) -> int:
    """A line of the kernel's account of a process's memory."""
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    found = re.search(rf"^{name}:\s+(\d+) kB", rollup, re.MULTILINE)
    assert found is not None
    return int(found.group(1))


def _say(what: str, value: str) -> None:
    print(f"{what:45} {value}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
    if "install" in sys.argv:
        install()
