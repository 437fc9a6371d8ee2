"""Data keys: made, read, destroyed. The caller owns the transaction, in the key store's own database.

A new data key share-locks the row of its epoch, so that no epoch is destroyed under it; where that epoch
has been replaced meanwhile, the new one is taken.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from governance.errors import OwnerErasedError
from governance.vault.keyring import Keyring, lock_current
from governance.vault.marks import read_marks
from governance.vault.sealing import DataKey
from governance.vault.tables import DataKeyRow, ErasureRow, KeyKind, Role
from governance.vault.wrapping import Wrapper, new_key

ASKED_AT_ONCE = 500  # owners in one statement, well under every database's limit of parameters
FIRST_VERSION = 1


def mint(
    keys: Session, keyring: Keyring, owners: Sequence[str], *, kind: KeyKind, now: datetime
) -> dict[str, DataKey]:
    """A data key for each owner; one who has a key keeps it.

    Raises:
        OwnerErasedError: the key of one of them was destroyed. Such an id never gets another.
    """
    found = load(keys, keyring, owners)
    lacking = [owner for owner in dict.fromkeys(owners) if owner not in found]
    if not lacking:
        return found
    if erased_among(keys, lacking):
        raise OwnerErasedError("a destroyed key is not made again")
    epoch = lock_current(keys, keyring, Role.EPOCH)
    wrapper = keyring.wrapper(Role.EPOCH, epoch)
    fresh = {owner: DataKey(owner, FIRST_VERSION, new_key()) for owner in lacking}
    rows = [
        {
            "owner": key.owner,
            "kind": kind,
            "version": key.version,
            "epoch": epoch,
            "wrapped": wrapper.wrap(key.key, about_data_key(key.owner, kind, key.version, epoch)),
            "created_at": now,
        }
        for key in fresh.values()
    ]
    keys.execute(insert(DataKeyRow), rows)
    return found | fresh


def load(keys: Session, keyring: Keyring, owners: Sequence[str]) -> dict[str, DataKey]:
    """The keys of those owners who have one; an absent key was destroyed, or never was.

    Raises:
        WrapBrokenError: a row was changed by hand, or is another owner's.
    """
    table = DataKeyRow
    columns = select(table.owner, table.kind, table.version, table.epoch, table.wrapped, table.marks)
    found: dict[str, DataKey] = {}
    for chunk in chunks(owners):
        for owner, kind, version, epoch, wrapped, marks in keys.execute(
            columns.where(table.owner.in_(chunk))
        ):
            about = about_data_key(owner, kind, version, epoch)
            key = _wrapper(keys, keyring, epoch).unwrap(wrapped, about)
            found[owner] = DataKey(owner, version, key, read_marks(marks))
    return found


def destroy(keys: Session, owner: str, *, now: datetime) -> bool:
    """Deletes the key and writes the erasure journal; says whether there was a key.

    Doing it again changes nothing. The bytes are gone for good with the epoch: see `rotation`.
    """
    return owner in destroy_each(keys, [owner], now=now)


def destroy_each(keys: Session, owners: Sequence[str], *, now: datetime) -> frozenset[str]:
    """`destroy` for many owners, with few statements; those who had a key."""
    gone: set[str] = set()
    for chunk in chunks(owners):
        held = select(DataKeyRow.owner, DataKeyRow.kind).where(DataKeyRow.owner.in_(chunk)).with_for_update()
        found = dict(keys.execute(held).all())
        if found:
            rows = [{"owner": owner, "kind": kind, "destroyed_at": now} for owner, kind in found.items()]
            keys.execute(delete(DataKeyRow).where(DataKeyRow.owner.in_(found)))
            keys.execute(insert(ErasureRow), rows)
            gone.update(found)
    return frozenset(gone)


def discard(keys: Session, owners: Iterable[str]) -> int:
    """Deletes keys under which nothing was ever sealed; no erasure, so no journal. The number deleted."""
    count = 0
    for chunk in chunks(list(owners)):
        gone = keys.execute(delete(DataKeyRow).where(DataKeyRow.owner.in_(chunk)).returning(DataKeyRow.owner))
        count += len(gone.all())
    return count


def erased_among(keys: Session, owners: Sequence[str]) -> frozenset[str]:
    """Those of the owners whose key was destroyed, by the journal."""
    statement = select(ErasureRow.owner)
    return frozenset(
        owner
        for chunk in chunks(owners)
        for owner in keys.scalars(statement.where(ErasureRow.owner.in_(chunk)))
    )


def about_data_key(owner: str, kind: KeyKind, version: int, epoch: int) -> bytes:
    """What a wrapped data key is bound to, so that no row can pass for another.

    `context` of these parts, written out because a rotation needs it twice for each key.
    """
    written, under = str(version), str(epoch)
    return (
        f"21:leadwarden data key 1{len(owner)}:{owner}{len(kind)}:{kind}"
        f"{len(written)}:{written}{len(under)}:{under}"
    ).encode()


def chunks(owners: Sequence[str], size: int = ASKED_AT_ONCE) -> Iterator[Sequence[str]]:
    """The owners in runs of at most `size`."""
    return (owners[start : start + size] for start in range(0, len(owners), size))


def _wrapper(keys: Session, keyring: Keyring, epoch: int) -> Wrapper:
    if not keyring.holds(Role.EPOCH, epoch):
        keyring.refresh(keys)  # another process has rotated
    return keyring.wrapper(Role.EPOCH, epoch)
