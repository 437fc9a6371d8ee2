"""A lead store in a SQL database: SQLite, PostgreSQL or MariaDB, by reflection."""

from collections.abc import Iterator, Sequence
from functools import partial

from sqlalchemy import Engine

from governance.stores.amending import amend
from governance.stores.correcting import correctable, corrected, markable, restricted, unmarked, unplaced
from governance.stores.engine import WRITES
from governance.stores.erasing import erase_rows
from governance.stores.errors import StoreError
from governance.stores.exporting import export_rows
from governance.stores.faults import translated
from governance.stores.gathering import Gathering
from governance.stores.latecomers import look_again
from governance.stores.lockstep import run_together
from governance.stores.mapping import StoreDocument
from governance.stores.matching import Question
from governance.stores.protocol import (
    Correction,
    ExportedRow,
    Found,
    Identity,
    PersonTerms,
    Propagated,
    RowRef,
    Sought,
)
from governance.stores.reading_back import read_back, refuse_foreign, refuse_gaps
from governance.stores.schema import reflect
from governance.stores.together import Together
from governance.stores.topology import lay_out


class SqlStore(Together):
    """Finds, exports and erases in one database; keeps connections, so it is opened once and used often."""

    by_hand = False

    def __init__(self, document: StoreDocument, engine: Engine) -> None:
        """Looks at the live schema.

        Raises:
            StoreError: unreachable, or a mapped table or column is missing.
        """
        self.key = document.store
        self.engine = engine
        try:
            with translated(), engine.connect() as connection:
                schema = reflect(connection, document)
            refuse_gaps(schema)
        except StoreError:
            engine.dispose()
            raise
        self.schema = schema
        self.topology = lay_out(document.store, schema)

    def find_each(self, sought: Sequence[Sought]) -> list[Found]:
        """Everything of each person; what is read of a table is read once for all of them."""
        with translated(), self.engine.connect() as connection:
            searches = [Gathering(self.topology, Question.of(one)).run() for one in sought]
            return run_together(connection, self.topology, searches)

    def export(self, found: Found) -> Iterator[ExportedRow]:
        """The rows of `found` that still exist, in chunks; never all of them in memory."""
        with translated(), self.engine.connect() as connection:
            yield from export_rows(connection, self.topology, found.rows)

    def erase_each(self, doomed: Sequence[tuple[Found, PersonTerms]]) -> list[tuple[RowRef, ...]]:
        """Carries out everybody's plan in one transaction; not that of somebody of whom anything is late."""
        for found, _ in doomed:
            refuse_foreign(self.topology, found)
        if not any(found.rows for found, _ in doomed):
            return [()] * len(doomed)
        with (
            translated(),
            self.engine.connect().execution_options(**{WRITES: True}) as connection,
            connection.begin(),
        ):
            searches = [look_again(self.topology, found) for found, _ in doomed]
            looks = run_together(connection, self.topology, searches)
            going = [
                (found.rows, found.terms.merged(terms))
                for (found, terms), look in zip(doomed, looks, strict=True)
                if not look.late
            ]
            held = {ref: record for look in looks for ref, record in look.held.items()}
            erase_rows(connection, self.topology, going, held)
        return [look.late for look in looks]

    def rectify(self, found: Found, corrections: Sequence[Correction]) -> Propagated:
        """Writes corrections into the person's own rows; see `Rectifying`."""
        refuse_foreign(self.topology, found)
        rows = correctable(self.topology, found)
        change = partial(corrected, corrections=corrections)
        changed, remaining = amend(self.engine, self.topology, rows, change)
        return Propagated(changed, remaining, unplaced(self.topology, found, corrections))

    def restrict(self, found: Found, *, on: bool) -> Propagated:
        """Sets or lifts the mark on the person's own rows; see `Restricting`."""
        refuse_foreign(self.topology, found)
        rows = markable(self.topology, found)
        changed, remaining = amend(self.engine, self.topology, rows, partial(restricted, on=on))
        return Propagated(changed, remaining, unmarked(self.topology, found))

    def remaining_each(self, erased: Sequence[tuple[Found, Sequence[Identity]]]) -> list[dict[str, int]]:
        """Reads back, for each; their rows of a table are looked for together."""
        for found, _ in erased:
            refuse_foreign(self.topology, found)
        with translated(), self.engine.connect() as connection:
            searches = [read_back(self.topology, found, identities) for found, identities in erased]
            return run_together(connection, self.topology, searches)

    def close(self) -> None:
        """Lets the connections go."""
        self.engine.dispose()
