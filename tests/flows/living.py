"""A real service that can be killed: its process group gets SIGKILL, and it starts again on the same home."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.errors import HomeInUseError
from api.lock import held

HOST = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 30.0
CALL_SECONDS = 120.0
PAUSE_SECONDS = 0.02
PROGRAM = (sys.executable, "-c", "from api.cli import main; main()")
JSON, NDJSON, CSV, YAML = "application/json", "application/x-ndjson", "text/csv", "application/yaml"
PROBLEM = "application/problem+json"
OFFICER, ADMINISTRATOR = "compliance_officer", "administrator"
_KEY = re.compile(r"^(administrator|compliance_officer) key \(shown once\): (lw_\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    kind: str
    raw: bytes = field(repr=False)

    @property
    def body(self) -> Any:
        """The document."""
        return json.loads(self.raw)

    @property
    def lines(self) -> list[Any]:
        """The documents of an NDJSON answer."""
        return [json.loads(line) for line in self.raw.splitlines()]

    @property
    def said(self) -> tuple[int, str, str]:
        """Status, media type and code: what a program needs to know of a problem."""
        return self.status, self.kind, self.body["code"]


@dataclass(slots=True)
class Living:
    """A service of a home; `keys` are those that its first start printed."""

    home: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict, repr=False)
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What it writes to standard error, over all its lives."""
        return self.home.with_name(f"{self.home.name}.log")

    def start(self) -> None:
        """Start it, and return once it says that it is ready."""
        said = self.home.with_name(f"{self.home.name}.out")
        self.port = _free_port()
        with said.open("wb") as out, self.log.open("ab") as err:
            self.process = subprocess.Popen(
                [*PROGRAM, "serve"],
                env=self.environment(),
                cwd=self.home.parent,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        self._wait_until_ready(self.process)
        self.keys |= dict(_KEY.findall(said.read_text()))

    def environment(self) -> dict[str, str]:
        """What its process, and a command beside it, are told."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LEADWARDEN_")}
        ours = {"LEADWARDEN_HOME": str(self.home), "LEADWARDEN_LISTEN": f"{HOST}:{self.port}"}
        return kept | ours | dict(self.settings)

    def kill(self) -> None:
        """Kill it and its worker at once, and return when neither holds the home any more."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)
        until = time.monotonic() + STOP_SECONDS
        while not self._is_free():
            assert time.monotonic() < until
            time.sleep(PAUSE_SECONDS)

    def stop(self) -> None:
        """Ask it to end, as an operator does."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(STOP_SECONDS)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of the command line, beside the running service."""
        return subprocess.run(
            [*PROGRAM, *arguments],
            env=self.environment(),
            cwd=self.home.parent,
            capture_output=True,
            text=True,
            check=False,
            timeout=CALL_SECONDS,
        )

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = OFFICER,
        kind: str = JSON,
        **headers: str,
    ) -> Reply:
        """One call; bytes and lists of bytes are sent as they are (a list in chunks), the rest as JSON.

        `key` is a role, a token, or None for no key; a `_` in a header's name becomes a `-`.
        """
        sent = body if isinstance(body, bytes | list | None) else json.dumps(body).encode()
        connection = http.client.HTTPConnection(HOST, self.port, timeout=CALL_SECONDS)
        try:
            connection.request(method, path, sent, self._headers(key, kind, headers), encode_chunked=True)
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers.get_content_type(), answer.read())
        finally:
            connection.close()

    def ask(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        """The document of a call that must succeed."""
        reply = self.call(method, path, body, **more)
        assert reply.status in {200, 201}, (method, path, reply)
        return reply.body

    def _headers(self, key: str | None, kind: str, headers: Mapping[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            named["Authorization"] = f"Bearer {self.keys.get(key, key)}"
        return {"Content-Type": kind, **named}

    def _is_free(self) -> bool:
        try:
            with held(self.home):
                return True
        except HomeInUseError:
            return False

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            assert process.poll() is None, (
                f"it ended with {process.returncode}: {self.log.read_text()[-2000:]}"
            )
            try:
                if self.call("GET", "/readyz", key=None).status == 200:
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(PAUSE_SECONDS)
        raise AssertionError(f"not ready: {self.log.read_text()[-2000:]}")


@contextmanager
def living(home: Path, **settings: str) -> Iterator[Living]:
    """A started service; whatever lives of it at the end is stopped."""
    service = Living(home, settings)
    try:
        service.start()
        yield service
    finally:
        service.stop()


def ndjson(documents: Iterable[object]) -> list[bytes]:
    """Documents as the lines of a streamed body."""
    return [json.dumps(document).encode() + b"\n" for document in documents]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
