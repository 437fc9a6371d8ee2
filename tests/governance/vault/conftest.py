"""A key store and a key directory of their own for every test."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from governance.vault.key_directory import KeyDirectory
from governance.vault.keyring import Keyring, open_keyring
from governance.vault.tables import KeyBase


@pytest.fixture
def now() -> datetime:
    """The moment of every test that does not move it."""
    return datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture
def root(tmp_path: Path) -> KeyDirectory:
    """The default provider, in a directory of its own."""
    return KeyDirectory(tmp_path / "home.keys")


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Session]:
    """A session on an empty key store, a SQLite file."""
    engine = create_engine(f"sqlite:///{tmp_path / 'keys.db'}")
    KeyBase.metadata.create_all(engine)
    with Session(engine) as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def keyring(keys: Session, root: KeyDirectory, now: datetime) -> Keyring:
    """The keyring of that key store, with its first keys committed."""
    opened = open_keyring(keys, root, now)
    keys.commit()
    return opened
