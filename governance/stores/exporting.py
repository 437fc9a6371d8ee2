"""Reads a person's rows for an access package: JSON-able values, with the category of each column."""

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from governance.stores.erasing import by_table
from governance.stores.mapping import TableMapping
from governance.stores.protocol import ExportedRow, RowRef
from governance.stores.queries import key_chunks, key_clause
from governance.stores.topology import Topology


def export_rows(connection: Connection, topology: Topology, rows: Iterable[RowRef]) -> Iterator[ExportedRow]:
    """Whole rows, those of one table together, parents first."""
    grouped = by_table(rows)
    for name in topology.order:
        shape = topology.shapes[name]
        categories = categories_of(shape.mapping)
        for keys in key_chunks(shape, grouped.get(name, ())):
            statement = select(shape.table).where(key_clause(shape))
            for row in connection.execute(statement, {"keys": keys}).mappings():
                values = {str(column): as_json(value) for column, value in row.items()}
                yield ExportedRow(name, values, categories)


def categories_of(mapping: TableMapping) -> dict[str, str]:
    """The category of each column that has one."""
    return {c.name: c.category.value for c in mapping.columns.values() if c.category is not None}


def as_json(value: Any) -> object:
    """A column's value as JSON can carry it: exact numbers and times as text, bytes as hex."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return str(Decimal(repr(value)))
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict | list):
        return json.loads(json.dumps(value, default=str))
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if isoformat is not None else str(value)
