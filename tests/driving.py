"""HTTP load from one process: some connections, one request under way on each, and its cost to the server."""

import json
import os
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

CONNECTIONS = 8
READ_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Load:
    """Requests to send in turn, and how many leads each asks about."""

    name: str
    requests: Sequence[bytes]
    leads: int = 1
    connections: int = CONNECTIONS


@dataclass(frozen=True, slots=True)
class Rate:
    """Leads a second, and the server's processor seconds a lead."""

    a_second: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send, and how many processor seconds the server has used so far."""

    host: str
    port: int
    cpu: Callable[[], float]


def medians(target: Target, loads: Sequence[Load], *, rounds: int, seconds: float) -> dict[str, Rate]:
    """The median round of each load; they take turns, and a first round warms up."""
    found: dict[str, list[Rate]] = {each.name: [] for each in loads}
    for number in range(rounds + 1):
        for each in loads:
            rate = one_round(target, each, seconds)
            if number:
                found[each.name].append(rate)
    return {
        name: Rate(median(one.a_second for one in several), median(one.cpu for one in several))
        for name, several in found.items()
    }


def one_round(target: Target, load: Load, seconds: float) -> Rate:
    """As much as comes back in `seconds`; every answer is awaited, so that the server ends it idle."""
    with selectors.DefaultSelector() as selector, ExitStack() as opened:
        for number in range(load.connections):
            connection = opened.enter_context(socket.create_connection((target.host, target.port)))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection, selectors.EVENT_READ, bytearray())
            connection.sendall(load.requests[number % len(load.requests)])
        used, started = target.cpu(), time.perf_counter()
        done = _drive(selector, load, started + seconds)
        elapsed = time.perf_counter() - started
    asked = done * load.leads
    return Rate(asked / elapsed, (target.cpu() - used) / asked)


def _drive(selector: selectors.BaseSelector, load: Load, end: float) -> int:
    """Answers that came; until `end` each is followed by the next request, then its connection is closed."""
    done, sent = 0, load.connections
    while selector.get_map():
        for key, _ in selector.select(1):
            connection, buffer = key.fileobj, key.data
            assert isinstance(connection, socket.socket)
            buffer += connection.recv(READ_AT_ONCE)
            if not _complete(buffer):
                continue
            done += 1
            buffer.clear()
            if time.perf_counter() < end:
                connection.sendall(load.requests[sent % len(load.requests)])
                sent += 1
            else:
                selector.unregister(connection)
                connection.close()
    return done


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


def processor_seconds(pid: int) -> float:
    """What a process and all under it have used so far; of those that still run (Linux)."""
    parents, ticks = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            fields = stat.read_text().rpartition(") ")[2].split()
            parents[int(stat.parent.name)] = int(fields[1])
            ticks[int(stat.parent.name)] = int(fields[11]) + int(fields[12])
    family = {pid}
    while more := {one for one, above in parents.items() if above in family} - family:
        family |= more
    return sum(ticks.get(one, 0) for one in family) / os.sysconf("SC_CLK_TCK")


def get(path: str) -> bytes:
    """The bytes of a GET."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()


def post(path: str, body: object, token: str) -> bytes:
    """The bytes of a POST of JSON."""
    raw = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n".encode() + raw
