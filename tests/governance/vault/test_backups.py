"""What a backup taken before an erasure still gives away: the matrix that the vault exists for."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, String, create_engine, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from governance.errors import RootKeyMissingError
from governance.vault.key_directory import KeyDirectory
from governance.vault.keyring import Keyring, open_keyring
from governance.vault.keys import destroy, load, mint
from governance.vault.sealing import Cell, open_sealed, seal
from governance.vault.tables import KeyBase, KeyKind, Role
from tests.governance.vault.walks import rotate

ADA, BOB = "lead-ada", "lead-bob"
PLAINTEXT = {ADA: b"ada@canary.example", BOB: b"bob@canary.example"}


class MainBase(DeclarativeBase):
    """A main database of one table."""


class FieldRow(MainBase):
    """A sealed field, as the main database keeps them."""

    __tablename__ = "fields"

    owner: Mapped[str] = mapped_column(String(36), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True)
class Home:
    """The three places of one installation, or of a backup of it."""

    path: Path

    def session(self, name: str) -> Session:
        """A session on one of the two databases; write-ahead, never checkpointed, like a busy server's."""
        session = Session(create_engine(f"sqlite:///{self.path / name}"))
        session.execute(text("PRAGMA journal_mode=WAL"))
        session.execute(text("PRAGMA wal_autocheckpoint=0"))
        return session

    def backup(self, to: Path, *patterns: str) -> "Home":
        """File copies of what the patterns name, the write-ahead files too."""
        to.mkdir()
        for pattern in patterns:
            for path in self.path.glob(pattern):
                (shutil.copytree if path.is_dir() else shutil.copy)(path, to / path.name)
        return Home(to)

    def readable(self, keys_of: Path | None = None) -> set[str]:
        """Whose fields open with these databases and the key directory there (default: of this place)."""
        root = KeyDirectory((keys_of or self.path) / "home.keys")
        with self.session("main.db") as main, self.session("keys.db") as keys:
            keyring = open_keyring(keys, root, NEVER)
            rows = main.scalars(select(FieldRow)).all()
            found = load(keys, keyring, [row.owner for row in rows])
            opened = {
                row.owner: open_sealed(found[row.owner], cell(row.owner), row.sealed)
                for row in rows
                if row.owner in found
            }
        assert opened == {owner: PLAINTEXT[owner] for owner in opened}
        return set(opened)


NEVER = datetime.fromisoformat("2026-11-24T10:00:00+00:00")


def cell(owner: str) -> Cell:
    """Where the field of an owner stands."""
    return Cell("fields", "sealed", owner, owner, 1)


@pytest.fixture
def home(tmp_path: Path, now: datetime) -> Iterator[Home]:
    """Two people, taken in and sealed; both databases stay open, so that their WAL stays too."""
    live = Home(tmp_path / "live")
    live.path.mkdir()
    with live.session("main.db") as main, live.session("keys.db") as keys:
        KeyBase.metadata.create_all(keys.connection())
        MainBase.metadata.create_all(main.connection())
        keyring = open_keyring(keys, KeyDirectory(live.path / "home.keys"), now)
        for owner, key in mint(keys, keyring, [ADA, BOB], kind=KeyKind.LEAD, now=now).items():
            main.add(FieldRow(owner=owner, sealed=seal(key, cell(owner), PLAINTEXT[owner])))
        keys.commit()
        main.commit()
        yield live


def erase_ada(home: Home, now: datetime) -> None:
    """The erasure, live: key destroyed, field deleted."""
    with home.session("main.db") as main, home.session("keys.db") as keys:
        destroy(keys, ADA, now=now)
        keys.commit()
        main.delete(main.get_one(FieldRow, ADA))
        main.commit()


def rotate_epoch(home: Home, now: datetime) -> None:
    """`vault rotate`, live."""
    with home.session("keys.db") as keys:
        keyring: Keyring = open_keyring(keys, KeyDirectory(home.path / "home.keys"), now)
        rotate(keys, keyring, Role.EPOCH, now)


def test_a_backup_of_the_main_database_alone_is_unreadable_at_once(
    home: Home, tmp_path: Path, now: datetime
) -> None:
    """The live key store has no key for her any more; Bob is still read from that backup."""
    old = home.backup(tmp_path / "old", "main.db*")
    erase_ada(home, now)
    mixed = home.backup(tmp_path / "mixed", "keys.db*", "home.keys")
    for path in old.path.iterdir():
        shutil.copy(path, mixed.path)

    assert mixed.readable() == {BOB}


def test_the_common_layout_gives_the_erased_person_back(home: Home, tmp_path: Path, now: datetime) -> None:
    """Backups of both databases open as long as the epoch key lives: that is why it must die."""
    old = home.backup(tmp_path / "old", "main.db*", "keys.db*")
    erase_ada(home, now)

    assert old.readable(keys_of=home.path) == {ADA, BOB}


def test_after_a_rotation_the_same_backups_give_nothing(home: Home, tmp_path: Path, now: datetime) -> None:
    """Main database, key store and their write-ahead files, with the live key directory: no key fits."""
    old = home.backup(tmp_path / "old", "main.db*", "keys.db*")
    erase_ada(home, now)
    rotate_epoch(home, now)

    assert any(path.name.endswith("-wal") for path in old.path.iterdir())
    with pytest.raises(RootKeyMissingError):
        old.readable(keys_of=home.path)


def test_other_people_stay_readable_live_and_from_the_old_main_backup(
    home: Home, tmp_path: Path, now: datetime
) -> None:
    """A rotation costs nobody else anything: the living keys are the same bytes as before."""
    old = home.backup(tmp_path / "old", "main.db*")
    erase_ada(home, now)
    rotate_epoch(home, now)
    fresh = home.backup(tmp_path / "fresh", "keys.db*", "home.keys")
    for path in old.path.iterdir():
        shutil.copy(path, fresh.path)

    assert home.readable() == {BOB}
    assert fresh.readable() == {BOB}


def test_a_copy_of_the_key_directory_defeats_it(home: Home, tmp_path: Path, now: datetime) -> None:
    """Said openly: who backs the key directory up with the rest has no horizon."""
    everything = home.backup(tmp_path / "everything", "main.db*", "keys.db*", "home.keys")
    erase_ada(home, now)
    rotate_epoch(home, now)

    assert everything.readable() == {ADA, BOB}


def test_no_plaintext_and_no_raw_key_lies_in_any_file(home: Home, now: datetime) -> None:
    """Databases and write-ahead files hold neither the canary nor a data key."""
    with home.session("keys.db") as keys:
        keyring = open_keyring(keys, KeyDirectory(home.path / "home.keys"), now)
        secrets = [key.key for key in load(keys, keyring, [ADA, BOB]).values()]
    content = b"".join(path.read_bytes() for path in home.path.iterdir() if path.is_file())

    assert [secret for secret in [*secrets, b"canary"] if secret in content] == []
