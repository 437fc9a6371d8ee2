"""The newest record version of what was sealed more than once, remembered beside the owner's key.

A sealed field is bound to its record version, but an older field put back together with its older version is
whole. Only what the main database does not hold can contradict it: the key store remembers, for each place
that was sealed anew, the version that it has reached. `open_sealed` refuses what is older.

Marks are raised after the commit that they are about, from what was committed: a mark never runs ahead. They
are lowered only where a person accepts an older main database (`accept`).
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from governance.vault.tables import DataKeyRow

AT_ONCE = 500
_table = DataKeyRow.__table__
_MARK = (
    update(DataKeyRow.__table__)  # type: ignore[arg-type]  # FromClause to the type checker, a Table in truth
    .where(_table.c.owner == bindparam("its_owner"))
    .values(marks=bindparam("new_marks"))
)
Marks: TypeAlias = Mapping[str, int]


def read_marks(stored: str | None) -> Marks:
    """What a row remembers: version by place."""
    found: dict[str, int] = json.loads(stored) if stored else {}
    return found


def raise_marks(keys: Session, seen: Mapping[str, Marks]) -> int:
    """Remembers the versions that were seen, of each owner's places; how many owners' marks were raised."""
    return _write(keys, seen, max)


def accept(keys: Session, seen: Mapping[str, Marks]) -> int:
    """Takes these versions for the newest although they are older; how many owners that concerned."""
    return _write(keys, seen, min)


def marked(keys: Session) -> Iterator[dict[str, Marks]]:
    """All owners with marks, some hundred at a time."""
    after, row = "", DataKeyRow
    while True:
        statement = select(row.owner, row.marks).where(row.marks.is_not(None), row.owner > after)
        page = keys.execute(statement.order_by(row.owner).limit(AT_ONCE)).all()
        if not page:
            return
        yield {owner: read_marks(stored) for owner, stored in page}
        after = page[-1].owner


def older_places(marks: Marks, seen: Marks) -> tuple[str, ...]:
    """Places that stand in the main database in an older version than the key store remembers. Pure."""
    return tuple(place for place, version in marks.items() if seen.get(place, version) < version)


def _write(keys: Session, seen: Mapping[str, Marks], choose: Callable[[int, int], int]) -> int:
    statement = select(DataKeyRow.owner, DataKeyRow.marks)
    changed: list[dict[str, str]] = []
    for owners in _chunks(list(seen)):
        rows = keys.execute(statement.where(DataKeyRow.owner.in_(owners)).with_for_update())
        for owner, stored in rows:
            before = read_marks(stored)
            chosen = {
                place: choose(version, before.get(place, version)) for place, version in seen[owner].items()
            }
            if not chosen.items() <= before.items():
                after = json.dumps({**before, **chosen}, sort_keys=True)
                changed.append({"its_owner": owner, "new_marks": after})
    if changed:
        keys.connection().execute(_MARK, changed)
    return len(changed)


def _chunks(owners: Sequence[str]) -> Iterator[Sequence[str]]:
    return (owners[start : start + AT_ONCE] for start in range(0, len(owners), AT_ONCE))
