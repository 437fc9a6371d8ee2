"""What would make a SQL store faster or safer to work in, though nothing stands against it."""

import re
import warnings
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, Table, bindparam, inspect, text
from sqlalchemy.exc import SAWarning

from consent.vocabulary import IdentifierKind
from governance.stores.mapping import IdentityColumn
from governance.stores.schema import LiveSchema, Shape, is_folded

NOISE = re.compile(r"[\s\"'`()\[\]]|both from|::[a-z ]+", re.IGNORECASE)
"""What databases add to an expression when they show it."""


def advise(connection: Connection, schema: LiveSchema) -> tuple[str, ...]:
    """Advice for the store, each a sentence that begins with the place it is about."""
    dialect = connection.dialect.name
    lines: list[str] = []
    for name, shape in schema.shapes.items():
        columns, expressions = _indexes(connection, shape.table)
        lines += [
            f"tables.{name}.{parent.column}: an index would make following faster"
            for parent in shape.mapping.parents
            if parent.column not in columns
        ]
        lines += _for_identities(shape, columns, expressions, dialect)
    unsafe = _without_transactions(connection, schema.shapes)
    lines += [f"tables.{name}: its engine has no transactions, so nothing is undone" for name in unsafe]
    return tuple(lines)


def _for_identities(shape: Shape, columns: set[str], expressions: set[str], dialect: str) -> Iterator[str]:
    """Look-ups that no index serves. Numbers are compared by their digits alone, which none can serve."""
    for one in shape.mapping.identity:
        index = _wanted_index(shape, one, dialect)
        if index is None:
            continue
        held = expressions if index != one.column else columns
        if _bare(index) not in {_bare(each) for each in held}:
            yield f"tables.{shape.mapping.name}.{one.column}: an index on {index} would make finding faster"


def _wanted_index(shape: Shape, one: IdentityColumn, dialect: str) -> str | None:
    if one.kind is IdentifierKind.EXTERNAL:
        return one.column
    if one.kind is IdentifierKind.EMAIL and is_folded(shape.table.c[one.column]):
        return one.column
    if one.kind is IdentifierKind.EMAIL and dialect in {"postgresql", "sqlite"}:
        return f"lower(trim({one.column}))"
    return None


def _bare(expression: str) -> str:
    """An expression without its dress; PostgreSQL below 14 says `btrim` for `trim`."""
    return NOISE.sub("", expression).casefold().replace("lowerbtrim", "lowertrim")


def _indexes(connection: Connection, live: Table) -> tuple[set[str], set[str]]:
    """The columns that lead an index or a key of a table, and the expressions that lead one."""
    inspector, table, schema = inspect(connection), live.name, live.schema
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # SQLite's indexes on expressions are read apart
        keys, indexes = inspector.get_unique_constraints(table, schema), inspector.get_indexes(table, schema)
    columns = set(inspector.get_pk_constraint(table, schema)["constrained_columns"][:1])
    columns |= {str(key["column_names"][0]) for key in keys}
    columns |= {name for index in indexes for name in index["column_names"][:1] if name}
    expressions = {each for index in indexes for each in index.get("expressions", [])[:1]}
    return columns, expressions | _sqlite_expressions(connection, table)


def _sqlite_expressions(connection: Connection, table: str) -> set[str]:
    """SQLite shows an index on an expression only as the statement that made it."""
    if connection.dialect.name != "sqlite":
        return set()
    made = text(
        "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :name AND sql LIKE '%(%(%'"
    )
    statements = connection.execute(made, {"name": table}).scalars()
    return {statement.partition("(")[2].rpartition(")")[0] for statement in statements}


def _without_transactions(connection: Connection, names: Iterable[str]) -> list[str]:
    if connection.dialect.name not in {"mariadb", "mysql"}:
        return []
    query = text(
        "SELECT t.table_name FROM information_schema.tables t"
        " JOIN information_schema.engines e ON e.engine = t.engine"
        " WHERE t.table_schema = database() AND e.transactions <> 'YES' AND t.table_name IN :names"
    ).bindparams(bindparam("names", expanding=True))
    return sorted(connection.execute(query, {"names": list(names)}).scalars())
