"""The service as a program sees it: JSON over HTTP, from the standard library alone."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from typing import Any

TIMEOUT_SECONDS = 120
NDJSON = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and the document that came with it."""

    status: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Door:
    """Calls one service with one key.

    Attributes:
        host: Name or address.
        port: TCP port.
        key: Sent as a bearer token.
    """

    host: str
    port: int
    key: str = field(repr=False)

    def call(self, method: str, path: str, body: object = None) -> Answer:
        """One call with a JSON body, or with none.

        Raises:
            OSError: The service can not be reached.
        """
        sent = None if body is None else json.dumps(body).encode()
        return self._answer(method, path, sent, "application/json")

    def put(self, path: str, body: bytes, kind: str) -> Answer:
        """A PUT of a body of another media type.

        Raises:
            OSError: The service can not be reached.
        """
        return self._answer("PUT", path, body, kind)

    def stream(self, path: str, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
        """Send NDJSON line by line, and read the answer line by line.

        Raises:
            OSError: The service can not be reached, or answered with a problem.
        """
        connection, response = self._send("POST", path, lines, NDJSON)
        try:
            if response.status != 200:  # noqa: PLR2004 - the one status of a stream
                raise OSError(f"POST {path} was answered with {response.status}")
            for line in response:
                yield json.loads(line)
        finally:
            connection.close()

    def download(self, path: str) -> Iterator[bytes]:
        """The body of a GET in pieces.

        Raises:
            OSError: The service can not be reached, or answered with a problem.
        """
        connection, response = self._send("GET", path, None, "application/json")
        try:
            if response.status != 200:  # noqa: PLR2004 - the one status of a download
                raise OSError(f"GET {path} was answered with {response.status}")
            yield from iter(lambda: response.read(1 << 16), b"")
        finally:
            connection.close()

    def _answer(self, method: str, path: str, body: bytes | None, kind: str) -> Answer:
        connection, response = self._send(method, path, body, kind)
        try:
            text = response.read()
        finally:
            connection.close()
        return Answer(response.status, json.loads(text) if text else {})

    def _send(
        self, method: str, path: str, body: bytes | Iterable[bytes] | None, kind: str
    ) -> tuple[HTTPConnection, HTTPResponse]:
        headers: Mapping[str, str] = {"Authorization": f"Bearer {self.key}", "Content-Type": kind}
        connection = HTTPConnection(self.host, self.port, timeout=TIMEOUT_SECONDS)
        connection.request(
            method, path, body=body, headers=dict(headers), encode_chunked=not isinstance(body, bytes | None)
        )
        return connection, connection.getresponse()
