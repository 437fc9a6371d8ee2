"""Several processes over one key store on PostgreSQL: what they may not do to each other."""

import threading
from collections.abc import Iterator
from datetime import datetime
from functools import partial

import pytest
from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from api.database import Database, open_database
from governance.vault import rotation
from governance.vault.key_directory import KeyDirectory
from governance.vault.keyring import Keyring, open_keyring, prepare_wrapping_key
from governance.vault.keys import load, mint
from governance.vault.signing import receipt_signer
from governance.vault.tables import DataKeyRow, KeyBase, KeyKind, Role, WrappingKeyRow
from tests.governance.vault.walks import rotate


@pytest.fixture
def engine(fresh_postgres: str) -> Iterator[Engine]:
    """A key store on a real server; waiting for a lock is an error here, so that a test can see it."""
    options = {"options": "-c lock_timeout=100ms"}
    opened = create_engine(fresh_postgres, isolation_level="SERIALIZABLE", connect_args=options)
    KeyBase.metadata.create_all(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def shared(engine: Engine, root: KeyDirectory, now: datetime) -> Keyring:
    """The keyring of that key store."""
    with Session(engine) as keys:
        opened = open_keyring(keys, root, now)
        keys.commit()
    return opened


@pytest.fixture
def database(engine: Engine, fresh_postgres: str) -> Iterator[Database]:
    """The same key store, as the service writes to it: retried when transactions collide."""
    opened = open_database(fresh_postgres)
    yield opened
    opened.close()


def test_first_starts_at_once_agree_on_every_key(
    database: Database, root: KeyDirectory, now: datetime
) -> None:
    """One wrapping key a role, one signing key: whoever loses reads what the other has made."""
    barrier = threading.Barrier(4)
    kids: list[str] = []

    def start() -> None:
        barrier.wait()
        keyring = database.write(lambda keys: open_keyring(keys, root, now))
        kids.append(database.write(lambda keys: receipt_signer(keys, keyring, now)).kid)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as keys:
        wrapping = keys.scalar(select(func.count()).select_from(WrappingKeyRow))

    assert (len(kids), len(set(kids))) == (4, 1)
    assert wrapping == len(Role)


def test_an_epoch_is_not_ended_under_a_key_that_is_being_made(
    engine: Engine, shared: Keyring, now: datetime
) -> None:
    """The minter's share lock holds the rotation back until its commit."""
    with Session(engine) as minter, Session(engine) as rotator:
        mint(minter, shared, ["lead-a"], kind=KeyKind.LEAD, now=now)
        new = prepare_wrapping_key(shared.root, Role.EPOCH)
        with pytest.raises(OperationalError, match="lock timeout"):
            rotation.begin(rotator, new, now=now)
        rotator.rollback()
        minter.commit()
        assert rotation.begin(rotator, new, now=now) == 1


def test_minters_do_not_wait_for_each_other(engine: Engine, shared: Keyring, now: datetime) -> None:
    """The lock of the epoch is a shared one."""
    with Session(engine) as one, Session(engine) as other:
        mint(one, shared, ["lead-a"], kind=KeyKind.LEAD, now=now)
        mint(other, shared, ["lead-b"], kind=KeyKind.LEAD, now=now)
        other.commit()
        one.commit()
        assert set(load(one, shared, ["lead-a", "lead-b"])) == {"lead-a", "lead-b"}


def test_no_key_is_lost_or_left_behind_while_epochs_change(
    database: Database, engine: Engine, shared: Keyring, root: KeyDirectory, now: datetime
) -> None:
    """Three processes mint through two rotations; every key opens, none is under a dead epoch."""
    stop = threading.Event()
    minted: list[str] = []

    def work(name: int) -> None:
        keyring = database.write(lambda keys: open_keyring(keys, root, now))
        number = 0
        while not stop.is_set() or number < 20:
            owner = f"lead-{name}-{number}"
            database.write(partial(mint, keyring=keyring, owners=[owner], kind=KeyKind.LEAD, now=now))
            minted.append(owner)
            number += 1

    threads = [threading.Thread(target=work, args=(name,)) for name in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        _rotate(database, shared, now)
    stop.set()
    for thread in threads:
        thread.join()

    with Session(engine) as keys:
        rotate(keys, shared, Role.EPOCH, now, size=1_000)
        assert set(load(keys, shared, minted)) == set(minted)
        assert set(keys.scalars(select(DataKeyRow.epoch))) == {4}
        assert keys.scalar(text("SELECT count(*) FROM data_keys")) == len(minted) >= 60


def _rotate(database: Database, keyring: Keyring, now: datetime) -> None:
    new = prepare_wrapping_key(keyring.root, Role.EPOCH)
    number = database.write(lambda keys: rotation.begin(keys, new, now=now))
    with database.read() as keys:
        keyring.refresh(keys)
    database.write(lambda keys: rotation.rewrap_few(keys, keyring, Role.EPOCH, number))
    after: str | None = ""
    while after is not None:
        chunk = partial(rotation.rewrap_data_keys, keyring=keyring, number=number, after=after, size=50)
        after = database.write(chunk)[1]
    database.write(lambda keys: rotation.empty(keys, Role.EPOCH, number))
    with database.read() as keys:
        ((emptied, provider_key),) = rotation.to_destroy(keys, Role.EPOCH)
    keyring.root.destroy(provider_key)
    database.write(lambda keys: rotation.record_destroyed(keys, Role.EPOCH, emptied, now=now))
