"""`governance.vault.keyring`: made once, opened again, never with the wrong provider, and silent."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from governance.errors import (
    RootKeyMissingError,
    RootRefusedError,
    RootUnavailableError,
    VaultError,
    WrapBrokenError,
)
from governance.vault.index import begin_reindex
from governance.vault.key_directory import KeyDirectory
from governance.vault.keyring import (
    IndexKey,
    Keyring,
    add_wrapping_key,
    lock_current,
    open_keyring,
    prepare_wrapping_key,
)
from governance.vault.keys import load, mint
from governance.vault.tables import (
    IndexKeyRow,
    IndexPurpose,
    IndexState,
    KeyKind,
    Role,
    State,
    WrappingKeyRow,
)
from tests.governance.vault.walks import rotate


def test_a_new_key_store_gets_its_first_keys(keys: Session, keyring: Keyring) -> None:
    """One current wrapping key a role, one index key a purpose."""
    assert {(role, 1) for role in Role} == {(role, keyring.current(role)) for role in Role}
    assert [len(keyring.index_keys(purpose)) for purpose in IndexPurpose] == [1, 1, 1]
    assert keys.scalar(select(func.count()).select_from(WrappingKeyRow)) == 2


def test_opening_again_finds_the_same_keys(
    keys: Session, keyring: Keyring, root: KeyDirectory, now: datetime
) -> None:
    """A restart reads what the first start has written, and adds nothing."""
    again = open_keyring(keys, root, now)

    assert keyring.index_keys(IndexPurpose.LOOKUP) == again.index_keys(IndexPurpose.LOOKUP)
    assert keys.scalar(select(func.count()).select_from(WrappingKeyRow)) == 2
    assert len(list(root.path.iterdir())) == 2


def test_another_key_directory_is_refused_and_nothing_is_made(
    keys: Session, keyring: Keyring, tmp_path: Path, now: datetime
) -> None:
    """A lost or swapped key directory stops the start; new keys would hide the loss."""
    other = KeyDirectory(tmp_path / "other.keys")

    with pytest.raises(RootKeyMissingError):
        open_keyring(keys, other, now)
    assert list(other.path.iterdir()) == []


def test_a_row_that_was_changed_by_hand_is_refused(keys: Session, keyring: Keyring, now: datetime) -> None:
    """An epoch key can not be put in another's place."""
    keys.execute(update(WrappingKeyRow).values(wrapped=b"0" * 60))

    with pytest.raises(WrapBrokenError):
        open_keyring(keys, keyring.root, now)


def test_an_index_key_does_not_open_as_another(keys: Session, keyring: Keyring) -> None:
    """The suppression key can not pass for the look-up key."""
    suppression = keys.get_one(IndexKeyRow, (IndexPurpose.SUPPRESSION, 1))
    keys.get_one(IndexKeyRow, (IndexPurpose.LOOKUP, 1)).wrapped = suppression.wrapped

    with pytest.raises(WrapBrokenError):
        keyring.refresh(keys)


def test_two_racers_can_not_both_add_the_first_key(keys: Session, keyring: Keyring, now: datetime) -> None:
    """The primary key lets one win."""
    late = prepare_wrapping_key(keyring.root, Role.EPOCH)

    with pytest.raises(IntegrityError):
        add_wrapping_key(keys, late, number=1, now=now)


def test_a_refresh_takes_in_what_another_process_made(
    keys: Session, keyring: Keyring, root: KeyDirectory, now: datetime
) -> None:
    """And the number to wrap under moves with it."""
    other = open_keyring(keys, root, now)
    keys.get_one(WrappingKeyRow, (Role.EPOCH, 1)).state = State.DRAINING
    add_wrapping_key(keys, prepare_wrapping_key(root, Role.EPOCH), number=2, now=now)

    assert not other.holds(Role.EPOCH, 2)
    assert lock_current(keys, other, Role.EPOCH) == 2
    assert other.holds(Role.EPOCH, 1)
    assert other.holds(Role.EPOCH, 2)


def test_a_refresh_drops_what_is_destroyed(keys: Session, keyring: Keyring) -> None:
    """A destroyed key does not live on in memory."""
    keys.get_one(WrappingKeyRow, (Role.ROOT, 1)).state = State.DESTROYED
    keyring.refresh(keys)

    assert not keyring.holds(Role.ROOT, 1)
    with pytest.raises(VaultError):
        keyring.wrapper(Role.ROOT, 1)


