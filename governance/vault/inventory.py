"""What the key store holds, in numbers: for `vault status` and the schedule of rotations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from governance.vault.tables import DataKeyRow, ErasureRow, KeyKind, Role, State, WrappingKeyRow


@dataclass(frozen=True, slots=True)
class WrappingKey:
    """A wrapping key as its row tells it."""

    number: int
    state: State
    created_at: datetime
    destroyed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Inventory:
    """Numbers only: nobody is named."""

    data_keys: dict[KeyKind, int]
    erasures: int
    uncopied: int


def wrapping_keys(keys: Session, role: Role) -> tuple[WrappingKey, ...]:
    """The wrapping keys of a role, the destroyed ones too, oldest first."""
    statement = select(WrappingKeyRow).where(WrappingKeyRow.role == role).order_by(WrappingKeyRow.number)
    rows = keys.scalars(statement)
    return tuple(WrappingKey(row.number, row.state, row.created_at, row.destroyed_at) for row in rows)


def oldest_age(held: Sequence[WrappingKey], now: datetime) -> timedelta:
    """The age of the oldest wrapping key that can still open something."""
    return now - min(key.created_at for key in held if key.state is not State.DESTROYED)


def inventory(keys: Session) -> Inventory:
    """Counts the data keys by kind, and the erasures."""
    counted = keys.execute(select(DataKeyRow.kind, func.count()).group_by(DataKeyRow.kind))
    by_kind = dict.fromkeys(KeyKind, 0)
    for kind, number in counted:
        by_kind[kind] = number
    uncopied = select(func.count()).select_from(ErasureRow).where(ErasureRow.copied.is_(False))
    return Inventory(
        data_keys=by_kind,
        erasures=keys.scalar(select(func.count()).select_from(ErasureRow)) or 0,
        uncopied=keys.scalar(uncopied) or 0,
    )
