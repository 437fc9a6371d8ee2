"""Takes a person out behind an HTTP interface, row by row, and reads back what is left."""

import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from consent.vocabulary import IdentifierKind
from governance.stores.comparison import identifies, normal, same
from governance.stores.erasing import by_table
from governance.stores.errands import ErrandBook
from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.asking import Asker
from governance.stores.http.description import Job, TableCalls
from governance.stores.http.gathering import Gathering
from governance.stores.http.paths import put
from governance.stores.http.templates import of_identity, of_row
from governance.stores.http.undertaking import Undertaking
from governance.stores.mapping import ColumnErase, StoreDocument, TableMapping
from governance.stores.matching import Question
from governance.stores.protocol import Found, Identity, PersonTerms, RowRef
from governance.stores.records import Record

LOOK_AGAIN_SECONDS = 1.0


class Erasing:
    """Erases one person in one store, and reads back; `shown` is that of `Gathering`, for both."""

    def __init__(self, asker: Asker, document: StoreDocument, shown: set[str]) -> None:
        """Does nothing yet."""
        self.asker = asker
        self.document = document
        self.shown = shown
        self.calls = document.http.tables if document.http else {}

    def erase(self, found: Found, book: ErrandBook) -> tuple[RowRef, ...]:
        """Erases every row that is not kept, what belongs to others first; or tells what is late.

        No transaction holds the store: what is written while this goes on hangs on rows that are gone a
        moment later, and nothing but their keys leads to it. So it is asked for again by these, afterwards.

        Raises:
            StoreError: `not_done_yet` while the store is at work; or as `Undertaking.wait`.
        """
        reading = Gathering(self.asker, self.document, Question(()), self.shown)
        reading.look(self._to_look_at(found))
        late = reading.late(found.rows)
        if not late:
            self._erase_rows(found.rows, reading, book)
            late = reading.late(found.rows)
        return late

    def _to_look_at(self, found: Found) -> Iterator[RowRef]:
        """Rows on which others may hang; and a row of each table of which none was read by its key so far.

        That row shows that the call is right that will say that it is gone.
        """
        above = {find.parent for calls in self.calls.values() for find in calls.find}
        yield from (row for row in found.rows if row.table in above)
        for name, rows in by_table(found.rows).items():
            if name not in above | self.shown and not self.document.tables[name].keeps:
                yield rows[0]

    def _erase_rows(self, rows: Sequence[RowRef], reading: Gathering, book: ErrandBook) -> None:
        waits: list[timedelta | None] = []
        grouped = by_table(rows)
        for name in children_first(self.document.tables.values()):
            mapping, calls = self.document.tables[name], self.calls[name]
            for row in () if mapping.keeps else grouped.get(name, ()):
                values = of_row(calls.key, row.key) | {"erased": erased_values(mapping)}
                if calls.job is None:
                    for call in calls.erase:
                        self.asker.ask(call, values)
                else:
                    waits.append(self._work(row, calls, calls.job, values, book))
                if mapping.deletes:
                    reading.gone.add(row)
        open_ones = [wait for wait in waits if wait is not None]
        if open_ones:
            raise StoreError(StoreCode.NOT_DONE_YET, wait=min(open_ones))

    def suppress(self, found: Found, terms: PersonTerms) -> None:
        """Tells the store to keep the person out, by what belongs to them alone."""
        suppressing = () if self.document.http is None else self.document.http.suppress
        for identity in own_identities(found, terms):
            for suppress in suppressing:
                for values in of_identity(identity) if suppress.by is identity.kind else ():
                    self.asker.ask(suppress.call, values)

    def _work(
        self, row: RowRef, calls: TableCalls, job: Job, values: dict[str, Any], book: ErrandBook
    ) -> timedelta | None:
        """Begins the work on a row, or looks how far it is: how long to wait, or None when it is done."""
        undertaking, errand = Undertaking(self.asker, job, book), book.find(row)
        if errand is None or (errand.name is None and errand.answer is None):
            if self._is_erased(row):
                if errand is not None:
                    book.end(errand)
                return None
            errand = undertaking.begin(errand or book.begin(row), calls.erase[0], values)
        return None if errand is None else undertaking.wait(errand)

    def _is_erased(self, row: RowRef) -> bool:
        """Whether nothing is left to be begun, so that what was done once is not done again."""
        mapping = self.document.tables[row.table]
        record = Gathering(self.asker, self.document, Question(()), self.shown).read(row)
        return record is None or (not mapping.deletes and is_redacted(record, mapping))

    def remaining(self, found: Found, identities: Sequence[Identity]) -> dict[str, int]:
        """Rows, a table, that ought to be gone or redacted; looked at again while a store may be settling."""
        until = time.monotonic() + (0 if self.document.http is None else self.document.http.settle)
        while True:
            left = self._left_over(found, identities)
            if not left or time.monotonic() >= until:
                return left
            time.sleep(LOOK_AGAIN_SECONDS)

    def _left_over(self, found: Found, identities: Sequence[Identity]) -> dict[str, int]:
        """Asks by the rows' keys, for what hangs on them, and anew by the identities of the person alone."""
        search = Gathering(self.asker, self.document, _own_question(found, identities), self.shown)
        known, tables = {*found.rows, *search.run().rows}, self.document.tables
        if not all(row.table in tables for row in known):
            raise StoreError(StoreCode.MAPPING_INVALID)
        going = {name for name, mapping in tables.items() if not mapping.keeps}
        search.look(sorted(row for row in known if row.table in going))
        late = {*search.late(known), *search.unsure} - known
        search.look(sorted(row for row in late if row.table in going))
        left: dict[str, int] = {}
        for row in sorted(known | late):
            if row.table in going and _is_left(search, row, tables[row.table]):
                left[row.table] = left.get(row.table, 0) + 1
        return left


