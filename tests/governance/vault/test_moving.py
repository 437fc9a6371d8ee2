"""`governance.vault.moving`: old keys are found at the old provider, new ones are made at the new one."""

from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from governance.errors import RootKeyMissingError
from governance.vault.key_directory import KeyDirectory
from governance.vault.moving import Moving
from governance.vault.transit import Transit, TransitPlace


@pytest.fixture
def old(tmp_path: Path) -> KeyDirectory:
    """Where the keys have been."""
    made = KeyDirectory(tmp_path / "old.keys")
    made.create("epoch-a")
    return made


@pytest.fixture
def new(tmp_path: Path) -> KeyDirectory:
    """Where they are to be."""
    return KeyDirectory(tmp_path / "new.keys")


def test_what_was_wrapped_at_the_old_one_opens(old: KeyDirectory, new: KeyDirectory) -> None:
    """Without having been moved yet."""
    wrapped = old.wrap("epoch-a", b"a key", b"about")

    assert Moving(to=new, off=old).unwrap("epoch-a", wrapped, b"about") == b"a key"


def test_new_keys_are_at_the_new_one_alone(old: KeyDirectory, new: KeyDirectory) -> None:
    """So the old one empties itself with the next rotations."""
    moving = Moving(to=new, off=old)
    moving.create("epoch-b")
    wrapped = moving.wrap("epoch-b", b"a key", b"about")

    assert new.unwrap("epoch-b", wrapped, b"about") == b"a key"
    with pytest.raises(RootKeyMissingError):
        old.unwrap("epoch-b", wrapped, b"about")


def test_a_key_is_destroyed_wherever_it_is(old: KeyDirectory, new: KeyDirectory) -> None:
    """At both."""
    moving = Moving(to=new, off=old)
    moving.destroy("epoch-a")

    assert list(old.path.iterdir()) == []


def test_the_longer_delay_counts_and_an_unknown_one_above_all(old: KeyDirectory) -> None:
    """The horizon is never shorter than the truth."""
    unknown = TransitPlace("http://127.0.0.1", "transit", "leadwarden")
    known = TransitPlace("http://127.0.0.1", "transit", "leadwarden", snapshots_kept=timedelta(days=30))
    with httpx2.Client() as client:
        delays = [
            Moving(to=Transit(place, str, client), off=old).destruction_delay for place in (unknown, known)
        ]

    assert delays == [None, timedelta(days=30)]
