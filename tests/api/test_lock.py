"""The home's lock: one holder at a time, gone with its process."""

import subprocess
import sys
from pathlib import Path

import pytest

from api.errors import HomeInUseError
from api.lock import held

HOLD = """
import sys, pathlib
from api.lock import held
with held(pathlib.Path(sys.argv[1])):
    print('held', flush=True)
    sys.stdin.read()
"""


def test_a_second_holder_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    """Also inside one process."""
    with held(tmp_path), pytest.raises(HomeInUseError), held(tmp_path):
        pass
    with held(tmp_path):
        pass


def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    """The kernel lets go of it, so no stale file stops the next start."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(HomeInUseError), held(tmp_path):
            pass
        process.kill()
    with held(tmp_path):
        pass
