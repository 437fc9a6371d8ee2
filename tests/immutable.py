"""Files that nobody may write for a while."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def immutable(*paths: Path) -> Iterator[None]:
    """Files that nobody may write, root neither: `chmod` says nothing to root, and nothing to open files."""
    chattr = shutil.which("chattr")
    ran = (
        [subprocess.run([str(chattr), "+i", *map(str, paths)], check=False, capture_output=True)]
        if chattr
        else []
    )
    if not ran or ran[0].returncode:
        pytest.skip("no chattr +i here: it takes root, and a file system that knows it")
    try:
        yield
    finally:
        subprocess.run([str(chattr), "-i", *map(str, paths)], check=True)