def test_without_a_current_key_nothing_is_wrapped(keys: Session, keyring: Keyring) -> None:
    """The answer is an error, never an older key."""
    keys.get_one(WrappingKeyRow, (Role.ROOT, 1)).state = State.DRAINING

    with pytest.raises(VaultError):
        lock_current(keys, keyring, Role.ROOT)


class Counted(KeyDirectory):
    """A provider that counts how often it was asked, and fails as it is told."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.asked = 0
        self.fault: VaultError | None = None

    def unwrap(self, key_name: str, wrapped: bytes, about: bytes) -> bytes:
        """As the directory does, or the fault."""
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        return super().unwrap(key_name, wrapped, about)


@pytest.fixture
def counted(keys: Session, keyring: Keyring) -> Counted:
    """The provider of `keyring`, counted from now on."""
    provider = Counted(root_path(keyring))
    keyring.root = provider
    return provider


def root_path(keyring: Keyring) -> Path:
    """Where the default provider keeps its files."""
    assert isinstance(keyring.root, KeyDirectory)
    return keyring.root.path


def test_a_refresh_trusts_what_it_holds_and_a_confirmation_does_not(
    keys: Session, keyring: Keyring, counted: Counted
) -> None:
    """So a key is held unconfirmed for a minute at most."""
    keyring.refresh(keys)
    assert counted.asked == 0
    keyring.confirm(keys)
    assert counted.asked == len(Role)


def test_what_is_held_stays_few_however_often_it_is_rotated(
    keys: Session, keyring: Keyring, now: datetime
) -> None:
    """One wrapping key a role and the index keys; of data keys none is kept at all."""
    for _ in range(5):
        rotate(keys, keyring, Role.EPOCH, now)
    mint(keys, keyring, [f"lead-{number}" for number in range(50)], kind=KeyKind.LEAD, now=now)
    load(keys, keyring, ["lead-1"])
    holding = keyring._held  # noqa: SLF001 -- what lies in memory is what is asked about

    assert len(holding.wrappers) == len(Role)
    assert [len(found) for found in holding.index_keys.values()] == [1, 1, 1]


def test_a_provider_that_does_not_answer_closes_the_keyring_at_the_third_time(
    keys: Session, keyring: Keyring, counted: Counted
) -> None:
    """But for the index keys; one answer in between counts anew, and the next opens it again."""
    away = RootUnavailableError("away")
    for fault in (away, away, None, away, away):
        counted.fault = fault
        with pytest.raises(RootUnavailableError) if fault else nullcontext():
            keyring.confirm(keys)
    open_still = not keyring.closed
    with pytest.raises(RootUnavailableError):
        keyring.confirm(keys)

    assert (open_still, keyring.closed) == (True, True)
    for asking in (lambda: keyring.wrapper(Role.EPOCH, 1), lambda: keyring.refresh(keys)):
        with pytest.raises(RootUnavailableError, match="closed"):
            asking()
    assert len(keyring.index_keys(IndexPurpose.LOOKUP)) == 1
    counted.fault = None
    keyring.confirm(keys)
    assert keyring.wrapper(Role.EPOCH, 1)


@pytest.mark.parametrize("fault", [RootRefusedError("no"), RootKeyMissingError("gone"), WrapBrokenError("x")])
def test_a_provider_that_refuses_closes_the_keyring_at_once(
    keys: Session, keyring: Keyring, counted: Counted, fault: VaultError
) -> None:
    """With the index keys; whatever the refusal is."""
    counted.fault = fault
    with pytest.raises(type(fault)):
        keyring.confirm(keys)

    with pytest.raises(RootUnavailableError):
        keyring.index_keys(IndexPurpose.LOOKUP)
    counted.fault = None
    keyring.confirm(keys)
    assert len(keyring.index_keys(IndexPurpose.LOOKUP)) == 1


@pytest.mark.parametrize("misses_before", [0, 3])
def test_index_keys_that_the_key_store_has_moved_on_from_are_not_used_through_an_outage(
    keys: Session, keyring: Keyring, counted: Counted, now: datetime, misses_before: int
) -> None:
    """Else a suppression that another process nests anew would be missed here, and its person contacted."""
    other = open_keyring(keys, KeyDirectory(counted.path), now)
    counted.fault = RootUnavailableError("away")
    for _ in range(misses_before):
        with pytest.raises(RootUnavailableError):
            keyring.confirm(keys)
    assert keyring.index_keys(IndexPurpose.SUPPRESSION)
    begin_reindex(keys, other, IndexPurpose.SUPPRESSION, now=now)
    with pytest.raises(RootUnavailableError):
        keyring.confirm(keys)

    with pytest.raises(RootUnavailableError, match="closed"):
        keyring.index_keys(IndexPurpose.SUPPRESSION)
    counted.fault = None
    keyring.confirm(keys)
    assert len(keyring.index_keys(IndexPurpose.SUPPRESSION)) == 2


class Overtaken(KeyDirectory):
    """A provider that opens a key while another thread is told that it refuses."""

    def __init__(self, path: Path, meanwhile: Callable[[], None]) -> None:
        super().__init__(path)
        self._meanwhile = [meanwhile]

    def unwrap(self, key_name: str, wrapped: bytes, about: bytes) -> bytes:
        """Once."""
        if self._meanwhile:
            self._meanwhile.pop()()
        return super().unwrap(key_name, wrapped, about)


def test_a_refresh_under_way_does_not_open_what_was_closed_meanwhile(
    keys: Session, keyring: Keyring, now: datetime
) -> None:
    """Whatever it brings is dropped."""
    path = root_path(keyring)

    def refused() -> None:
        counted = Counted(path)
        counted.fault = RootRefusedError("no")
        keyring.root = counted
        with pytest.raises(RootRefusedError):
            keyring.confirm(keys)

    keys.get_one(WrappingKeyRow, (Role.EPOCH, 1)).state = State.DRAINING
    add_wrapping_key(keys, prepare_wrapping_key(keyring.root, Role.EPOCH), number=2, now=now)
    keyring.root = Overtaken(path, refused)
    with pytest.raises(RootUnavailableError):
        keyring.refresh(keys)

    assert keyring.closed
    with pytest.raises(RootUnavailableError):
        keyring.index_keys(IndexPurpose.LOOKUP)


def test_a_key_that_could_not_be_used_is_not_left_at_the_provider(tmp_path: Path) -> None:
    """It was created, and wrapping under it failed."""

    class Failing(KeyDirectory):
        def wrap(self, key_name: str, plaintext: bytes, about: bytes) -> bytes:
            """Never."""
            raise RootUnavailableError(f"away for {key_name}: {len(plaintext)} and {len(about)} bytes")

    root = Failing(tmp_path / "failing.keys")
    with pytest.raises(RootUnavailableError):
        prepare_wrapping_key(root, Role.EPOCH)
    assert list(root.path.iterdir()) == []


def test_each_kind_of_identifier_has_its_own_key() -> None:
    """The bytes are fixed: another derivation would lose every identifier and every suppression.

    Expected, by RFC 5869 with HMAC alone: HMAC(HMAC(00 * 32, 00 * 32), "leadwarden index 1 lookup email" 01).
    """
    expected = "80684927c558166819daaf6bb2c22740f1b64ee5029500c737076c23b2b9e6f6"
    key = IndexKey(IndexPurpose.LOOKUP, 1, IndexState.CURRENT, bytes(32))

    assert key.for_kind("email").hex() == expected
    assert key.for_kind("email") == key.for_kind("email")
    assert key.for_kind("email") != key.for_kind("phone")
    assert key.for_kind("email") != IndexKey(
        IndexPurpose.SUPPRESSION, 1, IndexState.CURRENT, bytes(32)
    ).for_kind("email")


def test_nothing_of_a_key_shows_in_a_repr(keyring: Keyring, root: KeyDirectory) -> None:
    """Neither the ring nor what it hands out."""
    shown = repr((keyring, keyring.index_keys(IndexPurpose.LOOKUP), prepare_wrapping_key(root, Role.EPOCH)))

    assert "key=" not in shown.replace("provider_key=", "")
    assert "wrapped" not in shown
