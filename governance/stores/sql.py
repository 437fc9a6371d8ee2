"""A lead store in a SQL database: SQLite or PostgreSQL, by reflection."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Engine

from governance.stores.comparison import identifies, same
from governance.stores.engine import WRITES
from governance.stores.erasing import by_table, erase_rows, left_over
from governance.stores.errors import StoreCode, StoreError
from governance.stores.exporting import export_rows
from governance.stores.faults import translated
from governance.stores.gathering import Gathering
from governance.stores.mapping import StoreDocument, TableMapping
from governance.stores.matching import Question
from governance.stores.protocol import (
    ExportedRow,
    Found,
    Identity,
    PersonTerms,
    Planned,
    PlannedAction,
    RowRef,
)
from governance.stores.schema import LiveSchema, reflect
from governance.stores.topology import lay_out

NO_TERMS = PersonTerms()


class SqlStore:
    """Finds, exports and erases in one database; keeps connections, so it is opened once and used often."""

    by_hand = False

    def __init__(self, document: StoreDocument, engine: Engine) -> None:
        """Looks at the live schema.

        Raises:
            StoreError: unreachable, or a mapped table or column is missing.
        """
        self.key = document.store
        self.engine = engine
        with translated(), engine.connect() as connection:
            schema = reflect(connection, document)
        _refuse_gaps(schema)
        self.schema = schema
        self.topology = lay_out(document.store, schema)

    def find(
        self,
        identities: Sequence[Identity],
        *,
        known: PersonTerms = NO_TERMS,
        same: Sequence[RowRef] = (),
        others: Sequence[RowRef] = (),
    ) -> Found:
        """Everything of the person, to a fixed point within the store; see `Store.find`."""
        with translated(), self.engine.connect() as connection:
            question = Question(tuple(identities), known.names, frozenset(same), frozenset(others))
            return Gathering(connection, self.topology, question).run()

    def plan(self, found: Found) -> tuple[Planned, ...]:
        """What `erase` would do, table by table."""
        counts = found.counts()
        return tuple(
            _planned(self.topology.shapes[name].mapping, counts[name])
            for name in self.topology.order
            if name in counts
        )

    def export(self, found: Found) -> Iterator[ExportedRow]:
        """The rows of `found` that still exist, in chunks; never all of them in memory."""
        with translated(), self.engine.connect() as connection:
            yield from export_rows(connection, self.topology, found.rows)

    def erase(self, found: Found, terms: PersonTerms) -> None:
        """Carries out the plan in one transaction."""
        self._refuse_foreign(found)
        if not found.rows:
            return
        with (
            translated(),
            self.engine.connect().execution_options(**{WRITES: True}) as connection,
            connection.begin(),
        ):
            erase_rows(connection, self.topology, found.rows, found.terms.merged(terms))

    def remaining(self, found: Found, identities: Sequence[Identity]) -> dict[str, int]:
        """Reads back: the rows found then, and whoever is found now by what belongs to the person alone."""
        self._refuse_foreign(found)
        asked = [
            one for one in (*identities, *found.learnt) if not any(same(one, other) for other in found.shared)
        ]
        doubted = [candidate.row for candidate in found.candidates]
        with translated(), self.engine.connect() as connection:
            certain = [one for one in asked if identifies(one)] or asked
            question = Question(tuple(certain), found.terms.names, others=frozenset(doubted))
            search = Gathering(connection, self.topology, question, found.rows)
            rows = sorted({*found.rows, *search.run().rows})
            read = {
                name: [search.records[row] for row in refs if row in search.records]
                for name, refs in by_table(rows).items()
                if name in search.reread
            }
            return left_over(connection, self.topology, rows, found.terms, read)

    def close(self) -> None:
        """Lets the connections go."""
        self.engine.dispose()

    def _refuse_foreign(self, found: Found) -> None:
        """Rows of a table that is no longer mapped can not be accounted for."""
        for name in by_table(found.rows):
            if name not in self.topology.shapes:
                raise StoreError(StoreCode.MAPPING_INVALID, name)


def _refuse_gaps(schema: LiveSchema) -> None:
    if schema.missing:
        raise StoreError(StoreCode.TABLE_MISSING, schema.missing[0])
    for name, column in schema.missing_columns():
        raise StoreError(StoreCode.COLUMN_MISSING, f"{name}.{column}")


def _planned(mapping: TableMapping, rows: int) -> Planned:
    if mapping.keeps:
        return Planned(mapping.name, PlannedAction.KEEP, rows, mapping.because)
    if mapping.deletes:
        return Planned(mapping.name, PlannedAction.DELETE, rows)
    kept = {
        c.name: c.because or "" for c in mapping.columns.values() if c.name not in mapping.erased_columns()
    }
    return Planned(mapping.name, PlannedAction.REDACT, rows, kept_columns=tuple(sorted(kept.items())))
