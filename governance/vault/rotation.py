"""Rotation: the living are re-wrapped under a new wrapping key, then the old one is destroyed.

What an erasure left in older backups of the key store becomes unreadable with it. Each step is a
transaction of its own, and a killed rotation goes on where it stopped: the state is in the rows.

1. `begin`: a prepared key becomes current, the old one drains and takes no new keys.
2. `rewrap_few`: index keys (under an epoch) or signing keys (under a root key).
3. `rewrap_data_keys`: the data keys, a chunk a call.
4. `empty`: the old row is locked exclusively and must have nothing under it.
5. The provider destroys the keys of `to_destroy`, outside any transaction; twice is as good as once.
6. `record_destroyed`.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from governance.errors import RotationStateError
from governance.vault.keyring import Keyring, NewWrappingKey, about_index_key, add_wrapping_key
from governance.vault.keys import about_data_key
from governance.vault.signing import unwrapped, wrap_under
from governance.vault.tables import DataKeyRow, IndexKeyRow, Role, SigningKeyRow, State, WrappingKeyRow

CHUNK = 5_000  # data keys re-wrapped in one transaction: about 0.1 s, so that writers get their turn

UNDER: dict[Role, tuple[InstrumentedAttribute[int], ...]] = {
    Role.EPOCH: (DataKeyRow.epoch, IndexKeyRow.epoch),
    Role.ROOT: (SigningKeyRow.root,),
}
_table = DataKeyRow.__table__
_REWRAP = (
    update(DataKeyRow.__table__)  # type: ignore[arg-type]  # FromClause to the type checker, a Table in truth
    .where(_table.c.owner == bindparam("its_owner"))
    .values(epoch=bindparam("new_epoch"), wrapped=bindparam("new_wrapped"))
)


def draining(keys: Session, role: Role) -> int | None:
    """The number of a wrapping key whose rotation was begun and not finished."""
    statement = select(WrappingKeyRow.number).where(
        WrappingKeyRow.role == role, WrappingKeyRow.state == State.DRAINING
    )
    return keys.scalars(statement).one_or_none()


def begin(keys: Session, new: NewWrappingKey, *, now: datetime) -> int:
    """Makes `new` the current key of its role; gives the number of the one that drains.

    Refresh the keyring once this is committed.

    Raises:
        RotationStateError: one is already under way; finish that first.
    """
    if draining(keys, new.role) is not None:
        raise RotationStateError("a rotation is already under way")
    statement = select(WrappingKeyRow).where(
        WrappingKeyRow.role == new.role, WrappingKeyRow.state == State.CURRENT
    )
    old = keys.scalars(statement.with_for_update()).one()
    old.state = State.DRAINING
    add_wrapping_key(keys, new, number=old.number + 1, now=now)
    return old.number


def rewrap_few(keys: Session, keyring: Keyring, role: Role, number: int) -> None:
    """Moves the index keys or the signing keys from a draining wrapping key to the current one."""
    current = keyring.current(role)
    if role is Role.EPOCH:
        for row in keys.scalars(select(IndexKeyRow).where(IndexKeyRow.epoch == number).with_for_update()):
            about = about_index_key(row.purpose, row.generation, number)
            key = keyring.wrapper(role, number).unwrap(row.wrapped, about)
            about = about_index_key(row.purpose, row.generation, current)
            row.epoch, row.wrapped = current, keyring.wrapper(role, current).wrap(key, about)
        return
    living = select(SigningKeyRow).where(SigningKeyRow.root == number, SigningKeyRow.wrapped.is_not(None))
    for signing in keys.scalars(living.with_for_update()):
        wrap_under(keyring, signing, unwrapped(keyring, signing), current)


def rewrap_data_keys(
    keys: Session, keyring: Keyring, number: int, *, after: str = "", size: int = CHUNK
) -> tuple[int, str | None]:
    """Moves the next chunk of data keys; gives how many, and the owner to go on after (None: no more)."""
    current = keyring.current(Role.EPOCH)
    old, new = keyring.wrapper(Role.EPOCH, number), keyring.wrapper(Role.EPOCH, current)
    columns = select(DataKeyRow.owner, DataKeyRow.kind, DataKeyRow.version, DataKeyRow.wrapped)
    statement = columns.where(DataKeyRow.epoch == number, DataKeyRow.owner > after)
    moved: list[tuple[str, bytes]] = []
    for owner, kind, version, wrapped in keys.execute(
        statement.order_by(DataKeyRow.owner).limit(size).with_for_update()
    ):
        key = old.unwrap(wrapped, about_data_key(owner, kind, version, number))
        rewrapped = new.wrap(key, about_data_key(owner, kind, version, current))
        moved.append((owner, rewrapped))
    if moved:
        keys.connection().execute(
            _REWRAP,
            [{"its_owner": owner, "new_epoch": current, "new_wrapped": wrapped} for owner, wrapped in moved],
        )
    return len(moved), moved[-1][0] if len(moved) == size else None


def count_under(keys: Session, role: Role, number: int) -> int:
    """How many keys are wrapped under a wrapping key; a retired signing key has nothing to wrap."""
    return sum(
        keys.scalar(select(func.count()).where(column == number, *_living(column))) or 0
        for column in UNDER[role]
    )


def empty(keys: Session, role: Role, number: int) -> None:
    """Locks a draining key exclusively and gives it up for destruction.

    Raises:
        RotationStateError: it does not drain, or something is still under it.
    """
    row = keys.get_one(WrappingKeyRow, (role, number), with_for_update=True, populate_existing=True)
    if row.state is not State.DRAINING or count_under(keys, role, number):
        raise RotationStateError("a wrapping key is given up only when nothing is under it")
    row.state = State.EMPTIED


def to_destroy(keys: Session, role: Role) -> tuple[tuple[int, str], ...]:
    """Numbers of the keys that were given up and not yet destroyed, with the provider's names for them."""
    statement = select(WrappingKeyRow.number, WrappingKeyRow.provider_key)
    given_up = statement.where(WrappingKeyRow.role == role, WrappingKeyRow.state == State.EMPTIED)
    return tuple((number, provider_key) for number, provider_key in keys.execute(given_up))


def record_destroyed(keys: Session, role: Role, number: int, *, now: datetime) -> None:
    """Notes that the provider has destroyed the key; the row stays as a record, without its wrapped bytes."""
    row = keys.get_one(WrappingKeyRow, (role, number), with_for_update=True, populate_existing=True)
    row.state, row.wrapped, row.destroyed_at = State.DESTROYED, b"", now


def _living(column: InstrumentedAttribute[int]) -> tuple[ColumnElement[bool], ...]:
    return (SigningKeyRow.wrapped.is_not(None),) if column is SigningKeyRow.root else ()
