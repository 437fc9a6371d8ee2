"""Bodies that are refused before they were read, over a real connection."""

import http.client
import socket
import time
from collections.abc import Iterator

import pytest

from tests.flows.living import ADMINISTRATOR, HOST, OFFICER, Living, living

TOO_LARGE = b'{"a":"' + b"x" * 3_000_000 + b'"}'
PIECES = [TOO_LARGE[start : start + 65_536] for start in range(0, len(TOO_LARGE), 65_536)]
TIMES = 10


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    """A service of its own."""
    with living(tmp_path_factory.mktemp("lingering") / "home") as service:
        yield service


JSON, TEXT, FORM = "application/json", "text/plain", "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("path", "key", "kind", "body", "status"),
    [
        ("/v1/leads", OFFICER, JSON, TOO_LARGE, 413),
        ("/v1/leads", OFFICER, JSON, PIECES, 413),
        ("/v1/leads", ADMINISTRATOR, JSON, TOO_LARGE, 403),
        ("/v1/leads", ADMINISTRATOR, JSON, PIECES, 403),
        ("/v1/leads", OFFICER, TEXT, TOO_LARGE, 415),
        ("/privacy", None, FORM, TOO_LARGE, 413),
    ],
)
def test_a_client_that_still_sends_can_read_why_it_is_refused(
    running: Living, *, path: str, key: str | None, kind: str, body: bytes | list[bytes], status: int
) -> None:
    """Every time, whichever is faster; a broken pipe would say nothing."""
    got = [running.call("POST", path, body, key=key, kind=kind).status for _ in range(TIMES)]

    assert got == [status] * TIMES


def head(*more: str) -> bytes:
    """A request whose body never comes."""
    lines = (
        "POST /v1/leads HTTP/1.1",
        "Host: x",
        "Content-Type: application/json",
        "Content-Length: 3000000",
    )
    return "\r\n".join([*lines, *more, "", ""]).encode()


@pytest.mark.parametrize(
    ("known", "expect", "status", "longest"),
    [(True, True, 413, 1.0), (False, False, 401, 1.0), (True, False, 413, 5.0)],
)
def test_nobody_is_waited_for_long(
    running: Living, *, known: bool, expect: bool, status: int, longest: float
) -> None:
    """Not at all for one who asked before sending, nor for somebody without a key."""
    more = [f"Authorization: Bearer {running.keys[OFFICER]}"] * known + ["Expect: 100-continue"] * expect
    with socket.create_connection((HOST, running.port)) as connection:
        began = time.monotonic()
        connection.sendall(head(*more))
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        took = time.monotonic() - began

    assert answer.status == status
    assert took < longest
