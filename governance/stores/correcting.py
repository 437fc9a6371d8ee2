"""What a correction, or a restriction, changes in a person's rows. Pure.

A correction is written into the rows that go with the person; what stays without them, such as an invoice's
copy of an address, is a record of its time and is left as it is. An identifier is changed only where it says
what it was; other columns where the document says that they hold what is corrected, or are called so.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Boolean, String

from consent.vocabulary import IdentifierKind
from governance.stores.comparison import normal, same
from governance.stores.mapping import TableMapping
from governance.stores.protocol import Correction, Found, Identity, RowRef
from governance.stores.records import Record, meets, typed
from governance.stores.schema import Shape
from governance.stores.topology import Topology

IDENTIFIERS = {kind.value for kind in (IdentifierKind.EMAIL, IdentifierKind.PHONE)}


def correctable(topology: Topology, found: Found) -> tuple[RowRef, ...]:
    """The person's own rows."""
    return tuple(
        row for row in found.rows if topology.shapes[row.table].mapping.deletes or row in found.persons
    )


def columns_to_correct(mapping: TableMapping) -> tuple[str, ...]:
    """The columns that a correction may read or write."""
    conditions = [condition.column for one in mapping.identity for condition in one.when]
    mark = [] if mapping.restriction is None else [mapping.restriction.column]
    own = [one.column for one in mapping.identity]
    return tuple(dict.fromkeys([*mapping.columns, *own, *conditions, *mark]))


def corrected(record: Record, shape: Shape, corrections: Sequence[Correction]) -> dict[str, Any]:
    """What the corrections change in a row: column -> new value."""
    changes: dict[str, Any] = {}
    for correction in corrections:
        for column in _places(shape.mapping, correction, record):
            new = (
                correction.value
                if correction.value is None
                else typed(shape.table.c[column], correction.value)
            )
            if new != record.values.get(column):
                changes[column] = new
    return changes


def unplaced(topology: Topology, found: Found, corrections: Iterable[Correction]) -> tuple[str, ...]:
    """The corrections for which no table that the person was found in has a column."""
    tables = [topology.shapes[name].mapping for name in found.counts()]
    return tuple(
        dict.fromkeys(
            one.name
            for one in corrections
            if not any(_columns(mapping, one) for mapping in tables)
            or (one.name in IDENTIFIERS and not one.was)
        )
    )


def restricted(record: Record, shape: Shape, *, on: bool) -> dict[str, Any]:
    """What a restriction, or its end, changes in a row."""
    mark = shape.mapping.restriction
    if mark is None:
        return {}
    column = shape.table.c[mark.column]
    new = _flag(column.type, mark.on if on else mark.off)
    return {} if record.values.get(mark.column) == new else {mark.column: new}


def unmarked(topology: Topology, found: Found) -> tuple[str, ...]:
    """The tables of the person whose rows no mark restricts; copies in records that stay need none."""
    mappings = {row.table: topology.shapes[row.table].mapping for row in found.persons}
    return tuple(
        sorted(
            name for name, one in mappings.items() if one.restriction is None and (one.climbs or one.deletes)
        )
    )


def markable(topology: Topology, found: Found) -> tuple[RowRef, ...]:
    """The rows that have a mark."""
    own = correctable(topology, found)
    return tuple(row for row in own if topology.shapes[row.table].mapping.restriction is not None)


def _columns(mapping: TableMapping, correction: Correction) -> list[str]:
    if correction.name in IDENTIFIERS:
        return [
            one.column for one in mapping.identity if one.kind.value == correction.name and not one.of_row
        ]
    told = [column.name for column in mapping.columns.values() if column.holds == correction.name]
    called = [name for name in mapping.columns if _snake(name) == correction.name]
    return told or called


def _places(mapping: TableMapping, correction: Correction, record: Record) -> list[str]:
    """The columns of a row that say what is corrected."""
    if correction.name not in IDENTIFIERS:
        return [
            name for name in _columns(mapping, correction) if _says(record.values.get(name), correction.was)
        ]
    kind = IdentifierKind(correction.name)
    was = normal(kind, correction.was or "")
    return [
        one.column
        for one in mapping.identity
        if was is not None
        and one.kind is kind
        and not one.of_row
        and meets(one.when, record.values)
        and _is(kind, record.values.get(one.column), was)
    ]


def _is(kind: IdentifierKind, value: Any, was: str) -> bool:
    held = None if value is None else normal(kind, str(value))
    return held is not None and same(Identity(kind, held), Identity(kind, was))


def _says(value: Any, was: str | None) -> bool:
    return was is None or (value is not None and str(value).strip().casefold() == was.strip().casefold())


def _snake(name: str) -> str:
    """A column's name as documents write names: `firstName` and `First Name` are `first_name`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[\s\-]+", "_", parted).casefold()


def _flag(kind: Any, value: str | int | bool) -> Any:  # noqa: FBT001 - what the document says
    """A mark in the type of its column."""
    if isinstance(kind, Boolean) and isinstance(value, int):
        return bool(value)
    if isinstance(kind, String) and isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(kind, String) else value
