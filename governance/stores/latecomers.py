"""What has come since a search to hang on the rows that it found. Of tables as of files.

Asked right before those rows go: afterwards nothing might lead to it. Only what was committed as found is
touched, so a person of whom anything is late is left alone until that is committed, too.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from governance.stores.erasing import by_table
from governance.stores.lockstep import ByKey, ByValues, Reading
from governance.stores.mapping import Parent, TableErase, TableMapping
from governance.stores.protocol import Found, RowRef
from governance.stores.records import Record, key_part, meets, typed
from governance.stores.topology import Topology


@dataclass(frozen=True, slots=True)
class Look:
    """`late` are the person's rows that were not found then; `held` are those read, all to redact in it."""

    late: tuple[RowRef, ...]
    held: Mapping[RowRef, Record] = field(repr=False)


def look_again(
    topology: Topology, found: Found, before: Mapping[RowRef, Record] | None = None
) -> Reading[Look]:
    """Asks each table once: what hangs on rows of `found`, and what its rows say that are to be redacted.

    `before` is what they said when they were last read, for those that are gone by now.
    """
    grouped = by_table(found.rows)
    read: dict[RowRef, Record] = dict(before or {})
    first = set() if before else _led_to_by_others(topology) & grouped.keys()
    for name in sorted(first):
        held = _redacts(topology.shapes[name].mapping)
        own = yield ByKey(name, topology.whole[name], tuple(grouped[name]), held)
        read.update((record.ref, record) for record in own)
    for name, shape in topology.shapes.items():
        again = name not in first and _redacts(shape.mapping)
        own_rows = grouped.get(name, ()) if again else ()
        records = yield from hanging(topology, found, name, own_rows, read, held=_redacts(shape.mapping))
        read.update((record.ref, record) for record in records)
    return Look(tuple(sorted(read.keys() - set(found.rows))), read)


def hanging(
    topology: Topology,
    found: Found,
    name: str,
    again: Sequence[RowRef],
    read: Mapping[RowRef, Record],
    *,
    held: bool = False,
) -> Reading[list[Record]]:
    """The rows of one table that hang on the person's, and those of `again`.

    `read` is what the rows above say or said. Without it they lead by their keys alone, also once gone.
    """
    shape, refs = topology.shapes[name], tuple(again)
    edges = shape.mapping.parents
    values = [_leading(topology, found, edge, shape.mapping.erase, read) for edge in edges]
    if not any(values):
        return list((yield ByKey(name, topology.whole[name], refs, held))) if refs else []
    asked = tuple(
        tuple(typed(shape.table.c[edge.column], value) for value in own)
        for edge, own in zip(edges, values, strict=True)
    )
    ways = tuple((edge.column, edge.when) for edge in edges)
    records = yield ByValues(name, topology.whole[name], ways, asked, refs, held)
    known = {*found.rows, *refs}
    return [one for one in records if one.ref in known or _hangs(one, edges, values)]


def _redacts(mapping: TableMapping) -> bool:
    """Whether rows of the table are read to be written."""
    return not mapping.deletes and not mapping.keeps


def _led_to_by_others(topology: Topology) -> set[str]:
    """The tables to which others refer by something else than the key: their rows must be read first."""
    return {
        edge.table
        for shape in topology.shapes.values()
        for edge in shape.mapping.parents
        if edge.table in topology.shapes and not _by_key(topology, edge)
    }


def _by_key(topology: Topology, edge: Parent) -> bool:
    return [column.name for column in topology.shapes[edge.table].key] == [edge.parent_column]


def _leading(
    topology: Topology,
    found: Found,
    edge: Parent,
    child: TableErase,
    read: Mapping[RowRef, Record],
) -> list[str | int]:
    """What leads from the person's rows along an edge, each value once."""
    shape = topology.shapes.get(edge.table)
    if shape is None:
        return []
    rows = [row for row in found.rows if row.table == edge.table]
    if shape.mapping.erase is TableErase.REDACT and child not in {TableErase.REDACT, TableErase.KEEP}:
        own = set(found.persons)  # of a record that stays, only what is redacted with it is the person's
        rows = [row for row in rows if row in own]
    if _by_key(topology, edge):
        return [row.key[0] for row in rows]
    said = (read[row].values.get(edge.parent_column) for row in rows if row in read)
    return list(dict.fromkeys(key_part(value) for value in said if value is not None))


def _hangs(record: Record, edges: Sequence[Parent], values: Iterable[Sequence[str | int]]) -> bool:
    """Whether a row really holds one of the values: a database may compare without minding case."""
    return any(
        record.values.get(edge.column) is not None
        and str(key_part(record.values[edge.column])) in {str(value) for value in own}
        and meets(edge.when, record.values)
        for edge, own in zip(edges, values, strict=True)
    )
