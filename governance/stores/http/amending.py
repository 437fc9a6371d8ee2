"""Writes corrections and restrictions behind an HTTP interface, row by row, and reads them back."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Column, MetaData, Table

from governance.stores.amending import counted
from governance.stores.correcting import correctable, corrected, markable, restricted, unmarked, unplaced
from governance.stores.http.asking import Asker
from governance.stores.http.gathering import Gathering, variants
from governance.stores.http.templates import of_change
from governance.stores.mapping import StoreDocument, TableMapping
from governance.stores.matching import Question
from governance.stores.protocol import Correction, Found, Propagated, RowRef
from governance.stores.records import Record
from governance.stores.schema import LiveSchema, Shape
from governance.stores.topology import lay_out

Change = Callable[[Record, Shape], dict[str, Any]]


class Amending:
    """Changes rows of one store; its columns have no types, so values are taken as they are."""

    def __init__(self, asker: Asker, document: StoreDocument) -> None:
        """Does nothing yet."""
        self.asker = asker
        self.document = document
        self.calls = document.http.tables if document.http else {}
        shapes = {name: _shape(mapping) for name, mapping in document.tables.items()}
        self.topology = lay_out(document.store, LiveSchema(shapes, {}, ()))

    def rectify(self, found: Found, corrections: Sequence[Correction]) -> Propagated:
        """Writes corrections; those that only rows say which no call changes are a person's to do."""
        rows, reading = correctable(self.topology, found), self._reading()
        open_ = [row for row in rows if self.calls[row.table].change is not None]
        changed, left = self._amend(reading, open_, partial(corrected, corrections=corrections))
        mute = {
            one.name
            for row in set(rows) - set(open_)
            for one in corrections
            if self._changes(reading, row, partial(corrected, corrections=[one]))
        }
        reading.require_shown()
        names = (*unplaced(self.topology, found, corrections), *sorted(mute))
        return Propagated(changed, left, tuple(dict.fromkeys(names)))

    def restrict(self, found: Found, *, on: bool) -> Propagated:
        """Sets or lifts the mark; a table without one, or without a call, is a person's to do."""
        rows, reading = markable(self.topology, found), self._reading()
        open_ = [row for row in rows if self.calls[row.table].change is not None]
        changed, left = self._amend(reading, open_, partial(restricted, on=on))
        reading.require_shown()
        mute = {row.table for row in set(rows) - set(open_)}
        return Propagated(changed, left, tuple(sorted({*unmarked(self.topology, found), *mute})))

    def _reading(self) -> Gathering:
        return Gathering(self.asker, self.document, Question(()))

    def _amend(
        self, reading: Gathering, rows: Sequence[RowRef], change: Change
    ) -> tuple[dict[str, int], dict[str, int]]:
        """Rows changed, and rows that should have been and are not, a table."""
        done: dict[str, int] = {}
        for row in rows:
            changes = self._changes(reading, row, change)
            calls = self.calls[row.table]
            if changes and calls.change is not None:
                self.asker.ask(calls.change, of_change(changes, calls.key, row.key))
                done[row.table] = done.get(row.table, 0) + 1
        left: dict[str, int] = {}
        for row in rows if done else ():
            left[row.table] = left.get(row.table, 0) + (1 if self._changes(reading, row, change) else 0)
        return counted(done), counted(left)

    def _changes(self, reading: Gathering, row: RowRef, change: Change) -> dict[str, Any]:
        """What is to be changed in a row as it is now; nothing where it is gone."""
        record = reading.read(row)
        return {} if record is None else changes_of(record, self.topology.shapes[row.table], change)


def changes_of(record: Record, shape: Shape, change: Change) -> dict[str, Any]:
    """What `change` changes; of a column that holds several identifiers only the one that is meant."""
    changes: dict[str, Any] = {}
    for variant in variants(record, shape.mapping.identity):
        for column, new in change(variant, shape).items():
            held, meant = changes.get(column, record.values.get(column)), variant.values.get(column)
            changes[column] = _replaced(held, meant, new)
    return changes


def _replaced(held: Any, meant: Any, new: Any) -> Any:
    """`held` with `new` in the place of `meant`: in a list, or in a text of several."""
    if isinstance(held, list):
        return [one for one in (new if one == meant else one for one in held) if one is not None]
    if isinstance(held, str) and isinstance(meant, str) and held != meant and meant in held:
        return held.replace(meant, new or "")
    return new


def _shape(mapping: TableMapping) -> Shape:
    """A table of the document as the rules of correction take it."""
    columns: list[Column[Any]] = [Column(name) for name in mapping.named_columns()]
    return Shape(mapping, Table(mapping.name, MetaData(), *columns), ())
