"""A real MariaDB for tests: the system's server, run in a directory of the tests' own."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

UNPRIVILEGED = "nobody"  # as the tests' PostgreSQL
START_SECONDS = 60
PROGRAMS = ("mariadbd", "mariadb-install-db")
ELSEWHERE = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
ACCOUNT = """\
CREATE USER 'tests'@'%' IDENTIFIED BY 'tests';
GRANT ALL ON *.* TO 'tests'@'%' WITH GRANT OPTION;
"""


def running_mariadb() -> Iterator[str]:
    """The URL of a server that runs until the iterator goes on; skips when there are no binaries.

    Where `CI` is `true` missing binaries are a failure: a check that skips there is never run at all.
    """
    path = os.pathsep.join([os.environ.get("PATH", ""), ELSEWHERE])
    server, installer = (shutil.which(program, path=path) for program in PROGRAMS)
    if server is None or installer is None:
        missing = "no MariaDB binaries: install mariadb-server"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with tempfile.TemporaryDirectory(prefix="leadwarden-mariadb-") as directory:
        yield from _served(Path(server), Path(installer), _own(Path(directory)))


def _served(server: Path, installer: Path, directory: Path) -> Iterator[str]:
    data, port, begin = directory / "data", _free_port(), directory / "begin.sql"
    begin.write_text(ACCOUNT)
    begin.chmod(0o644)
    options = [f"--datadir={data}", f"--tmpdir={directory}"]
    subprocess.run(
        [
            str(installer),
            "--no-defaults",
            *options,
            "--skip-test-db",
            "--auth-root-authentication-method=normal",
        ],
        check=True,
        user=_user(),
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    process = subprocess.Popen(
        [
            *(str(server), "--no-defaults", *options, f"--port={port}", "--bind-address=127.0.0.1"),
            *(f"--socket={directory / 'socket'}", f"--init-file={begin}", f"--log-error={directory / 'log'}"),
            *("--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M", "--skip-name-resolve"),
            *("--sync-binlog=0", f"--pid-file={directory / 'pid'}"),
        ],
        user=_user(),
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(process, port, directory / "log")
        yield f"mariadb://tests:tests@127.0.0.1:{port}/mysql"
    finally:
        process.kill()
        process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    """Until the server takes connections; it takes them after it has run its first statements."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                if connection.recv(1):
                    return
        except OSError:
            time.sleep(0.05)
    pytest.fail("MariaDB did not start: " + log.read_text(errors="replace")[-2000:])


def _own(directory: Path) -> Path:
    """The directory, handed to `nobody` when the tests run as root."""
    if os.geteuid() == 0:
        owner = pwd.getpwnam(UNPRIVILEGED)
        os.chown(directory, owner.pw_uid, owner.pw_gid)
    return directory


def _user() -> str | None:
    return UNPRIVILEGED if os.geteuid() == 0 else None


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