def _own_question(found: Found, identities: Sequence[Identity]) -> Question:
    """Who holds what is the person's alone, but for those of whom it was doubtful."""
    asked = [
        one for one in (*identities, *found.learnt) if not any(same(one, other) for other in found.shared)
    ]
    certain = [one for one in asked if identifies(one)] or asked
    doubted = frozenset(candidate.row for candidate in found.candidates)
    return Question(tuple(certain), found.terms.names, others=doubted)


def _is_left(search: Gathering, row: RowRef, mapping: TableMapping) -> bool:
    """Whether a row that was looked at is there and should not be as it is."""
    if row in search.gone:
        return not search.is_gone(row)
    return mapping.deletes or not is_redacted(search.records[row], mapping)


def is_redacted(record: Record, mapping: TableMapping) -> bool:
    """Whether every column that redaction empties or sets says what it should."""
    for name, column in mapping.erased_columns().items():
        value = record.values.get(name)
        wanted = column.value if column.erase is ColumnErase.SET else None
        empty = value is None or value in ("", [])
        if not (value == wanted or (wanted is None and empty)):
            return False
    return True


def erased_values(mapping: TableMapping) -> dict[str, Any]:
    """What the columns of a redacted row become, as JSON by their paths: `{erased}` in a template."""
    values: dict[str, Any] = {}
    for name, column in mapping.erased_columns().items():
        values = put(values, name, column.value if column.erase is ColumnErase.SET else None)
    return values


def own_identities(found: Found, terms: PersonTerms) -> list[Identity]:
    """The addresses and numbers that are the person's and nobody else's, from here and from other stores."""
    every = found.terms.merged(terms)
    texts = [(IdentifierKind.EMAIL, text) for text in sorted(every.emails)]
    texts += [(IdentifierKind.PHONE, text) for text in sorted(every.phones)]
    kept: list[Identity] = []
    for kind, text in texts:
        value = normal(kind, text)
        one = None if value is None else Identity(kind, value)
        if one is not None and not any(same(one, other) for other in (*found.shared, *kept)):
            kept.append(one)
    return [one for one in kept if one.kind is IdentifierKind.PHONE or identifies(one)]


def children_first(mappings: Sequence[TableMapping] | Any) -> Iterator[str]:
    """The names of the tables, those that belong to others before those they belong to."""
    waiting = {mapping.name: {one.table for one in mapping.parents} - {mapping.name} for mapping in mappings}
    while waiting:
        above = set().union(*waiting.values())
        free = [name for name in waiting if name not in above] or [next(iter(waiting))]
        for name in free:
            del waiting[name]
            yield name
