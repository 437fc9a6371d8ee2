"""Serves a fake vendor on a port of this machine, and what every fake has in common."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, MapAdapter, Rule
from werkzeug.serving import WSGIRequestHandler, make_server

Handler = Callable[..., Response]


class Fake:
    """A vendor's interface: `routes` by method and path; `asked` is every call as its request line.

    A fault in `faults` answers the next call in place of the vendor, but for one to `token_path`.
    """

    token_path = ""

    def __init__(self) -> None:
        """Serves nothing yet."""
        self.asked: list[str] = []
        self.faults: list[Response] = []
        self.base = ""
        routes = self.routes()
        self._map = Map(
            [Rule(path, methods=[method], endpoint=f"{method} {path}") for method, path in routes],
            strict_slashes=False,
        )
        self._handlers = {f"{method} {path}": handler for (method, path), handler in routes.items()}

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        """What the vendor answers, by method and path."""
        return {}

    def refused(self, request: Request) -> Response | None:
        """Why a call is refused before it is looked at, if it is."""
        del request
        return None

    def unknown(self, code: int) -> Response:
        """What the vendor says to a path or a method that it does not have."""
        return answer({"error": code}, code)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """One call."""
        request = Request(environ)
        self.asked.append(f"{request.method} {environ['RAW_URI']}")
        return self._answer(request, self._map.bind_to_environ(environ))(environ, start_response)

    def _answer(self, request: Request, routes: MapAdapter) -> Response:
        request.get_data()
        if self.faults and request.path != self.token_path:
            return self.faults.pop(0)
        refused = self.refused(request)
        if refused is not None:
            return refused
        try:
            endpoint, values = routes.match()
        except HTTPException as error:
            return self.unknown(error.code or 404)
        return self._handlers[endpoint](request, **values)


def answer(body: Any = None, status: int = 200, **headers: str) -> Response:
    """A JSON answer; without a body it is empty."""
    content = b"" if body is None else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(content, status, named, mimetype="application/json")


class _Quiet(WSGIRequestHandler):
    """Logs nothing: what is asked holds personal data."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Drops the line."""


@contextmanager
def served(app: Any, tls: tuple[str, str] | None = None) -> Iterator[str]:
    """The address at which `app` answers; `tls` are the files of a certificate and its key."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet, ssl_context=tls)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    base = f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_port}"
    if isinstance(app, Fake):
        app.base = base
    try:
        yield base
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
