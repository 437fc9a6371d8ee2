"""The unwrapped keys that a process holds: wrapping keys and index keys, never data keys.

There are few of these: a current and a draining wrapping key a role, and the generations of two indexes.
Data keys are read from the key store for each piece of work and cached nowhere, so a key destroyed by any
process is gone for all of them at once.

What is held is confirmed every minute: each wrapping key is opened anew at the provider. A provider that
refuses closes the keyring at once; one that does not answer closes it after `MISSED_BEFORE_CLOSING` times,
but for the index keys, under which decisions can still be asked for: while they are those of the key store,
for under older ones a suppression would be missed. It opens again with the next answer.

A keyring never changes in place: `refresh` builds the new contents and swaps them in, so threads read
without a lock and always see a whole.
"""

import os
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance.errors import RootUnavailableError, VaultError
from governance.vault.root import RootKeys
from governance.vault.tables import (
    IndexKeyRow,
    IndexPurpose,
    IndexState,
    Role,
    State,
    WrappingKeyRow,
)
from governance.vault.wrapping import Wrapper, context, derive, new_key

MISSED_BEFORE_CLOSING = 3


@dataclass(frozen=True, slots=True)
class IndexKey:
    """One generation of a blind index."""

    purpose: IndexPurpose
    generation: int
    state: IndexState
    key: bytes = field(repr=False)
    _of_kind: dict[str, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    def for_kind(self, kind: str) -> bytes:
        """The key for one kind of identifier, of which there are a handful."""
        derived = self._of_kind.get(kind)
        if derived is None:
            derived = derive(self.key, f"leadwarden index 1 {self.purpose} {kind}".encode())
            self._of_kind[kind] = derived
        return derived


@dataclass(frozen=True, slots=True)
class Held:
    """Everything a keyring holds at one moment."""

    wrappers: dict[tuple[Role, int], Wrapper] = field(default_factory=dict, repr=False)
    current: dict[Role, int] = field(default_factory=dict)
    index_keys: dict[IndexPurpose, tuple[IndexKey, ...]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class NewWrappingKey:
    """A wrapping key that stands at the provider but in no row yet."""

    role: Role
    provider_key: str
    wrapped: bytes = field(repr=False)


class Keyring:
    """Wraps and unwraps for the vault; open one a process with `open_keyring`."""

    __slots__ = ("_held", "_missed", "_swapping", "closed", "root")

    def __init__(self, root: RootKeys) -> None:
        self.root = root
        self.closed = False
        self._held = Held()
        self._missed = 0
        self._swapping = Lock()

    def __repr__(self) -> str:
        return f"Keyring(current={self._held.current})"

    def current(self, role: Role) -> int:
        """The number of the key under which new keys are wrapped, as far as this process knows.

        Raises:
            RootUnavailableError: the keyring is closed.
            VaultError: no key is current.
        """
        self._check_open()
        number = self._held.current.get(role)
        if number is None:
            raise VaultError(f"there is no current {role} key")
        return number

    def holds(self, role: Role, number: int) -> bool:
        """Whether this process can unwrap what was wrapped under that key."""
        return (role, number) in self._held.wrappers

    def wrapper(self, role: Role, number: int) -> Wrapper:
        """The wrapping key of that number.

        Raises:
            RootUnavailableError: the keyring is closed.
            VaultError: it is destroyed, or newer than the last `refresh`.
        """
        self._check_open()
        try:
            return self._held.wrappers[role, number]
        except KeyError as error:
            raise VaultError(f"no {role} key {number} is held") from error

    def index_keys(self, purpose: IndexPurpose) -> tuple[IndexKey, ...]:
        """The generations of an index, oldest first.

        Raises:
            RootUnavailableError: the provider has refused, and nothing is held any more.
        """
        held = self._held.index_keys
        if not held:
            self._check_open()
        return held[purpose]

    def refresh(self, keys: Session) -> None:
        """Takes in what other processes created and drops what they destroyed.

        Raises:
            RootUnavailableError: the keyring is closed, or a new key can not be opened now.
            RootKeyMissingError: the provider does not hold a key that this key store needs.
            WrapBrokenError: a row was changed by hand.
        """
        self._check_open()
        held = self._read(keys, self._held.wrappers)
        with self._swapping:
            self._check_open()  # what was closed meanwhile stays closed
            self._held = held

    def confirm(self, keys: Session) -> None:
        """`refresh` that trusts nothing held: every wrapping key is opened anew at the provider.

        Raises:
            VaultError: the provider does not answer or refuses; see above what is closed then.
        """
        try:
            self.root.tend()
            held = self._read(keys, {})
        except RootUnavailableError:
            self._missed += 1
            if not _are_all(keys, self._held.index_keys):
                self._close(Held())
            elif self._missed >= MISSED_BEFORE_CLOSING:
                self._close(Held(index_keys=self._held.index_keys))
            raise
        except VaultError:
            self._close(Held())
            raise
        with self._swapping:
            self._held, self._missed, self.closed = held, 0, False

    def _close(self, left: Held) -> None:
        with self._swapping:
            self.closed, self._held = True, left

    def _check_open(self) -> None:
        if self.closed:
            raise RootUnavailableError("the keys are closed until their provider answers")

    def _read(self, keys: Session, known: dict[tuple[Role, int], Wrapper]) -> Held:
        in_use = WrappingKeyRow.state.in_((State.CURRENT, State.DRAINING))
        rows = keys.scalars(select(WrappingKeyRow).where(in_use)).all()
        wrappers = {(row.role, row.number): self._opened(row, known) for row in rows}
        current = {row.role: row.number for row in rows if row.state is State.CURRENT}
        return Held(wrappers, current, _index_keys(keys, wrappers))

    def _opened(self, row: WrappingKeyRow, known: dict[tuple[Role, int], Wrapper]) -> Wrapper:
        about = _about_wrapping_key(row.role, row.provider_key)
        found = known.get((row.role, row.number))
        return found or Wrapper(self.root.unwrap(row.provider_key, row.wrapped, about))


def open_keyring(keys: Session, root: RootKeys, now: datetime) -> Keyring:
    """The keyring of this key store, which gets its first keys where it is new.

    Raises:
        RootKeyMissingError: the provider is not the one that this key store was made with.
    """
    keyring = Keyring(root)
    keyring.refresh(keys)
    for role in Role:
        if role not in keyring._held.current:  # noqa: SLF001 -- its own constructor
            add_wrapping_key(keys, prepare_wrapping_key(root, role), number=1, now=now)
            keyring.refresh(keys)
    for purpose in IndexPurpose:
        if not keyring.index_keys(purpose):
            add_index_key(keys, keyring, purpose, generation=1, state=IndexState.CURRENT, now=now)
    keyring.refresh(keys)
    return keyring


def prepare_wrapping_key(root: RootKeys, role: Role) -> NewWrappingKey:
    """Makes a key at the provider. No transaction is needed: until a row names it, it is nothing."""
    provider_key = f"{role}-{os.urandom(8).hex()}"
    root.create(provider_key)
    try:
        wrapped = root.wrap(provider_key, new_key(), _about_wrapping_key(role, provider_key))
    except VaultError:
        with suppress(VaultError):  # what is left at the provider then wraps nothing
            root.destroy(provider_key)
        raise
    return NewWrappingKey(role, provider_key, wrapped)


def add_wrapping_key(keys: Session, new: NewWrappingKey, *, number: int, now: datetime) -> None:
    """Makes the prepared key the current one; the primary key lets only one of several racers do so."""
    row = WrappingKeyRow(
        role=new.role,
        number=number,
        provider_key=new.provider_key,
        wrapped=new.wrapped,
        state=State.CURRENT,
        created_at=now,
    )
    keys.add(row)
    keys.flush()


def lock_current(keys: Session, keyring: Keyring, role: Role) -> int:
    """The current key's number, its row share-locked: it is not destroyed before this transaction ends.

    Raises:
        VaultError: there is none, although the keyring was refreshed.
    """
    for _ in range(2):
        number = keyring.current(role)
        row = keys.get(WrappingKeyRow, (role, number), with_for_update={"read": True}, populate_existing=True)
        if row is not None and row.state is State.CURRENT:
            return number
        keyring.refresh(keys)  # another process has rotated
    raise VaultError(f"there is no current {role} key")


def add_index_key(
    keys: Session,
    keyring: Keyring,
    purpose: IndexPurpose,
    *,
    generation: int,
    state: IndexState,
    now: datetime,
) -> None:
    """Draws a new index key, wrapped under the current epoch."""
    epoch = lock_current(keys, keyring, Role.EPOCH)
    about = about_index_key(purpose, generation, epoch)
    row = IndexKeyRow(
        purpose=purpose,
        generation=generation,
        epoch=epoch,
        wrapped=keyring.wrapper(Role.EPOCH, epoch).wrap(new_key(), about),
        state=state,
        created_at=now,
    )
    keys.add(row)
    keys.flush()


def about_index_key(purpose: IndexPurpose, generation: int, epoch: int) -> bytes:
    """What a wrapped index key is bound to."""
    return context("leadwarden index key 1", purpose, generation, epoch)


def _about_wrapping_key(role: Role, provider_key: str) -> bytes:
    return context("leadwarden wrapping key 1", role, provider_key)


def _are_all(keys: Session, held: dict[IndexPurpose, tuple[IndexKey, ...]]) -> bool:
    """Whether the key store has the index keys that are held, in the same states, and no other."""
    row = IndexKeyRow
    stored = {tuple(found) for found in keys.execute(select(row.purpose, row.generation, row.state))}
    return stored == {(key.purpose, key.generation, key.state) for found in held.values() for key in found}


def _index_keys(
    keys: Session, wrappers: dict[tuple[Role, int], Wrapper]
) -> dict[IndexPurpose, tuple[IndexKey, ...]]:
    held: dict[IndexPurpose, tuple[IndexKey, ...]] = dict.fromkeys(IndexPurpose, ())
    for row in keys.scalars(select(IndexKeyRow).order_by(IndexKeyRow.generation)):
        about = about_index_key(row.purpose, row.generation, row.epoch)
        key = wrappers[Role.EPOCH, row.epoch].unwrap(row.wrapped, about)
        held[row.purpose] += (IndexKey(row.purpose, row.generation, row.state, key),)
    return held
