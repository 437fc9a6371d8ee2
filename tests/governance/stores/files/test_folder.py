"""A folder gives what is below it, and nothing that a link or a path leads out of it."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from governance.stores.errors import StoreCode, StoreError
from governance.stores.files.folder import Folder
from governance.stores.files.places import HIDDEN


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A folder with a file, beside one that is nobody's business."""
    (tmp_path / "secret.csv").write_text("email\n")
    top = tmp_path / "exports"
    (top / "inner").mkdir(parents=True)
    (top / "a.csv").write_text("old")
    return top


def writer(content: bytes, *, differs: bool = True) -> Callable[[BinaryIO, BinaryIO], bool]:
    """Writes that content."""

    def write(_source: BinaryIO, target: BinaryIO) -> bool:
        target.write(content)
        return differs

    return write


def entries(top: Path) -> list[str]:
    """Everything in the folder, hidden or not."""
    return sorted(entry.name for entry in top.iterdir())


def refused(attempt: Callable[[], object]) -> StoreCode:
    """The code with which an attempt is refused."""
    with pytest.raises(StoreError) as error:
        attempt()
    return error.value.reason


def test_files_are_listed_and_nothing_else(top: Path) -> None:
    """No links, hidden files or devices; those of inner folders by their path."""
    (top / "inner" / "b.csv").write_text("x")
    (top / ".hidden.csv").write_text("x")
    (top / "link.csv").symlink_to(top.parent / "secret.csv")
    (top / "out").symlink_to(top.parent)
    os.mkfifo(top / "pipe.csv")
    assert list(Folder(str(top)).names()) == ["a.csv", "inner/b.csv"]


@pytest.mark.parametrize(
    "name", ["../secret.csv", "inner/../../secret.csv", "/etc/passwd", "", "inner//a.csv", "./a.csv", ".."]
)
def test_no_path_leads_out(top: Path, name: str) -> None:
    """Whatever a document says."""
    with pytest.raises(StoreError), Folder(str(top)).open(name):
        pass


def test_links_are_refused(top: Path) -> None:
    """As a file, as a folder on the way, and as the target of a rewriting."""
    (top / "link.csv").symlink_to(top.parent / "secret.csv")
    (top / "out").symlink_to(top.parent)
    place = Folder(str(top))
    for name in ("link.csv", "out/secret.csv"):
        with pytest.raises(StoreError) as error, place.open(name):
            pass
        assert error.value.reason is StoreCode.PERMISSION_DENIED
        with pytest.raises(StoreError):
            place.rewrite(name, writer(b"x"))
    assert (top.parent / "secret.csv").read_text() == "email\n"


def test_a_link_in_place_of_the_new_file_is_not_followed(top: Path) -> None:
    """Somebody could put one there, to have it written through."""
    (top / f"{HIDDEN}a.csv").symlink_to(top.parent / "secret.csv")
    assert refused(lambda: Folder(str(top)).rewrite("a.csv", writer(b"x"))) is StoreCode.PERMISSION_DENIED
    assert (top.parent / "secret.csv").read_text() == "email\n"


def test_devices_are_no_files(top: Path) -> None:
    """Nor are folders; a pipe is not waited for."""
    (top / "inner" / "a.csv").mkdir()
    os.mkfifo(top / "pipe.csv")
    for name in ("inner/a.csv", "pipe.csv"):
        with pytest.raises(StoreError) as error, Folder(str(top)).open(name):
            pass
        assert error.value.reason is StoreCode.PERMISSION_DENIED


def test_a_folder_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    """And a file that is not there is missing."""
    assert refused(lambda: Folder(str(tmp_path / "gone"))) is StoreCode.UNREACHABLE
    assert refused(lambda: Folder(str(tmp_path)).open("gone.csv").__enter__()) is StoreCode.TABLE_MISSING


def test_a_file_is_replaced_whole(top: Path) -> None:
    """With its rights, and nothing else in the folder; whoever reads the old one reads it to its end."""
    (top / "a.csv").chmod(0o640)
    place = Folder(str(top))
    with place.open("a.csv") as (reader, before):
        place.rewrite("a.csv", writer(b"new"))
        assert reader.read() == b"old"
    with place.open("a.csv") as (reader, after):
        assert reader.read() == b"new"
    assert before != after
    assert (top / "a.csv").stat().st_mode & 0o777 == 0o640
    assert entries(top) == ["a.csv", "inner"]


def test_what_does_not_differ_is_left_alone(top: Path) -> None:
    """Also its time of change."""
    before = (top / "a.csv").stat()
    Folder(str(top)).rewrite("a.csv", writer(b"new", differs=False))
    after = (top / "a.csv").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert entries(top) == ["a.csv", "inner"]


def test_a_change_by_somebody_else_is_noticed(top: Path) -> None:
    """While the new file was being written: nothing is put, and a retry will help."""

    def write(_source: BinaryIO, target: BinaryIO) -> bool:
        target.write(b"new")
        (top / "a.csv").write_text("theirs")
        return True

    assert refused(lambda: Folder(str(top)).rewrite("a.csv", write)) is StoreCode.LOCKED
    assert (top / "a.csv").read_text() == "theirs"
    assert entries(top) == ["a.csv", "inner"]


