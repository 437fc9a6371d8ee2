"""The installed program, run for tests as a user would run it."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = [sys.executable, "-c", "from api.cli import main; main()"]
PATIENCE_SECONDS = 20


def environment(home: Path, **settings: str) -> dict[str, str]:
    """This process's environment, with the settings of a home of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LEADWARDEN_")}
    ours = {f"LEADWARDEN_{name}": value for name, value in settings.items()}
    return kept | ours | {"LEADWARDEN_HOME": str(home)}


def run(home: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        env=environment(home, **settings),
        cwd=home.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def serving(home: Path, **settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`leadwarden serve` that answers; the process and the address. Killed at the end when it still runs."""
    address = f"127.0.0.1:{free_port()}"
    with subprocess.Popen(
        [*PROGRAM, "serve"],
        env=environment(home, LISTEN=address, **settings),
        cwd=home.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            wait_for(f"http://{address}/healthz", process)
            yield process, f"http://{address}"
        finally:
            if process.poll() is None:
                process.terminate()
                process.communicate(timeout=PATIENCE_SECONDS)


def wait_for(url: str, process: subprocess.Popen[str]) -> None:
    """Ask until somebody answers, as long as the process lives."""
    while process.poll() is None:
        try:
            status, _ = get(url)
        except (OSError, http.client.HTTPException):
            continue
        if status == 200:
            return
    raise AssertionError(f"the service ended with {process.returncode}: {process.communicate()[1][-2000:]}")


def get(url: str, **headers: str) -> tuple[int, bytes]:
    """Status and body of a GET."""
    _, _, address, path = url.split("/", 3)
    connection = http.client.HTTPConnection(address, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", f"/{path}", headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def stop(process: subprocess.Popen[str], how: signal.Signals) -> tuple[int, str, str]:
    """Ask it to end; exit code, standard output, standard error."""
    process.send_signal(how)
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    return process.returncode, out, err
