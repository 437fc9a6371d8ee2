"""A lead store behind an HTTP interface, by its description."""

from collections.abc import Iterator, Mapping, Sequence

from governance.stores.erasing import by_table
from governance.stores.errands import ErrandBook, MemoryBook
from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.addresses import private_hosts
from governance.stores.http.amending import Amending
from governance.stores.http.asking import Asker
from governance.stores.http.erasing import Erasing
from governance.stores.http.gathering import Gathering
from governance.stores.http.nobody import nobody
from governance.stores.http.sending import Sender
from governance.stores.mapping import StoreDocument
from governance.stores.matching import Question
from governance.stores.planning import planned
from governance.stores.protocol import (
    Correction,
    ExportedRow,
    Found,
    Identity,
    PersonTerms,
    Planned,
    Propagated,
    RowRef,
)

NO_TERMS = PersonTerms()


class HttpStore:
    """Finds, exports and erases through calls; keeps a connection, so it is opened once and used often."""

    by_hand = False

    def __init__(self, document: StoreDocument, secrets: Mapping[str, str]) -> None:
        """Asks nothing yet.

        Raises:
            StoreError: `mapping_invalid`, the document does not say how to ask.
        """
        if document.http is None:
            raise StoreError(StoreCode.MAPPING_INVALID)
        self.key = document.store
        self.document = document
        self.sender = Sender(private_hosts(secrets))
        self.asker = Asker(document.http, secrets, self.sender)
        self._book = MemoryBook()
        self._erased: tuple[tuple[RowRef, ...], set[str]] = ((), set())
        self._amending = Amending(self.asker, document)

    def find(
        self,
        identities: Sequence[Identity],
        *,
        known: PersonTerms = NO_TERMS,
        same: Sequence[RowRef] = (),
        others: Sequence[RowRef] = (),
    ) -> Found:
        """Everything of the person, to a fixed point within the store; see `Store.find`."""
        question = Question(tuple(identities), known.names, frozenset(same), frozenset(others))
        return Gathering(self.asker, self.document, question).run()

    def plan(self, found: Found) -> tuple[Planned, ...]:
        """What `erase` would do, table by table."""
        counts = found.counts()
        return tuple(
            planned(mapping, counts[name]) for name, mapping in self.document.tables.items() if name in counts
        )

    def export(self, found: Found) -> Iterator[ExportedRow]:
        """The rows of `found` that still exist, one call each.

        Raises:
            StoreError: `gone_unproven`, after the last row; or as `Asker.ask`.
        """
        reading = Gathering(self.asker, self.document, Question(()))
        for row in found.rows:
            record = reading.read(row)
            if record is not None:
                columns = self.document.tables[row.table].columns.values()
                categories = {one.name: one.category.value for one in columns if one.category is not None}
                yield ExportedRow(row.table, dict(record.values), categories)
        reading.require_shown()

    def erase(self, found: Found, terms: PersonTerms) -> tuple[RowRef, ...]:
        """`erase_over_time`, by a book that is kept while the store is open."""
        return self.erase_over_time(found, terms, self._book)

    def erase_over_time(self, found: Found, terms: PersonTerms, book: ErrandBook) -> tuple[RowRef, ...]:
        """Erases row by row, then tells the store to keep the person out; or tells what is late."""
        self._refuse_foreign(found)
        shown: set[str] = set()
        self._erased = (found.rows, shown)
        erasing = Erasing(self.asker, self.document, shown)
        late = erasing.erase(found, book)
        if not late:
            erasing.suppress(found, terms)
        return late

    def rectify(self, found: Found, corrections: Sequence[Correction]) -> Propagated:
        """Writes corrections into the person's own rows, one call each; see `Rectifying`."""
        self._refuse_foreign(found)
        return self._amending.rectify(found, corrections)

    def restrict(self, found: Found, *, on: bool) -> Propagated:
        """Sets or lifts the mark on the person's own rows; see `Restricting`."""
        self._refuse_foreign(found)
        return self._amending.restrict(found, on=on)

    def remaining(self, found: Found, identities: Sequence[Identity]) -> dict[str, int]:
        """Reads back by keys and identities; never believes what the erasing calls answered.

        What was shown while the same rows were erased last counts here as well, and nothing else does.
        """
        rows, shown = self._erased
        erasing = Erasing(self.asker, self.document, shown if rows == found.rows else set())
        return erasing.remaining(found, identities)

    def try_out(self) -> None:
        """Asks for nobody, by each way of finding somebody, and for the records that are known to be there.

        Raises:
            StoreError: `gone_unproven`, such a record is not there; or as any search.
        """
        finds = [find for calls in self.asker.described.tables.values() for find in calls.find]
        asked = [one for find in finds if (one := nobody(find, self.key)) is not None]
        self.find(tuple(dict.fromkeys(asked)))
        reading = Gathering(self.asker, self.document, Question(()))
        for name, calls in self.asker.described.tables.items():
            if calls.read is not None and calls.read.known and not reading.knows(name):
                raise StoreError(StoreCode.GONE_UNPROVEN, name)

    def _refuse_foreign(self, found: Found) -> None:
        """Rows of a table that is no longer described can not be accounted for."""
        for name in by_table(found.rows):
            if name not in self.document.tables:
                raise StoreError(StoreCode.MAPPING_INVALID, name)

    def close(self) -> None:
        """Lets the connection go."""
        self.sender.close()
