"""`governance.vault.reconcile`: an older backup of either database never brings an erased person back."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from governance.vault.journal_copy import Erasure, uncopied
from governance.vault.keyring import Keyring
from governance.vault.keys import ASKED_AT_ONCE, destroy, load, mint
from governance.vault.reconcile import (
    ORPHAN_AFTER,
    Unkeyed,
    forgotten,
    orphan_candidates,
    replay,
    unkeyed,
)
from governance.vault.tables import ErasureRow, KeyKind


def test_a_restored_main_database_is_told_whom_to_erase_again(
    keys: Session, keyring: Keyring, now: datetime
) -> None:
    """Those of its owners whom the journal knows; and apart from them those who never had a key here."""
    mint(keys, keyring, ["lead-a", "lead-b"], kind=KeyKind.LEAD, now=now)
    destroy(keys, "lead-a", now=now)

    assert unkeyed(keys, ["lead-a", "lead-b", "lead-x"]) == Unkeyed(("lead-a",), ("lead-x",))


def test_nothing_is_pending_where_all_have_keys(keys: Session, keyring: Keyring, now: datetime) -> None:
    """The usual start, over more owners than one statement asks for."""
    owners = [f"lead-{number}" for number in range(ASKED_AT_ONCE + 1)]
    mint(keys, keyring, owners, kind=KeyKind.LEAD, now=now)

    assert unkeyed(keys, iter(owners)) == Unkeyed((), ())


def test_a_restored_key_store_is_told_whom_to_forget_again(
    keys: Session, keyring: Keyring, now: datetime
) -> None:
    """The copy outside knows an erasure that this store does not: its key goes again, and is journalled."""
    mint(keys, keyring, ["lead-a", "lead-b"], kind=KeyKind.LEAD, now=now)
    copy = [Erasure("lead-a", KeyKind.LEAD, now), Erasure("lead-z", KeyKind.LEAD, now)]
    missing = forgotten(keys, [*copy, copy[0]])

    assert missing == tuple(copy)
    assert replay(keys, missing) == 1
    assert set(load(keys, keyring, ["lead-a", "lead-b"])) == {"lead-b"}
    assert keys.get_one(ErasureRow, "lead-a").destroyed_at == now
    assert forgotten(keys, copy) == ()
    assert uncopied(keys) == ()


def test_replaying_twice_changes_nothing(keys: Session, keyring: Keyring, now: datetime) -> None:
    """A reconciliation that was interrupted is simply run again."""
    mint(keys, keyring, ["lead-a"], kind=KeyKind.LEAD, now=now)
    copy = [Erasure("lead-a", KeyKind.LEAD, now)]

    assert (replay(keys, copy), replay(keys, copy)) == (1, 0)


def test_only_old_keys_of_the_kind_are_candidates_for_the_sweep(
    keys: Session, keyring: Keyring, now: datetime
) -> None:
    """An intake that has just minted its key is left alone."""
    old = now - ORPHAN_AFTER - timedelta(seconds=1)
    mint(keys, keyring, ["lead-a", "lead-b"], kind=KeyKind.LEAD, now=old)
    mint(keys, keyring, ["case-a"], kind=KeyKind.CASE, now=old)
    mint(keys, keyring, ["lead-c"], kind=KeyKind.LEAD, now=now - ORPHAN_AFTER)

    assert orphan_candidates(keys, KeyKind.LEAD, now=now) == ("lead-a", "lead-b")
    assert orphan_candidates(keys, KeyKind.LEAD, now=now, after="lead-a") == ("lead-b",)
    assert orphan_candidates(keys, KeyKind.LEAD, now=now, limit=1) == ("lead-a",)
