"""A store in memory that can write corrections and restrictions."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from governance.stores.protocol import Correction, Found, Propagated
from tests.governance.requests.desk import MemoryStore


@dataclass
class WritableStore(MemoryStore):
    """As `MemoryStore`; `places` are the fields it has, `stubborn` how often it says so and does nothing."""

    places: frozenset[str] = frozenset({"email", "phone", "first_name"})
    restricted: set[int] = field(default_factory=set)
    stubborn: int = 0

    def rectify(self, found: Found, corrections: Sequence[Correction]) -> Propagated:
        """Writes what has a place."""
        self._ask("rectify")
        changed, remaining = 0, 0
        for ref in found.rows:
            row = self.rows[int(ref.key[0])]
            for each in corrections:
                if each.name in self.places and each.was in {None, row.get(each.name)}:
                    if self.stubborn:
                        remaining += 1
                    elif row.get(each.name) != each.value:
                        row[each.name] = each.value or ""
                        changed += 1
        self.stubborn = max(0, self.stubborn - 1)
        unplaced = tuple(each.name for each in corrections if each.name not in self.places)
        return Propagated(_counted(changed), _counted(remaining), unplaced)

    def restrict(self, found: Found, *, on: bool) -> Propagated:
        """Marks the rows."""
        self._ask("restrict" if on else "lift")
        before = set(self.restricted)
        rows = {int(ref.key[0]) for ref in found.rows}
        self.restricted = before | rows if on else before - rows
        return Propagated(_counted(len(before ^ self.restricted)))


def _counted(rows: int) -> dict[str, int]:
    return {"people": rows} if rows else {}
