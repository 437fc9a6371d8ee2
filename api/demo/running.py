"""A real service of our own: `leadwarden serve` in a folder, on a free port of this machine."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from api.demo.door import Door

HOST = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 30
PAUSE_SECONDS = 0.05
_KEY = re.compile(r"^(administrator|compliance_officer) key \(shown once\): (lw_\S+)$", re.MULTILINE)


class ServiceFailedError(Exception):
    """The service did not start; its own words stand in its log."""


@dataclass(frozen=True, slots=True)
class Started:
    """A running service, and the two keys that it printed at its first start."""

    port: int
    log: Path
    keys: Mapping[str, str] = field(repr=False)

    def door(self, role: str) -> Door:
        """Calls under the first key of a role."""
        return Door(HOST, self.port, self.keys[role])


@contextmanager
def service(home: Path, settings: Mapping[str, str]) -> Iterator[Started]:
    """Run the service until the block ends; what it prints goes to files beside its home.

    Raises:
        ServiceFailedError: it ended, or did not answer within `START_SECONDS`.
    """
    port = _free_port()
    said, log = home.with_name(f"{home.name}.out"), home.with_name(f"{home.name}.log")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LEADWARDEN_")}
    environment |= {"LEADWARDEN_HOME": str(home), "LEADWARDEN_LISTEN": f"{HOST}:{port}", **settings}
    with said.open("w") as out, log.open("w") as err:
        command = [sys.executable, "-c", "from api.cli import main; main()", "serve"]
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=err)  # noqa: S603 - ourselves
    try:
        _wait_until_ready(process, port)
        yield Started(port, log, dict(_KEY.findall(said.read_text())))
    finally:
        said.unlink(missing_ok=True)  # it holds the keys
        process.terminate()
        process.wait(STOP_SECONDS)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    """Return once `/readyz` says so."""
    door = Door(HOST, port, "")
    for _ in range(int(START_SECONDS / PAUSE_SECONDS)):
        if process.poll() is not None:
            raise ServiceFailedError(f"the service ended with code {process.returncode}")
        try:
            if door.call("GET", "/readyz").status == 200:  # noqa: PLR2004 - ready
                return
        except OSError:
            pass
        time.sleep(PAUSE_SECONDS)
    raise ServiceFailedError(f"the service was not ready within {START_SECONDS} seconds")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
