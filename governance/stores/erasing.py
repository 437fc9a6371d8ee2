"""Takes a person's rows out of a SQL store, and reads back what is left of them.

Order, in one transaction: redact what stays, empty the references at what goes, delete children before
parents and what identifies the person last. Nothing is decided by a row count: what was already gone or
already redacted is left as it is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Connection, Delete, String, and_, bindparam, delete, tuple_, update
from sqlalchemy.dialects.mysql import TEXT, TINYTEXT

from governance.stores.mapping import ColumnErase, ColumnMapping
from governance.stores.protocol import PersonTerms, RowRef
from governance.stores.queries import CHUNK, KEPT, by_key, chunks, key_chunks, key_clause, typed_key
from governance.stores.records import Record, typed
from governance.stores.redaction import redact_column
from governance.stores.schema import Reference, Shape
from governance.stores.topology import Topology

COUNTED_IN_BYTES: Mapping[type, int] = {TINYTEXT: 255, TEXT: 65_535}


Doomed = tuple[Sequence[RowRef], PersonTerms]
"""The rows of one person, and what names that person in those that stay."""
Change = Callable[[Record, Shape], dict[str, Any]]
"""What becomes of a row of a table: column -> new value, empty where it is as it should be."""


def erase_rows(
    connection: Connection, topology: Topology, doomed: Sequence[Doomed], held: Mapping[RowRef, Record]
) -> None:
    """Carries out the mapping on everybody's rows; idempotent. The caller's transaction holds all of it.

    `held` has the rows to redact, as far as they exist, read in this transaction with what is erased of them.
    """
    terms = terms_of_rows(doomed)
    grouped = by_table(terms)
    for name, refs in grouped.items():
        shape = topology.shapes[name]
        if not shape.mapping.deletes and not shape.mapping.keeps:
            records = [held[ref] for ref in refs if ref in held]
            write_changes(connection, shape, records, lambda one, of: changes(one, of, terms[one.ref]))
    for reference in topology.loose:
        if reference.target in grouped:
            _empty(connection, topology, reference, grouped[reference.target])
    for name in topology.erasing:
        shape = topology.shapes[name]
        for keys in key_chunks(shape, grouped.get(name, ())):
            connection.execute(_deletion(shape), {"keys": keys})


def by_table(rows: Iterable[RowRef]) -> dict[str, list[RowRef]]:
    """Rows by their table."""
    grouped: dict[str, list[RowRef]] = {}
    for row in rows:
        grouped.setdefault(row.table, []).append(row)
    return grouped


def changes(record: Record, shape: Shape, terms: PersonTerms) -> dict[str, Any]:
    """What redaction would change in a row: column -> new value. Empty when it is as it should be."""
    targets = {
        name: _target(column, shape.table.c[name], record.values.get(name), terms)
        for name, column in shape.mapping.erased_columns().items()
    }
    return {name: value for name, value in targets.items() if value != record.values.get(name)}


def _target(column: ColumnMapping, live: Column[Any], value: Any, terms: PersonTerms) -> Any:
    """The value that a column should hold after erasure."""
    if column.erase is ColumnErase.SET:
        return typed(live, column.value) if isinstance(column.value, str | int) else column.value
    if column.erase is ColumnErase.REDACT:
        return redact_column(value, terms, _room(live.type))
    return None


def _room(kind: Any) -> int | None:
    """How many characters a column takes; MariaDB counts some in bytes, of which a character takes four."""
    in_bytes = next((size for each, size in COUNTED_IN_BYTES.items() if isinstance(kind, each)), None)
    if in_bytes is not None:
        return in_bytes // 4
    return kind.length if isinstance(kind, String) else None


@lru_cache(maxsize=KEPT)
def _deletion(shape: Shape) -> Delete:
    return delete(shape.table).where(key_clause(shape))


def terms_of_rows(doomed: Sequence[Doomed]) -> dict[RowRef, PersonTerms]:
    """What is to be taken out of each row; of one that several people share, what names any of them."""
    terms: dict[RowRef, PersonTerms] = {}
    for rows, own in doomed:
        for row in rows:
            terms[row] = terms[row].merged(own) if row in terms else own
    return terms


def write_changes(connection: Connection, shape: Shape, records: Iterable[Record], change: Change) -> int:
    """Writes what `change` says of each row, which is held; how many rows it changed.

    Rows that come to hold the same are written by one statement.
    """
    alike: dict[str, tuple[dict[str, Any], list[RowRef]]] = {}
    for record in records:
        changed = change(record, shape)
        if changed:
            alike.setdefault(repr(sorted(changed.items())), (changed, []))[1].append(record.ref)
    if len(alike) > 1:
        _write_each(connection, shape, alike.values())
    else:
        for changed, same in alike.values():
            for keys in key_chunks(shape, same):
                statement = update(shape.table).where(key_clause(shape)).values(_assigned(shape, changed))
                connection.execute(statement, {"keys": keys})
    return sum(len(changed) for _, changed in alike.values())


def _write_each(
    connection: Connection, shape: Shape, groups: Iterable[tuple[dict[str, Any], list[RowRef]]]
) -> None:
    """One prepared statement for each set of columns, run for each row."""
    prepared: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for changed, refs in groups:
        for ref in refs:
            parameters = {f"new_{name}": value for name, value in changed.items()}
            parameters |= {f"key_{place}": part for place, part in enumerate(typed_key(shape, ref))}
            prepared.setdefault(tuple(changed), []).append(parameters)
    for names, rows in prepared.items():
        where = and_(*(column == bindparam(f"key_{place}") for place, column in enumerate(shape.key)))
        assigned: dict[Column[Any], Any] = {shape.table.c[name]: bindparam(f"new_{name}") for name in names}
        connection.execute(update(shape.table).where(where).values(assigned), rows)


def _assigned(shape: Shape, changed: Mapping[str, Any]) -> dict[Column[Any], Any]:
    return {shape.table.c[name]: value for name, value in changed.items()}


def _empty(connection: Connection, topology: Topology, reference: Reference, refs: Sequence[RowRef]) -> None:
    """Takes references off rows that are about to go."""
    if not reference.nullable:
        return  # where a row does refer, the deletion fails as `constraint`; the problems name it beforehand
    table = topology.holders[reference.table]
    columns = [table.c[name] for name in reference.columns]
    emptied = _emptied(columns, reference)
    values = _targets(connection, topology.shapes[reference.target], reference, refs)
    for chunk in chunks(values, CHUNK):
        fits = columns[0].in_([one for (one,) in chunk]) if len(columns) == 1 else tuple_(*columns).in_(chunk)
        connection.execute(update(table).where(fits).values(dict.fromkeys(emptied)))


def _emptied(columns: Sequence[Column[Any]], reference: Reference) -> list[Column[Any]]:
    """The columns that become null: of several, not one that both tables call the same, as a tenant's."""
    nullable = [
        (column, target)
        for column, target in zip(columns, reference.target_columns, strict=True)
        if column.nullable
    ]
    own = [column for column, target in nullable if column.name != target]
    return own or [column for column, _ in nullable]


def _targets(
    connection: Connection, shape: Shape, reference: Reference, refs: Sequence[RowRef]
) -> list[tuple[Any, ...]]:
    """The values by which rows about to go are referred to."""
    names = reference.target_columns
    if tuple(column.name for column in shape.key) == names:
        return [typed_key(shape, ref) for ref in refs]
    read = by_key(connection, shape, names, refs)
    values = [tuple(record.values[name] for name in names) for record in read]
    return [each for each in values if None not in each]
