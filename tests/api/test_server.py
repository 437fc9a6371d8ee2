"""The HTTP server, as a process: a dead worker is replaced, log lines are clean, odd paths are answered."""

import json
import os
import signal
import subprocess
from pathlib import Path

from api.errors import HomeInUseError
from api.lock import held
from tests.api.programs import get, run, serving, stop, wait_for


def worker_of(process: subprocess.Popen[str]) -> int:
    """The process id of the one worker."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    (worker,) = map(int, children)
    return worker


def test_a_killed_worker_is_replaced(home: Path) -> None:
    """Somebody must answer again; what was committed is there."""
    with serving(home) as (process, url):
        worker = worker_of(process)
        os.kill(worker, signal.SIGKILL)
        wait_for(f"{url}/readyz", process)

        assert worker_of(process) != worker


def test_a_worker_does_not_outlive_its_parent(home: Path) -> None:
    """Else an orphan would keep the home's lock."""
    with serving(home) as (process, _):
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    while not is_free(home):
        pass
    with serving(home) as (_, url):
        assert get(f"{url}/healthz")[0] == 200


def is_free(home: Path) -> bool:
    """Whether nobody holds the home's lock."""
    try:
        with held(home):
            return True
    except HomeInUseError:
        return False


def test_commands_work_beside_a_running_server(home: Path) -> None:
    """A key made there opens here; one revoked there is closed here in two seconds."""
    with serving(home) as (_, url):
        key = run(home, "keys", "create", "--name", "x", "--scope", "keys:manage").stdout.strip()
        assert get(f"{url}/v1/keys", Authorization=f"Bearer {key}")[0] == 200
        assert run(home, "keys", "revoke", key.split("_")[1]).returncode == 0
        while get(f"{url}/v1/keys", Authorization=f"Bearer {key}")[0] != 401:
            pass


def test_log_lines_are_json_without_paths_queries_or_keys(home: Path) -> None:
    """There is no access log."""
    with serving(home) as (process, url):
        get(f"{url}/v1/keys?canary=1", Authorization="Bearer canary")
        get(f"{url}/canary")
        _, _, err = stop(process, signal.SIGTERM)
    lines = err.splitlines()

    assert lines[0].startswith("Leadwarden listens on http://127.0.0.1:")
    assert all(json.loads(line)["event"] for line in lines[1:])
    assert "canary" not in err


def test_an_unclean_path_is_answered_not_dropped(home: Path) -> None:
    """Through the real server, which hands paths over in its own way."""
    with serving(home) as (_, url):
        assert get(f"{url}/v1/keys/%FF")[0] in {400, 404, 405}
        assert get(f"{url}/%00")[0] in {400, 404}
