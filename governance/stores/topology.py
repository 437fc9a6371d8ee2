"""How the tables of a mapping hang together: which are read, in which order, and with which columns. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Table

from governance.stores.mapping import ColumnErase, TableErase, TableMapping
from governance.stores.schema import LiveSchema, Reference, Shape


@dataclass(frozen=True, slots=True)
class Topology:
    """The mapping laid on the live schema, worked out once for all searches.

    `columns` are what finding reads, `whole` what reading back needs too. `asked` are the tables with
    identities, in the groups in which a search asks them: those that lead to people by themselves, those that
    lead to rows of such tables, those whose identities are their rows' own. `order` has parents before
    children; `identity_order` is the part of it on the way to an identity below a row; `erasing` is the order
    of deletion; `loose` are references at deleted rows that must be emptied.
    """

    store: str
    shapes: Mapping[str, Shape]
    columns: Mapping[str, tuple[str, ...]]
    whole: Mapping[str, tuple[str, ...]]
    asked: tuple[tuple[str, ...], ...]
    order: tuple[str, ...]
    identity_order: tuple[str, ...]
    erasing: tuple[str, ...]
    loose: tuple[Reference, ...]
    holders: Mapping[str, Table]


def lay_out(store: str, schema: LiveSchema) -> Topology:
    """Works the topology out."""
    shapes = schema.shapes
    mappings = {name: shape.mapping for name, shape in shapes.items()}
    order = sort_by_dependency({name: _above(mapping, shapes) for name, mapping in mappings.items()})
    bearing = _bearing(mappings)
    erased = {name: () if table.deletes else table.erased_columns() for name, table in mappings.items()}
    erasing = _erasing_order(mappings, schema.references)
    return Topology(
        store=store,
        shapes=shapes,
        columns={name: _needed(name, mappings) for name in shapes},
        whole={
            name: tuple(dict.fromkeys([*_needed(name, mappings), *erased])) for name, erased in erased.items()
        },
        asked=_asked([mappings[name] for name in order if mappings[name].identity]),
        order=order,
        identity_order=tuple(name for name in order if name in bearing),
        erasing=erasing,
        loose=_loose(schema, mappings, erasing),
        holders=schema.holders,
    )


def _loose(
    schema: LiveSchema, mappings: Mapping[str, TableMapping], erasing: Sequence[str]
) -> tuple[Reference, ...]:
    return tuple(
        one
        for one in schema.references
        if is_loose(one, mappings) or _is_too_early(one, erasing, row_by_row=schema.row_by_row)
    )


def _asked(bearing: Sequence[TableMapping]) -> tuple[tuple[str, ...], ...]:
    """Tables with identities in groups: each is asked when those before it have told all that they know.

    A person's further addresses are come upon by the person's row; their table is then asked for all at once.
    """
    leading = {mapping.name for mapping in bearing if mapping.climbs}
    below = {
        mapping.name
        for mapping in bearing
        if mapping.name in leading
        and leading.intersection(parent.table for parent in mapping.parents) - {mapping.name}
    }
    groups: dict[int, list[str]] = {0: [], 1: [], 2: []}
    for mapping in bearing:
        groups[2 if mapping.name not in leading else int(mapping.name in below)].append(mapping.name)
    return tuple(tuple(names) for names in groups.values() if names)


def sort_by_dependency(needs: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Names, each after those that it needs; where they need each other, in alphabetical order."""
    done: dict[str, None] = {}
    visiting: set[str] = set()

    def visit(name: str) -> None:
        if name in done or name in visiting:
            return
        visiting.add(name)
        for need in sorted(needs.get(name, ())):
            visit(need)
        done[name] = None

    for name in sorted(needs):
        visit(name)
    return tuple(done)


def is_loose(reference: Reference, mappings: Mapping[str, TableMapping]) -> bool:
    """Whether a reference may be left hanging when its target goes, and can be emptied instead.

    Not where the row that holds it goes as well, where the mapping says what becomes of the column, or where
    the database sees to it itself.
    """
    target, holder = mappings[reference.target], mappings.get(reference.table)
    if not target.deletes or reference.on_delete:
        return False
    if holder is None:
        return True
    followed = any(
        parent.column in reference.columns and parent.table == reference.target for parent in holder.parents
    )
    columns = [holder.columns[name] for name in reference.columns if name in holder.columns]
    emptied = holder.erase is TableErase.REDACT and any(one.erase is ColumnErase.NULL for one in columns)
    return not (followed and (holder.deletes or emptied))


def _is_too_early(reference: Reference, erasing: Sequence[str], *, row_by_row: bool) -> bool:
    """Whether a deleted row may be pointed at by one that is deleted after it, or by the same statement.

    That is so where tables point at each other; within a table only where each row is checked by itself.
    """
    if reference.on_delete or not reference.nullable or not {reference.table, reference.target} <= {*erasing}:
        return False
    if reference.table == reference.target:
        return row_by_row
    return erasing.index(reference.table) > erasing.index(reference.target)


def _above(mapping: TableMapping, known: Iterable[str]) -> set[str]:
    return {parent.table for parent in mapping.parents}.intersection(known) - {mapping.name}


def _bearing(mappings: Mapping[str, TableMapping]) -> set[str]:
    """Tables with identities that stand for a parent, and every table between them and that parent."""
    found = {name for name, mapping in mappings.items() if mapping.climbs and mapping.parents}
    while True:
        above = {
            parent.table
            for name in found
            for parent in mappings[name].parents
            if parent.table in mappings and mappings[parent.table].parents
        }
        if above <= found:
            return found
        found |= above


def _needed(name: str, mappings: Mapping[str, TableMapping]) -> tuple[str, ...]:
    """The columns that finding reads: identities, conditions, links both ways, names."""
    mapping = mappings[name]
    wanted = [one.column for one in mapping.identity]
    wanted += [condition.column for one in mapping.identity for condition in one.when]
    wanted += [parent.column for parent in mapping.parents]
    wanted += [condition.column for parent in mapping.parents for condition in parent.when]
    wanted += mapping.contact_columns()
    wanted += [
        parent.parent_column
        for other in mappings.values()
        for parent in other.parents
        if parent.table == name
    ]
    return tuple(dict.fromkeys(wanted))


def _erasing_order(mappings: Mapping[str, TableMapping], references: Sequence[Reference]) -> tuple[str, ...]:
    """Deleted tables, children first; where nothing compels an order, identities last."""
    deleted = {name for name, mapping in mappings.items() if mapping.deletes}
    needs: dict[str, set[str]] = {name: set() for name in deleted}
    for reference in references:
        if {reference.table, reference.target} <= deleted and reference.table != reference.target:
            needs[reference.target].add(reference.table)
    for name in deleted:
        for parent in mappings[name].parents:
            if parent.table in deleted and parent.table != name:
                needs[parent.table].add(name)
    return tuple(
        sorted(sorted(deleted), key=lambda name: (_depth(name, needs), bool(mappings[name].identity)))
    )


def _depth(name: str, needs: Mapping[str, set[str]], seen: frozenset[str] = frozenset()) -> int:
    """How many layers of tables must go before `name`; a cycle counts once."""
    if name in seen:
        return 0
    return max((1 + _depth(need, needs, seen | {name}) for need in needs[name]), default=0)
