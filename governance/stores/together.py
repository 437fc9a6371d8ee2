"""A store laid out in tables, which does for many people at once what costs as much for one."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from governance.stores.planning import planned
from governance.stores.protocol import Found, Identity, PersonTerms, Planned, RowRef, Sought
from governance.stores.topology import Topology

NO_TERMS = PersonTerms()


class Together(ABC):
    """What such stores answer alike, of tables as of files; see `Store` and `ForMany`."""

    topology: Topology

    @abstractmethod
    def find_each(self, sought: Sequence[Sought]) -> list[Found]:
        """Everything of each person."""

    @abstractmethod
    def erase_each(self, doomed: Sequence[tuple[Found, PersonTerms]]) -> list[tuple[RowRef, ...]]:
        """Carries out everybody's plan; of whom anything is late, it is told instead."""

    @abstractmethod
    def remaining_each(self, erased: Sequence[tuple[Found, Sequence[Identity]]]) -> list[dict[str, int]]:
        """Reads back, for each."""

    def find(
        self,
        identities: Sequence[Identity],
        *,
        known: PersonTerms = NO_TERMS,
        same: Sequence[RowRef] = (),
        others: Sequence[RowRef] = (),
    ) -> Found:
        """Everything of the person, to a fixed point within the store."""
        return self.find_each([Sought(tuple(identities), known, tuple(same), tuple(others))])[0]

    def plan(self, found: Found) -> tuple[Planned, ...]:
        """What `erase` would do, table by table."""
        counts = found.counts()
        return tuple(
            planned(self.topology.shapes[name].mapping, counts[name])
            for name in self.topology.order
            if name in counts
        )

    def erase(self, found: Found, terms: PersonTerms) -> tuple[RowRef, ...]:
        """Carries out the plan, or tells what is late."""
        return self.erase_each([(found, terms)])[0]

    def remaining(self, found: Found, identities: Sequence[Identity]) -> dict[str, int]:
        """Reads back: the rows found then, and whoever is found now by what belongs to the person alone."""
        return self.remaining_each([(found, identities)])[0]
