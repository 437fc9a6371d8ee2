"""What a store's database really looks like, and how a mapping lies on it."""

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Column, Connection, Integer, MetaData, Table, inspect, text
from sqlalchemy.engine import Inspector
from sqlalchemy.exc import SAWarning

from governance.stores.mapping import Parent, StoreDocument, TableErase, TableMapping

ROW_BY_ROW = {"mariadb", "mysql"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key of one column: `table.column` points at `target.target_column`."""

    table: str
    column: str
    target: str
    target_column: str
    nullable: bool
    on_delete: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A mapped table as it is: its key, and the columns that finding a person needs.

    Compared by identity, so that statements can be kept for it.
    """

    mapping: TableMapping
    table: Table
    key: tuple[Column[object], ...]


@dataclass(frozen=True, slots=True)
class LiveSchema:
    """The mapped tables that exist, all `holders` of references at one of them, and what hides rows.

    `row_by_row` says that foreign keys are checked for each row that is deleted, not at a statement's end.
    """

    shapes: Mapping[str, Shape]
    holders: Mapping[str, Table]
    references: tuple[Reference, ...]
    missing: tuple[str, ...] = ()
    guarded: tuple[str, ...] = ()
    row_by_row: bool = False

    def missing_columns(self) -> tuple[tuple[str, str], ...]:
        """Columns that the mapping names and their table does not have."""
        return tuple(
            (name, column)
            for name, shape in sorted(self.shapes.items())
            for column in shape.mapping.named_columns()
            if column not in shape.table.c
        ) + tuple(
            (parent.table, parent.parent_column)
            for shape in self.shapes.values()
            for parent in shape.mapping.parents
            if parent.table in self.shapes and parent.parent_column not in self.shapes[parent.table].table.c
        )


def reflect(connection: Connection, document: StoreDocument) -> LiveSchema:
    """Looks at the tables that `document` maps, and at everything that points at them."""
    inspector, dialect = inspect(connection), connection.dialect.name
    present = set(inspector.get_table_names())
    mapped = [name for name in document.tables if name in present]
    references = read_references(inspector, set(mapped))
    tables = _tables(connection, {*mapped, *(reference.table for reference in references)})
    references = tuple(
        replace(one, nullable=bool(tables[one.table].c[one.column].nullable)) for one in references
    )
    effective = {name: with_foreign_keys(document.tables[name], references, document) for name in mapped}
    return LiveSchema(
        shapes={
            name: Shape(effective[name], tables[name], _key(tables[name], effective[name], dialect))
            for name in mapped
        },
        holders=tables,
        references=references,
        missing=tuple(sorted(set(document.tables) - present)),
        guarded=guarded_tables(connection, mapped),
        row_by_row=dialect in ROW_BY_ROW,
    )


def read_references(inspector: Inspector, targets: set[str]) -> tuple[Reference, ...]:
    """The one-column foreign keys that point at `targets`; nullability is filled in by the caller."""
    found: list[Reference] = []
    for (_, table), keys in inspector.get_multi_foreign_keys().items():
        found.extend(
            Reference(
                table=table,
                column=key["constrained_columns"][0],
                target=key["referred_table"],
                target_column=(key["referred_columns"] or ["id"])[0],
                nullable=True,
                on_delete=_on_delete(key.get("options") or {}),
            )
            for key in keys
            if len(key["constrained_columns"]) == 1 and key["referred_table"] in targets
        )
    return tuple(sorted(found, key=lambda one: (one.target, one.table, one.column)))


def _on_delete(options: Mapping[str, object]) -> str | None:
    """What the database does by itself with a row whose target goes: CASCADE, SET NULL or nothing."""
    actions = [str(action) for option, action in options.items() if option.endswith("delete") and action]
    return next((action for action in actions if action.upper() not in {"NO ACTION", "RESTRICT"}), None)


def with_foreign_keys(
    table: TableMapping, references: Iterable[Reference], document: StoreDocument
) -> TableMapping:
    """Takes a table's real foreign keys for its `belongs_to` where the document leaves that out.

    Only for a table that has no identity of its own or goes with a parent: a contact does not belong to
    its company.
    """
    if table.parents or (table.identity and table.erase is not TableErase.CASCADE) or table.keeps:
        return table
    parents = tuple(
        Parent(one.column, one.target, one.target_column)
        for one in references
        if one.table == table.name and one.target in document.tables and not document.tables[one.target].keeps
    )
    return replace(table, parents=parents)


def _tables(connection: Connection, names: Iterable[str]) -> dict[str, Table]:
    metadata = MetaData()
    with warnings.catch_warnings():
        # Types of extensions are not known to SQLAlchemy, and need not be: they are read and left alone.
        warnings.simplefilter("ignore", SAWarning)
        metadata.reflect(connection, only=list(names), resolve_fks=False)
    return dict(metadata.tables)


def _key(table: Table, mapping: TableMapping, dialect: str) -> tuple[Column[object], ...]:
    """The primary key; SQLite's row number; else the columns by which its rows are come upon."""
    if table.primary_key.columns:
        return tuple(table.primary_key.columns)
    if dialect == "sqlite":
        row_number: Column[object] = Column("rowid", Integer)
        table.append_column(row_number)
        return (row_number,)
    names = [parent.column for parent in mapping.parents] + [one.column for one in mapping.identity]
    return tuple(table.c[name] for name in dict.fromkeys(names) if name in table.c)


def guarded_tables(connection: Connection, names: Iterable[str]) -> tuple[str, ...]:
    """Tables whose row-level security may hide rows from this account (PostgreSQL only)."""
    if connection.dialect.name != "postgresql":
        return ()
    rows = connection.execute(
        text(
            "SELECT c.relname FROM pg_class c JOIN pg_roles r ON r.rolname = current_user"
            " WHERE c.relrowsecurity AND c.relnamespace = current_schema()::regnamespace"
            " AND NOT r.rolsuper AND NOT r.rolbypassrls"
            " AND (c.relforcerowsecurity OR NOT pg_has_role(current_user, c.relowner, 'USAGE'))"
        )
    )
    return tuple(sorted({row[0] for row in rows}.intersection(names)))
