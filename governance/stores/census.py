"""Takes stock of a database that nobody has described: tables, columns, foreign keys, some rows of each."""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    DateTime,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Uuid,
    inspect,
    select,
)
from sqlalchemy.exc import SAWarning

from governance.stores.engine import open_engine
from governance.stores.errors import StoreCode, StoreError
from governance.stores.faults import translated
from governance.stores.schema import schemas_of

SAMPLE = 200
"""Rows looked at in each table; their values are used to guess, and stay in memory."""
LONGEST_VALUE = 500


class Family(StrEnum):
    """What sort of values a column can hold."""

    TEXT = "text"
    JSON = "json"
    UUID = "uuid"
    NUMBER = "number"
    FLAG = "flag"
    TIME = "time"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A column as it is."""

    name: str
    family: Family
    nullable: bool
    length: int | None = None
    is_key: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key of one column; or, `supposed`, what is one by its name alone."""

    column: str
    table: str
    target: str
    nullable: bool
    supposed: bool = False


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table as it is, and some of its rows."""

    name: str
    columns: Mapping[str, ColumnFacts]
    links: tuple[Link, ...] = ()
    rows: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)

    def values(self, column: str) -> list[str]:
        """What the rows that were looked at say in a column; empty ones left out."""
        found = (row.get(column) for row in self.rows)
        return [str(value) for value in found if value is not None and str(value).strip()]


def bare_name(name: str) -> str:
    """What a table is called, without its schema, or without its folder, numbering and format."""
    file = re.sub(r"\.(csv|tsv|txt|parquet)(\.gz)?$", "", name.rpartition("/")[2], flags=re.IGNORECASE)
    return file.rpartition(".")[2].strip("*-_ ")


def take_census(url: str) -> dict[str, TableFacts]:
    """Every table of the database; those of other schemas than the default one with their schema's name.

    Raises:
        StoreError: it can not be reached or read.
    """
    engine = open_engine(url)
    with translated(), engine.connect() as connection:
        facts = {str(table.fullname): _facts(connection, table) for table in _reflect(connection)}
    engine.dispose()
    if not facts:
        raise StoreError(StoreCode.TABLE_MISSING)
    return facts


def _reflect(connection: Connection) -> list[Table]:
    metadata, inspector = MetaData(), inspect(connection)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        for schema in schemas_of(inspector):
            names = inspector.get_table_names(schema)
            metadata.reflect(connection, schema=schema, only=names, resolve_fks=False)
    return sorted(metadata.tables.values(), key=lambda table: table.fullname)


def _facts(connection: Connection, table: Table) -> TableFacts:
    columns = {
        str(column.name): ColumnFacts(
            name=str(column.name),
            family=family_of(column.type),
            nullable=bool(column.nullable),
            length=getattr(column.type, "length", None),
            is_key=column.primary_key,
        )
        for column in table.columns
    }
    links = tuple(
        _link(str(key.column_keys[0]), str(key.elements[0].target_fullname), columns)
        for key in table.foreign_key_constraints
        if len(key.elements) == 1
    )
    rows = connection.execute(select(table).limit(SAMPLE)).mappings()
    return TableFacts(
        name=str(table.fullname),
        columns=columns,
        links=tuple(sorted(links, key=lambda link: link.column)),
        rows=tuple({str(name): _short(value) for name, value in row.items()} for row in rows),
    )


def family_of(kind: Any) -> Family:
    """The family of a SQL type; what a dialect has of its own is told by its name."""
    families = (
        (Boolean, Family.FLAG),
        (Uuid, Family.UUID),
        (String, Family.TEXT),
        ((Integer, Numeric), Family.NUMBER),
        ((Date, DateTime), Family.TIME),
    )
    if kind.__class__.__name__.upper() in {"JSON", "JSONB"}:
        return Family.JSON
    return next((family for classes, family in families if isinstance(kind, classes)), Family.OTHER)


def _link(column: str, target: str, columns: Mapping[str, ColumnFacts]) -> Link:
    table, _, target_column = target.rpartition(".")
    return Link(column, table, target_column, columns[column].nullable)


def _short(value: Any) -> Any:
    return value[:LONGEST_VALUE] if isinstance(value, str) else value
