"""`governance.vault.key_directory`: what lies on the disk, and who may read it."""

import os
import stat
from pathlib import Path

import pytest

from governance.errors import KeyDirectoryUnsafeError, RootUnavailableError
from governance.vault.key_directory import KeyDirectory


def test_directory_and_files_are_for_their_owner_alone(root: KeyDirectory) -> None:
    """0700 and 0600, whatever the umask of the process."""
    before = os.umask(0)
    try:
        made = KeyDirectory(root.path.with_name("other.keys"))
        made.create("root-a")
    finally:
        os.umask(before)

    assert stat.S_IMODE(made.path.stat().st_mode) == 0o700
    assert stat.S_IMODE((made.path / "root-a.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o777])
def test_a_directory_that_others_may_enter_is_refused(tmp_path: Path, mode: int) -> None:
    """Keys are not put where somebody else reads."""
    path = tmp_path / "open.keys"
    path.mkdir()
    path.chmod(mode)

    with pytest.raises(KeyDirectoryUnsafeError):
        KeyDirectory(path)


def test_a_file_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    """With our own error, so that the start can say one clear line."""
    path = tmp_path / "a.keys"
    path.write_text("")

    with pytest.raises(KeyDirectoryUnsafeError):
        KeyDirectory(path)


def test_creating_leaves_the_key_and_nothing_else(root: KeyDirectory) -> None:
    """No draft of a key stays behind, also when the key was there already."""
    root.create("epoch-a")
    root.create("epoch-a")

    assert [path.name for path in root.path.iterdir()] == ["epoch-a.key"]


def test_a_destroyed_key_is_overwritten_before_it_is_removed(root: KeyDirectory) -> None:
    """A second name of the same file shows other bytes afterwards."""
    root.create("epoch-a")
    before = (root.path / "epoch-a.key").read_bytes()
    witness = root.path / "witness"
    os.link(root.path / "epoch-a.key", witness)
    root.destroy("epoch-a")

    assert not (root.path / "epoch-a.key").exists()
    assert len(before) == len(witness.read_bytes())
    assert before != witness.read_bytes()


@pytest.mark.parametrize("name", ["", "../root", "a/b", ".hidden", "A", "-a"])
def test_a_name_that_could_leave_the_directory_is_refused(root: KeyDirectory, name: str) -> None:
    """Names come from our own code; a broken one stops there."""
    with pytest.raises(ValueError, match="a key name"):
        root.create(name)


def test_nothing_of_a_key_shows_in_the_repr(root: KeyDirectory) -> None:
    """Not even the path, which need not stand in a log."""
    assert repr(root) == "KeyDirectory()"


def test_a_file_that_can_not_be_read_is_an_outage(root: KeyDirectory) -> None:
    """A disk that fails for a while; a key that is not there is another matter."""
    (root.path / "epoch-a.key").mkdir()

    with pytest.raises(RootUnavailableError, match="can not be read"):
        root.unwrap("epoch-a", b"wrapped", b"about")
