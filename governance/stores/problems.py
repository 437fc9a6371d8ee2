"""Why a mapping can not find or erase a person: of the document alone, and on the live schema. Pure.

Each problem is one sentence that begins with the place it is about.
"""

from collections.abc import Iterable, Iterator

from governance.stores.http.problems import http_problems
from governance.stores.mapping import ColumnErase, Parent, StoreDocument, StoreKind, TableErase, TableMapping
from governance.stores.schema import LiveSchema, Reference, Shape
from governance.stores.topology import is_loose


def problems(document: StoreDocument) -> tuple[str, ...]:
    """What stands against the document by itself; empty when nothing does."""
    found = [f"undecided: {item} has not been decided" for item in document.undecided]
    if document.kind is StoreKind.MANUAL:
        return tuple(found)
    tables = document.tables.values()
    if not any(table.identity for table in tables):
        found.append("tables: no table has an identity, so nobody can be found")
    elif all(table.keeps for table in tables):
        found.append("tables: every table is kept, so nobody can be erased")
    for table in tables:
        found.extend(f"tables.{table.name}: {problem}" for problem in _of_table(table, document))
    if document.kind is StoreKind.HTTP:
        found.extend(http_problems(document))
    return tuple(found)


def shortcomings(document: StoreDocument) -> tuple[str, ...]:
    """What would make the work with the document better, though nothing stands against it."""
    if document.kind is StoreKind.MANUAL and not document.instructions:
        return ("instructions: say what a person has to do",)
    return ()


def live_problems(schema: LiveSchema) -> tuple[str, ...]:
    """What stands against a mapping on the schema as it is."""
    gaps = [f"tables.{name}: there is no such table" for name in schema.missing]
    gaps += [f"tables.{name}.{column}: there is no such column" for name, column in schema.missing_columns()]
    hidden = [f"tables.{name}: row-level security may hide rows from this account" for name in schema.guarded]
    if gaps:
        return (*gaps, *hidden)
    reachable = reachable_tables(shape.mapping for shape in schema.shapes.values())
    fitting = [
        f"tables.{name}{problem}"
        for name, shape in schema.shapes.items()
        for problem in (*_of_shape(shape, reached=name in reachable), *_unfit_columns(shape))
    ]
    hanging = [_hanging(one) for one in schema.references if _hangs(one, schema)]
    ambiguous = [line for one in schema.references for line in _ambiguous(one, schema)]
    return (*hidden, *fitting, *ambiguous, *hanging)


def _of_shape(shape: Shape, *, reached: bool) -> Iterator[str]:
    if not reached and not shape.mapping.keeps:
        yield ": is not reached from any identity, by belongs_to or a foreign key"
    if shape.mapping.erase is TableErase.CASCADE and not shape.mapping.parents:
        yield ": goes with its parent, but belongs to none"
    if not shape.key:
        yield ": has no primary key by which to name a row"


def reachable_tables(tables: Iterable[TableMapping]) -> frozenset[str]:
    """The tables to which following leads: those with identities, their parents, and what belongs to them."""
    known = {table.name: table for table in tables}
    reached = {name for name, table in known.items() if table.identity}
    while True:
        above = {
            parent.table
            for name in reached
            for parent in known[name].parents
            if known[name].climbs and parent.table in known
        }
        below = {
            name for name, table in known.items() if any(parent.table in reached for parent in table.parents)
        }
        if above | below <= reached:
            return frozenset(reached)
        reached |= above | below


def _of_table(table: TableMapping, document: StoreDocument) -> Iterator[str]:
    if table.keeps and not table.because:
        yield "is kept without saying why (because)"
    for column in table.columns.values():
        if column.erase is ColumnErase.KEEP and not column.because:
            yield f"column {column.name} is kept without saying why (because)"
    if table.erase is TableErase.REDACT:
        yield from _of_redacted(table, document)
    for parent in table.parents:
        yield from _of_parent(table, parent, document.tables.get(parent.table))


def _of_parent(table: TableMapping, parent: Parent, above: TableMapping | None) -> Iterator[str]:
    if above is None:
        yield f"belongs to {parent.table}, which is not mapped"
    elif table.erase is TableErase.CASCADE and above.keeps:
        yield f"goes with {parent.table}, which is kept"
    elif above.name == table.name and table.climbs:
        yield "has an identity and belongs to itself, so that one person would lead to another"


def _of_redacted(table: TableMapping, document: StoreDocument) -> Iterator[str]:
    erased = table.erased_columns()
    if not erased:
        yield "is to be redacted, but says of no column how"
    parents = [parent for other in document.tables.values() for parent in other.parents]
    for name in sorted(
        {one.parent_column for one in parents if one.table == table.name}.intersection(erased)
    ):
        yield f"column {name} is erased, but other tables are found by it"


def _unfit_columns(shape: Shape) -> Iterator[str]:
    """Columns that can not hold what redaction would put into them."""
    if shape.mapping.erase is not TableErase.REDACT:
        return
    for name, column in shape.mapping.erased_columns().items():
        live = shape.table.c[name]
        if column.erase is ColumnErase.NULL and not live.nullable:
            yield f".{name}: can not be null; use {{set: VALUE}}"
        if live.primary_key:
            yield f".{name}: is part of the primary key and can not be redacted"


def _ambiguous(reference: Reference, schema: LiveSchema) -> list[str]:
    """Links by one column of a key of several, where that column alone may be another row's, too."""
    holder, target = schema.shapes.get(reference.table), schema.shapes[reference.target]
    if holder is None or len(reference.columns) == 1:
        return []
    keys = [{column.name for column in target.table.primary_key.columns}]
    keys += [set(index.columns.keys()) for index in target.table.indexes if index.unique]
    return [
        f"tables.{reference.table}.{parent.column}: is one of the columns {reference.column} that point at"
        f" {reference.target} together; {parent.parent_column} alone may be another's"
        for parent in holder.mapping.parents
        if parent.table == reference.target
        and (parent.column, parent.parent_column)
        in set(zip(reference.columns, reference.target_columns, strict=True))
        and {parent.parent_column} not in keys
    ]


def _hangs(reference: Reference, schema: LiveSchema) -> bool:
    """Whether a row may stand in the way of a deletion."""
    mappings = {name: shape.mapping for name, shape in schema.shapes.items()}
    return is_loose(reference, mappings) and not reference.nullable


def _hanging(reference: Reference) -> str:
    return (
        f"tables.{reference.target}: can not be deleted while {reference.table}.{reference.column}"
        f" points at it; map {reference.table} as belonging to it"
    )
