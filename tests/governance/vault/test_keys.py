"""`governance.vault.keys`: a data key is made once, read while it lives, and never made again."""

import threading
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, func, select, update
from sqlalchemy.orm import Session

from governance.errors import OwnerErasedError, WrapBrokenError
from governance.vault.key_directory import KeyDirectory
from governance.vault.keyring import Keyring, open_keyring
from governance.vault.keys import (
    ASKED_AT_ONCE,
    about_data_key,
    chunks,
    destroy,
    destroy_each,
    discard,
    erased_among,
    load,
    mint,
)
from governance.vault.tables import DataKeyRow, ErasureRow, KeyKind, Role
from governance.vault.wrapping import context
from tests.governance.vault.walks import rotate


def test_a_minted_key_is_read_back(keys: Session, keyring: Keyring, now: datetime) -> None:
    """Each owner gets a key of their own."""
    minted = mint(keys, keyring, ["lead-a", "lead-b"], kind=KeyKind.LEAD, now=now)

    assert minted == load(keys, keyring, ["lead-a", "lead-b", "lead-c"])
    assert minted["lead-a"].key != minted["lead-b"].key


def test_minting_again_gives_the_key_that_is_there(keys: Session, keyring: Keyring, now: datetime) -> None:
    """A repeated intake reads what the first one sealed; owners may be named twice."""
    first = mint(keys, keyring, ["lead-a"], kind=KeyKind.LEAD, now=now)
    again = mint(keys, keyring, ["lead-b", "lead-a", "lead-b"], kind=KeyKind.LEAD, now=now)

    assert first["lead-a"] == again["lead-a"]
    assert {"lead-a", "lead-b"} == set(again)


def test_thousands_are_minted_and_read_in_runs(keys: Session, keyring: Keyring, now: datetime) -> None:
    """No statement grows with the number of owners."""
    owners = [f"lead-{number}" for number in range(2 * ASKED_AT_ONCE + 1)]
    mint(keys, keyring, owners, kind=KeyKind.LEAD, now=now)

    assert set(owners) == set(load(keys, keyring, owners))
    assert [len(chunk) for chunk in chunks(owners)] == [ASKED_AT_ONCE, ASKED_AT_ONCE, 1]


def test_a_destroyed_key_is_gone_and_journalled(keys: Session, keyring: Keyring, now: datetime) -> None:
    """The journal says whose, what and when; doing it again changes nothing."""
    mint(keys, keyring, ["lead-a", "lead-b"], kind=KeyKind.LEAD, now=now)

    assert destroy(keys, "lead-a", now=now)
    assert not destroy(keys, "lead-a", now=now)
    assert {"lead-b"} == set(load(keys, keyring, ["lead-a", "lead-b"]))
    row = keys.get_one(ErasureRow, "lead-a")
    assert (KeyKind.LEAD, now, False) == (row.kind, row.destroyed_at, row.copied)
    assert frozenset({"lead-a"}) == erased_among(keys, ["lead-a", "lead-b"])


def test_destroying_what_never_was_leaves_no_trace(keys: Session, keyring: Keyring, now: datetime) -> None:
    """The journal holds erasures only."""
    assert not destroy(keys, "lead-a", now=now)
    assert keys.get(ErasureRow, "lead-a") is None


def test_an_erased_owner_never_gets_another_key(keys: Session, keyring: Keyring, now: datetime) -> None:
    """And the others asked for with it get none either."""
    mint(keys, keyring, ["lead-a"], kind=KeyKind.LEAD, now=now)
    destroy(keys, "lead-a", now=now)

    with pytest.raises(OwnerErasedError):
        mint(keys, keyring, ["lead-b", "lead-a"], kind=KeyKind.LEAD, now=now)
    assert load(keys, keyring, ["lead-b"]) == {}


def test_discarded_keys_leave_no_journal(keys: Session, keyring: Keyring, now: datetime) -> None:
    """Nothing was sealed under an orphan, so nobody was erased."""
    mint(keys, keyring, ["lead-a", "lead-b"], kind=KeyKind.LEAD, now=now)

    assert discard(keys, ["lead-a", "lead-c"]) == 1
    assert {"lead-b"} == set(load(keys, keyring, ["lead-a", "lead-b"]))
    assert frozenset() == erased_among(keys, ["lead-a"])


