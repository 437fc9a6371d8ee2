"""A store without an interface: a person does the work, and the step waits for them."""

from collections.abc import Iterator, Sequence

from governance.stores.errors import StoreCode, StoreError
from governance.stores.mapping import StoreDocument
from governance.stores.protocol import ExportedRow, Found, Identity, PersonTerms, Planned, RowRef

NO_TERMS = PersonTerms()


class ManualStore:
    """Answers every question with `waiting_for_person`: what nobody looked at is not done."""

    by_hand = True

    def __init__(self, document: StoreDocument) -> None:
        self.key = document.store
        self.instructions = document.instructions

    def find(
        self,
        identities: Sequence[Identity],  # noqa: ARG002 - the protocol's
        *,
        known: PersonTerms = NO_TERMS,  # noqa: ARG002
        same: Sequence[RowRef] = (),  # noqa: ARG002
        others: Sequence[RowRef] = (),  # noqa: ARG002
    ) -> Found:
        """Waits for a person."""
        raise StoreError(StoreCode.BY_HAND)

    def plan(self, found: Found) -> tuple[Planned, ...]:  # noqa: ARG002
        """Nothing that a machine would do."""
        return ()

    def export(self, found: Found) -> Iterator[ExportedRow]:  # noqa: ARG002
        """Waits for a person."""
        raise StoreError(StoreCode.BY_HAND)

    def erase(self, found: Found, terms: PersonTerms) -> tuple[RowRef, ...]:  # noqa: ARG002
        """Waits for a person."""
        raise StoreError(StoreCode.BY_HAND)

    def remaining(self, found: Found, identities: Sequence[Identity]) -> dict[str, int]:  # noqa: ARG002
        """Waits for a person."""
        raise StoreError(StoreCode.BY_HAND)

    def close(self) -> None:
        """Holds nothing."""
