"""A deletion list over three local SQL stores: erasures a second from the list to the last certificate.

Every second line is a digest. `python -m tests.bench.erasures [PEOPLE]`. CPU seconds are those of the
service's processes, so that a busy machine does not blur them.
"""

import hashlib
import json
import os
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from governance.stores.opening import open_store
from governance.stores.protocol import PersonTerms, Sought
from governance.stores.reading import parse
from governance.stores.sql import SqlStore
from tests import three_stores
from tests.flows.living import NDJSON, Living, living, ndjson
from tests.governance.stores.factories import email
from tests.three_stores import Somebody

PEOPLE = 1_000
BATCH = 100
PAUSE_SECONDS = 0.1
LONGEST_SECONDS = 1_800.0
TERMS = "verified=agent_permission&approve=true&regime=ccpa"


def main(people: int = PEOPLE) -> None:
    """Print the rate, the CPU time of each, what is left of them, and the statements for each and table."""
    with tempfile.TemporaryDirectory(prefix="leadwarden-erasures-") as folder:
        variables = three_stores.build(Path(folder), people)
        with living(Path(folder) / "home", **variables) as service:
            prepared(service, people)
            listed(service, Path(folder), people)
    for part in three_stores.PARTS:
        with tempfile.TemporaryDirectory(prefix="leadwarden-statements-") as folder:
            statements(Path(folder), part)


def prepared(service: Living, people: int) -> None:
    """The stores, and everybody as a lead."""
    for document in three_stores.documents():
        assert service.call("PUT", f"/v1/stores/{document['store']}", document).status == 201
    lines = b"".join(ndjson(three_stores.lead_line(Somebody(n)) for n in range(1, people + 1)))
    reply = service.call("POST", "/v1/leads/import", lines, kind=NDJSON)
    assert reply.lines[-1]["summary"]["created"] == people


def listed(service: Living, folder: Path, people: int) -> None:
    """The list is sent, and worked off."""
    lines = b"".join(ndjson(_line(Somebody(n)) for n in range(1, people + 1)))
    begun, before = time.perf_counter(), _cpu_seconds(service)
    reply = service.call("POST", f"/v1/privacy-requests/import?{TERMS}", lines, kind=NDJSON)
    taken = time.perf_counter()
    assert reply.lines[-1]["summary"]["created"] == people, reply.lines[-1]
    while _open(service):
        assert time.perf_counter() < taken + LONGEST_SECONDS
        time.sleep(PAUSE_SECONDS)
    ended, spent = time.perf_counter(), _cpu_seconds(service) - before
    cells = three_stores.cells(folder)
    words = [word for n in range(1, people + 1) for word in Somebody(n).words]
    _say("people in each of three stores", f"{people:,}")
    _say("taken in, verified, approved", f"{people / (taken - begun):,.1f} /s")
    _say("erasures, from the list to the last certificate", f"{people / (ended - begun):,.1f} /s")
    _say("CPU time of the service for each", f"{1000 * spent / people:,.1f} ms")
    _say("left of them in the stores", str(sum(word in cells for word in words)))


def statements(folder: Path, part: str) -> None:
    """How many statements of one store name each of its tables: for one person, and for each of a batch."""
    variables = three_stores.build(folder, 2 * BATCH)
    document = next(each for each in three_stores.documents() if each["store"] == part)
    store = open_store(parse(document), variables)
    assert isinstance(store, SqlStore)
    alone = _counted(store, [Somebody(4)])
    together = _counted(store, [Somebody(n) for n in range(101, 101 + BATCH)])
    store.close()
    for name in three_stores.NAMES[part]:
        shown = f"{alone[name]} alone, {together[name] / BATCH:.2f} each of {BATCH}"
        _say(f"statements for a person and {part}.{name}", shown)


def _counted(store: SqlStore, people: list[Somebody]) -> Counter[str]:
    """The statements that name each table, while these are found, erased and read back."""
    seen: Counter[str] = Counter()

    def look(*arguments: Any) -> None:
        repeated = len(arguments[3]) if arguments[5] else 1
        words = set(arguments[2].replace("(", " ").replace(".", " ").split())
        seen.update(dict.fromkeys(words.intersection(three_stores.NAMES[store.key]), repeated))

    engine: Engine = store.engine
    event.listen(engine, "before_cursor_execute", look)
    sought = [Sought((email(one.email),)) for one in people]
    found = store.find_each(sought)
    store.erase_each([(each, PersonTerms()) for each in found])
    store.remaining_each([(each, one.identities) for each, one in zip(found, sought, strict=True)])
    event.remove(engine, "before_cursor_execute", look)
    return seen


def _line(somebody: Somebody) -> dict[str, str]:
    """The person in clear, or by a digest."""
    if somebody.number % 2:
        return {"email": somebody.email}
    return {"email_sha256": hashlib.sha256(somebody.email.encode()).hexdigest()}


def _open(service: Living) -> bool:
    """Whether a request is still at work."""
    stuck = service.ask("GET", "/v1/privacy-requests?status=needs_attention&limit=1")["items"]
    assert not stuck, json.dumps(stuck)
    return bool(service.ask("GET", "/v1/privacy-requests?status=in_progress&limit=1")["items"])


def _cpu_seconds(service: Living) -> float:
    """User and system time of the service's processes so far."""
    assert service.process is not None
    group, spent = service.process.pid, 0
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            if os.getpgid(int(entry.name)) == group:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                spent += int(fields[11]) + int(fields[12])
    return spent / os.sysconf("SC_CLK_TCK")


def _say(what: str, value: str) -> None:
    print(f"{what:50} {value}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
