"""The app over real HTTP, in a thread of the test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from flask import Flask


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Nothing."""


class Threaded(ThreadingMixIn, WSGIServer):
    """A thread for each connection."""

    daemon_threads = True


@contextmanager
def serving(app: Flask) -> Iterator[int]:
    """The port on 127.0.0.1 at which the app answers."""
    with make_server("127.0.0.1", 0, app, server_class=Threaded, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()
