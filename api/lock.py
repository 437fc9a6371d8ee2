"""`<home>/lock`: one process (and its worker) serves an embedded home."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.errors import HomeInUseError


@contextmanager
def held(home: Path) -> Iterator[None]:
    """Hold the home's lock. A forked worker holds it too, so it lasts as long as either lives.

    Raises:
        HomeInUseError: somebody else holds it.
    """
    descriptor = os.open(home / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise HomeInUseError("another process serves this home; stop it, or choose another home") from None
    try:
        yield
    finally:
        os.close(descriptor)
