"""`leadwarden serve` and `leadwarden work`, as processes: first keys, one home one server, a clean stop."""

import re
import signal
import socket
import subprocess
from pathlib import Path

from api.lock import held
from tests.api.programs import (
    PROGRAM,
    environment,
    free_port,
    get,
    run,
    serving,
    stop,
    wait_for,
)

KEY = re.compile(r"lw_[0-9a-f-]{36}_[\w-]{43}")


def test_the_first_start_prints_two_keys_and_later_ones_none(home: Path) -> None:
    """They open what their roles open, and a clean stop is exit 0."""
    with serving(home) as (process, url):
        wait_for(f"{url}/readyz", process)
        code, out, err = stop(process, signal.SIGTERM)
    administrator, officer = KEY.findall(out)
    assert code == 0
    assert not KEY.search(err)

    with serving(home) as (process, url):
        assert get(f"{url}/v1/keys", Authorization=f"Bearer {administrator}")[0] == 200
        assert get(f"{url}/v1/keys", Authorization=f"Bearer {officer}")[0] == 403
        code, out, _ = stop(process, signal.SIGINT)
    assert (code, KEY.findall(out)) == (0, [])


def test_a_second_server_of_the_same_home_is_refused(home: Path) -> None:
    """With one clear line; the first goes on."""
    with serving(home) as (_, url):
        refused = run(home, "serve", LISTEN=f"127.0.0.1:{free_port()}")

        assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
        assert get(f"{url}/healthz")[0] == 200


def test_a_taken_address_is_one_clear_line(home: Path) -> None:
    """Exit 2: the setting is at fault."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = run(home, "serve", LISTEN=f"127.0.0.1:{taken.getsockname()[1]}")

    assert refused.returncode == 2
    assert "LEADWARDEN_LISTEN" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_duties_run_without_http_and_end_cleanly(home: Path) -> None:
    """`work` puts what commands wrote into the log, and lets the home go when it is asked to end."""
    run(home, "keys", "create", "--name", "x", "--scope", "audit:read")
    published = home.with_name("home.checkpoints")
    with subprocess.Popen(
        [*PROGRAM, "work"], env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            while not any(published.iterdir()):
                assert process.poll() is None
            refused = run(home, "work")
            code, out, _ = stop(process, signal.SIGTERM)
        finally:
            process.kill()

    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert (code, out) == (0, "")
    with held(home):
        pass


def test_the_duties_migrate_nothing(home: Path) -> None:
    """Beside many servers only one of them upgrades: a home without a schema is one clear line."""
    refused = run(home, "work")

    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "leadwarden db upgrade" in refused.stderr
