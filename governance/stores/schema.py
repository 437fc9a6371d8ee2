"""What a store's database really looks like, and how a mapping lies on it."""

import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, Table, inspect, text
from sqlalchemy.engine import Inspector
from sqlalchemy.exc import SAWarning

from governance.stores.mapping import Parent, StoreDocument, TableErase, TableMapping

ROW_BY_ROW = {"mariadb", "mysql"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key: `columns` of `table` point at `target_columns` of `target`, each at its own.

    `nullable` says that the reference can be emptied: one column that may be null is enough for that.
    """

    table: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    nullable: bool
    on_delete: str | None

    @property
    def column(self) -> str:
        """The column, of a reference that has but one; else all of them, for people to read."""
        return ", ".join(self.columns)


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
    present = _present(inspector, document)
    mapped = [name for name in document.tables if name in present]
    references = read_references(inspector, set(mapped), {schema for schema, _ in present.values()})
    wanted = {*mapped, *(reference.table for reference in references)}
    tables = _tables(connection, [present[name] for name in sorted(wanted)])
    references = tuple(
        replace(one, nullable=any(tables[one.table].c[name].nullable for name in one.columns))
        for one in references
    )
    effective = {name: with_foreign_keys(document.tables[name], references, document) for name in mapped}
    return LiveSchema(
        shapes={
            name: Shape(effective[name], tables[name], _key(tables[name], effective[name], dialect))
            for name in mapped
        },
        holders=tables,
        references=references,
        missing=tuple(sorted(set(document.tables).difference(present))),
        guarded=guarded_tables(connection, mapped),
        row_by_row=dialect in ROW_BY_ROW,
    )


def schemas_of(inspector: Inspector) -> list[str | None]:
    """The schemas of a PostgreSQL database, the default one as None; elsewhere only the default one.

    Tables of any schema may point at those that are mapped, and stand in the way of a deletion.
    """
    if inspector.dialect.name != "postgresql":
        return [None]
    names = [name for name in inspector.get_schema_names() if not name.startswith("pg_")]
    return [
        None,
        *(name for name in names if name not in {"information_schema", inspector.default_schema_name}),
    ]


def is_folded(column: Column[Any]) -> bool:
    """Whether MariaDB compares a text without minding case and blanks at its end: a plain index serves then.

    Not so by the collations that mind blanks: `nopad`, and those that MySQL made after Unicode 9.0.0.
    """
    options = column.table.kwargs
    of_table = options.get("mariadb_collate") or options.get("mysql_collate") or ""
    collation = str(getattr(column.type, "collation", None) or of_table)
    return collation.endswith("_ci") and not re.search(r"nopad|_0900_", collation)


def _present(inspector: Inspector, document: StoreDocument) -> dict[str, tuple[str | None, str]]:
    """Every table there is, by the name that documents use: its schema and its own name.

    A document may name a schema that is not looked through by itself, such as another database of MariaDB.
    """
    known = schemas_of(inspector)
    tables = {
        joined(schema, name): (schema, name) for schema in known for name in inspector.get_table_names(schema)
    }
    asked = {name.rpartition(".")[0] for name in document.tables if name not in tables}
    for schema in sorted(asked.intersection(inspector.get_schema_names()) - {*known, ""}):
        tables |= {joined(schema, name): (schema, name) for name in inspector.get_table_names(schema)}
    return tables


def joined(schema: str | None, table: str) -> str:
    """The name of a table, with its schema where that is not the default one."""
    return table if schema is None else f"{schema}.{table}"


def read_references(
    inspector: Inspector, targets: set[str], schemas: Iterable[str | None]
) -> tuple[Reference, ...]:
    """The foreign keys that point at `targets`; nullability is filled in by the caller."""
    found: list[Reference] = []
    for schema in schemas:
        for (_, table), keys in inspector.get_multi_foreign_keys(schema=schema).items():
            found.extend(
                Reference(
                    table=joined(schema, table),
                    columns=tuple(key["constrained_columns"]),
                    target=joined(key["referred_schema"], key["referred_table"]),
                    target_columns=tuple(key["referred_columns"]) or ("id",),
                    nullable=True,
                    on_delete=_on_delete(key.get("options") or {}),
                )
                for key in keys
                if joined(key["referred_schema"], key["referred_table"]) in targets
            )
    return tuple(sorted(found, key=lambda one: (one.target, one.table, one.columns)))


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
        Parent(one.columns[0], one.target, one.target_columns[0])
        for one in references
        if len(one.columns) == 1
        and one.table == table.name
        and one.target in document.tables
        and not document.tables[one.target].keeps
    )
    return replace(table, parents=parents)


def _tables(connection: Connection, names: Iterable[tuple[str | None, str]]) -> dict[str, Table]:
    metadata = MetaData()
    groups: dict[str | None, list[str]] = {}
    for schema, table in names:
        groups.setdefault(schema, []).append(table)
    with warnings.catch_warnings():
        # Types of extensions are not known to SQLAlchemy, and need not be: they are read and left alone.
        warnings.simplefilter("ignore", SAWarning)
        for schema, tables in groups.items():
            metadata.reflect(connection, schema=schema, only=tables, resolve_fks=False)
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
            "SELECT CASE WHEN n.nspname = current_schema() THEN '' ELSE n.nspname || '.' END || c.relname"
            " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " JOIN pg_roles r ON r.rolname = current_user"
            " WHERE c.relrowsecurity AND NOT r.rolsuper AND NOT r.rolbypassrls"
            " AND (c.relforcerowsecurity OR NOT pg_has_role(current_user, c.relowner, 'USAGE'))"
        )
    )
    return tuple(sorted({row[0] for row in rows}.intersection(names)))
