"""`tests.driving`: what the benchmarks count."""

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.driving import Load, Target, get, medians, post, processor_seconds


class Answering(BaseHTTPRequestHandler):
    """200 to everything but `/bad`."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.send_response(500 if self.path == "/bad" else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def do_POST(self) -> None:
        """The same."""
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def target() -> Iterator[Target]:
    """A small server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Target("127.0.0.1", server.server_port, lambda: 0.0)
    server.shutdown()
    server.server_close()


def test_every_answer_counts_for_its_leads(target: Target) -> None:
    """Two loads in turn; the second asks about ten leads at once."""
    loads = [Load("one", [get("/")]), Load("ten", [post("/", {"a": 1}, "key")], 10, connections=2)]
    found = medians(target, loads, rounds=1, seconds=0.01)

    assert list(found) == ["one", "ten"]
    assert all(rate.a_second > 0 for rate in found.values())


def test_an_answer_that_is_no_200_ends_it(target: Target) -> None:
    """A benchmark of refusals would be fast."""
    with pytest.raises(RuntimeError, match="500"):
        medians(target, [Load("bad", [get("/bad")])], rounds=1, seconds=0.01)


def test_processor_time_of_a_process_and_those_under_it() -> None:
    """This one has used some."""
    assert processor_seconds(os.getpid()) > 0