@pytest.mark.parametrize("column", ["owner", "kind", "version", "wrapped"])
def test_a_row_that_was_changed_by_hand_does_not_open(
    keys: Session, keyring: Keyring, now: datetime, column: str
) -> None:
    """Nobody can be given another's key, nor an older version of one's own."""
    mint(keys, keyring, ["lead-a"], kind=KeyKind.LEAD, now=now)
    other = {"owner": "lead-b", "kind": KeyKind.CASE, "version": 2, "wrapped": b"0" * 60}
    keys.execute(update(DataKeyRow).values({column: other[column]}))

    with pytest.raises(WrapBrokenError):
        load(keys, keyring, ["lead-a", "lead-b"])


def test_a_process_that_slept_through_a_rotation_reads_and_mints(
    keys: Session, keyring: Keyring, root: KeyDirectory, now: datetime
) -> None:
    """It takes in the new epoch when it meets it."""
    sleeper, waker = open_keyring(keys, root, now), keyring
    before = mint(keys, sleeper, ["lead-a"], kind=KeyKind.LEAD, now=now)
    keys.commit()
    rotate(keys, waker, Role.EPOCH, now)

    assert before == load(keys, sleeper, ["lead-a"])
    mint(keys, sleeper, ["lead-b"], kind=KeyKind.LEAD, now=now)
    assert list(keys.scalars(select(DataKeyRow.epoch))) == [2, 2]


def test_a_minter_that_slept_takes_the_new_epoch(
    keys: Session, keyring: Keyring, root: KeyDirectory, now: datetime
) -> None:
    """Nothing new is ever wrapped under an epoch that is to be destroyed."""
    sleeper = open_keyring(keys, root, now)
    rotate(keys, keyring, Role.EPOCH, now)
    mint(keys, sleeper, ["lead-a"], kind=KeyKind.LEAD, now=now)

    assert keys.get_one(DataKeyRow, "lead-a").epoch == 2


def test_one_keyring_serves_many_threads(
    keys: Session, keyring: Keyring, now: datetime, tmp_path: Path
) -> None:
    """While one thread refreshes, the others read a whole ring."""
    expected = mint(keys, keyring, ["lead-a"], kind=KeyKind.LEAD, now=now)
    keys.commit()
    engine = create_engine(f"sqlite:///{tmp_path / 'keys.db'}")
    wrong: list[object] = []

    def work(*, refreshing: bool) -> None:
        with Session(engine) as session:
            for _ in range(100):
                if refreshing:
                    keyring.refresh(session)
                elif load(session, keyring, ["lead-a"]) != expected:
                    wrong.append(1)

    threads = [threading.Thread(target=work, kwargs={"refreshing": number == 0}) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()

    assert wrong == []
    assert keys.scalar(select(func.count()).select_from(DataKeyRow)) == 1


def test_many_are_destroyed_in_runs_and_journalled(keys: Session, keyring: Keyring, now: datetime) -> None:
    """Each once, whoever had none is passed over, and doing it again changes nothing."""
    owners = [f"lead-{number}" for number in range(ASKED_AT_ONCE + 3)]
    mint(keys, keyring, owners, kind=KeyKind.LEAD, now=now)

    assert frozenset(owners[1:]) == destroy_each(keys, [*owners[1:], "nobody"], now=now)
    assert frozenset() == destroy_each(keys, owners[1:], now=now)
    assert set(owners[:1]) == set(load(keys, keyring, owners))
    assert frozenset(owners[1:]) == erased_among(keys, [*owners, "nobody"])


@given(st.text(), st.sampled_from(KeyKind), st.integers(0), st.integers(0))
def test_what_a_key_is_bound_to_is_a_context_like_any_other(
    owner: str, kind: KeyKind, version: int, epoch: int
) -> None:
    """Written out for speed, and the same bytes."""
    expected = context("leadwarden data key 1", owner, kind, version, epoch)

    assert expected == about_data_key(owner, kind, version, epoch)
