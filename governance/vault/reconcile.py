"""After a restore: what must be erased again, before the service takes traffic.

The key store's journal is the authority over an older main database. Over an older key store it is the
copy of the journal that the service keeps outside (see `journal_copy`). Keys without an owner, the other
way round, are swept after a day: an intake mints its key first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance.vault.journal_copy import Erasure
from governance.vault.keys import ASKED_AT_ONCE, chunks, erased_among
from governance.vault.tables import DataKeyRow, ErasureRow, KeyKind

ORPHAN_AFTER = timedelta(days=1)  # no intake takes so long between its key and its lead


@dataclass(frozen=True, slots=True)
class Unkeyed:
    """Owners present in the main database who have no key: `erased` by the journal, the others `lost`."""

    erased: tuple[str, ...]
    lost: tuple[str, ...]


def unkeyed(keys: Session, present_owner_ids: Iterable[str]) -> Unkeyed:
    """Whose rows in the main database can not be opened any more, and are to be purged.

    `lost` owners have neither key nor erasure: the key store is older than the main database, or another's.
    """
    erased: list[str] = []
    lost: list[str] = []
    for owners in chunks(list(present_owner_ids)):
        keyed = frozenset(keys.scalars(select(DataKeyRow.owner).where(DataKeyRow.owner.in_(owners))))
        without = [owner for owner in owners if owner not in keyed]
        gone = erased_among(keys, without)
        erased += [owner for owner in without if owner in gone]
        lost += [owner for owner in without if owner not in gone]
    return Unkeyed(tuple(erased), tuple(lost))


def forgotten(keys: Session, copy: Iterable[Erasure]) -> tuple[Erasure, ...]:
    """Erasures of the outside copy that this key store does not know: it is an older backup."""
    known = frozenset(keys.scalars(select(ErasureRow.owner)))
    return tuple({erasure.owner: erasure for erasure in copy if erasure.owner not in known}.values())


def replay(keys: Session, erasures: Sequence[Erasure]) -> int:
    """Destroys again what an older key store brought back; the number of keys that went."""
    gone = 0
    for erasure in erasures:
        row = keys.get(DataKeyRow, erasure.owner)
        if row is not None:
            keys.delete(row)
            gone += 1
        keys.merge(
            ErasureRow(owner=erasure.owner, kind=erasure.kind, destroyed_at=erasure.destroyed_at, copied=True)
        )
    keys.flush()
    return gone


def orphan_candidates(
    keys: Session, kind: KeyKind, *, now: datetime, after: str = "", limit: int = ASKED_AT_ONCE
) -> tuple[str, ...]:
    """The next owners, in order, whose keys are old enough to be asked after in the main database.

    Those whom it does not know go by `keys.discard`: nothing was ever sealed for them.
    """
    statement = select(DataKeyRow.owner).where(
        DataKeyRow.kind == kind, DataKeyRow.created_at < now - ORPHAN_AFTER, DataKeyRow.owner > after
    )
    return tuple(keys.scalars(statement.order_by(DataKeyRow.owner).limit(limit)))