def test_what_is_written_at_the_last_moment_is_not_lost(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Into the old file, between the last look and the rename: it is put back."""
    replace = os.replace

    def late(*arguments: object, **keywords: object) -> None:
        monkeypatch.setattr(os, "replace", replace)
        with (top / "a.csv").open("a") as theirs:
            theirs.write(" and theirs")
        replace(*arguments, **keywords)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(os, "replace", late)
    assert refused(lambda: Folder(str(top)).rewrite("a.csv", writer(b"new"))) is StoreCode.LOCKED
    assert (top / "a.csv").read_text() == "old and theirs"
    assert entries(top) == ["a.csv", "inner"]


def test_two_writers_do_not_meet(top: Path) -> None:
    """The second is told to come again; what a killed one left is overwritten."""
    place = Folder(str(top))
    codes: list[StoreCode] = []

    def write(_source: BinaryIO, target: BinaryIO) -> bool:
        codes.append(refused(lambda: place.rewrite("a.csv", writer(b"second"))))
        target.write(b"first")
        return True

    (top / f"{HIDDEN}a.csv").write_text("half of what a killed writer wrote")
    place.rewrite("a.csv", write)
    assert codes == [StoreCode.LOCKED]
    assert (top / "a.csv").read_text() == "first"


def test_what_killed_writers_left_goes_with_the_next_write(top: Path) -> None:
    """Of whatever file, were it renamed since: a copy of somebody may stand in it. Nothing else goes."""
    hour = 3600
    left, young, locked = (top / f"{HIDDEN}{name}.csv" for name in ("january", "young", "locked"))
    for path in (left, young, locked, top / ".bashrc", top / "inner" / f"{HIDDEN}b.csv"):
        path.write_text("ada@acme.example")
    (top / f"{HIDDEN}folder").mkdir()
    (top / f"{HIDDEN}link").symlink_to(top.parent / "secret.csv")
    for path in (left, locked, top / f"{HIDDEN}folder"):
        os.utime(path, (path.stat().st_mtime - hour, path.stat().st_mtime - hour))
    with locked.open("r+b") as living:
        fcntl.flock(living, fcntl.LOCK_EX)
        Folder(str(top)).rewrite("a.csv", writer(b"new"))

    kept = {young.name, locked.name, f"{HIDDEN}folder", f"{HIDDEN}link", ".bashrc", "a.csv", "inner"}
    assert set(entries(top)) == kept
    assert (top / "a.csv").read_text() == "new"
    assert (top.parent / "secret.csv").exists()
    Folder(str(top)).rewrite("a.csv", writer(b"newer"))
    assert set(entries(top)) == kept - {locked.name}


def test_a_failure_leaves_the_old_file(top: Path) -> None:
    """A full disk, say."""

    def write(_source: BinaryIO, _target: BinaryIO) -> bool:
        raise OSError(28, "No space left on device")

    assert refused(lambda: Folder(str(top)).rewrite("a.csv", write)) is StoreCode.UNREACHABLE
    assert (top / "a.csv").read_text() == "old"
    assert entries(top) == ["a.csv", "inner"]


def test_a_folder_keeps_no_old_versions(top: Path) -> None:
    """What is replaced is gone."""
    place = Folder(str(top))
    place.delete_old_versions("a.csv")
    assert (place.keeps_old_versions(), place.old_versions("a.csv")) == (False, 0)
    place.close()
    place.close()


@pytest.mark.parametrize("moment", ["fsync", "fchmod", "replace"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_writer_that_is_killed_leaves_a_whole_file(top: Path, moment: str, *, after: bool) -> None:
    """The old one or the new one; the next writer goes on as if nothing had been."""
    script = (
        "import os, signal, sys\n"
        "from governance.stores.files.folder import Folder\n"
        "top, moment, after = sys.argv[1], sys.argv[2], sys.argv[3] == 'True'\n"
        "real = getattr(os, moment)\n"
        "def killed(*arguments, **keywords):\n"
        "    if after: real(*arguments, **keywords)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "setattr(os, moment, killed)\n"
        "Folder(top).rewrite('a.csv', lambda source, target: bool(target.write(b'new' * 100000)))\n"
    )
    died = subprocess.run(
        [sys.executable, "-c", script, str(top), moment, str(after)],
        check=False,
        cwd=Path(__file__).parents[4],
    )
    assert died.returncode == -signal.SIGKILL
    replaced = moment == "replace" and after
    assert (top / "a.csv").read_bytes() == (b"new" * 100_000 if replaced else b"old")
    place = Folder(str(top))
    assert list(place.names()) == ["a.csv"]
    place.rewrite("a.csv", writer(b"next"))
    assert (top / "a.csv").read_bytes() == b"next"
    assert entries(top) == ["a.csv", "inner"]
