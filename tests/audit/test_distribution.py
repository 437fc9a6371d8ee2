"""The verifier as one file: just what it needs, the same bytes each time, and it runs by itself."""

import hashlib
import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from audit import distribution
from audit.note import Signer
from tests.audit.conftest import fill, transcript

NEEDED = ("cryptography", "cffi", "_cffi_backend", "pycparser")
RUN = (
    "import runpy, sys; path, pyz = sys.argv[1:3]; sys.path.insert(0, path); sys.argv = sys.argv[2:];"
    " runpy.run_path(pyz, run_name='__main__')"
)
STRANGERS = (
    "import importlib.util, sys; sys.path.insert(0, sys.argv[1]);"
    " print([n for n in ('sqlalchemy', 'flask', 'rfc8785', 'audit') if importlib.util.find_spec(n)])"
)


@pytest.fixture
def verifier(tmp_path: Path) -> Path:
    """The built file."""
    path = tmp_path / "leadwarden-verify.pyz"
    distribution.main([str(path)])
    return path


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """A folder with `cryptography`, what that needs itself, and nothing else."""
    folder = tmp_path / "packages"
    folder.mkdir()
    for name in NEEDED:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            found = Path(spec.origin)
            found = found.parent if spec.submodule_search_locations else found
            (folder / found.name).symlink_to(found)
    return folder


def run(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """A Python that knows no packages and no directory of ours (`-S -I`)."""
    command = [sys.executable, "-S", "-I", "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ}, cwd="/")


@pytest.fixture
def log(session: Session, signer: Signer, tmp_path: Path) -> Path:
    """An exported log."""
    fill(session, 300, signer)
    path = tmp_path / "log.ndjson"
    path.write_bytes(transcript(session))
    return path


def test_it_proves_a_log_where_nothing_else_is_installed(
    verifier: Path, alone: Path, log: Path, signer: Signer
) -> None:
    """Exit 0 and what was proved, where no database library, web framework or module of ours is."""
    done = run(RUN, alone, verifier, "verify", log, "--key", signer.key)

    assert (done.returncode, done.stdout, done.stderr) == (0, "ok: 300 entries\n", "")
    assert run(STRANGERS, alone).stdout == "[]\n"


def test_it_names_the_step_that_failed(verifier: Path, alone: Path, log: Path, signer: Signer) -> None:
    """Exit 1, as the module does; 2 when it is misused, and every way to use it is told."""
    content = bytearray(log.read_bytes())
    content[-40] ^= 1
    log.write_bytes(content)
    failed = run(RUN, alone, verifier, "verify", log, "--key", signer.key)
    misused = run(RUN, alone, verifier, "verify", log)

    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.startswith("FAILED [verification_failed] step ")
    assert misused.returncode == 2
    assert misused.stderr.startswith("usage: leadwarden-verify verify")


def test_without_cryptography_it_says_what_to_install(verifier: Path, tmp_path: Path) -> None:
    """One line, no traceback."""
    done = run(RUN, tmp_path, verifier, "verify", "x")

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "pip install cryptography" in done.stderr


def test_the_same_sources_give_the_same_bytes(verifier: Path) -> None:
    """Whatever the time, the place and the rights of the files: an auditor can build it and compare."""
    again = distribution.build()

    assert hashlib.sha256(again).digest() == hashlib.sha256(verifier.read_bytes()).digest()
    with zipfile.ZipFile(verifier) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {distribution.EPOCH}


def test_it_holds_what_the_verifier_imports_and_nothing_else(verifier: Path) -> None:
    """No module that speaks to a database or writes the log."""
    with zipfile.ZipFile(verifier) as archive:
        names = set(archive.namelist())

    assert {"__main__.py", "audit/__init__.py", "audit/__main__.py", "audit/verify.py"} <= names
    assert not names & {f"audit/{name}.py" for name in ("tables", "log", "sequencer", "query", "keys")}
    assert all(name.startswith("audit/") or name == "__main__.py" for name in names)
