"""INSERTs whose text is built once: the part of SQLAlchemy that costs most on the hot path, left out.

Values must already be what the driver takes (an instant as microseconds); the text is portable SQL.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import Connection
from sqlalchemy.orm import DeclarativeBase

Values: TypeAlias = tuple[Any, ...]

ROWS_A_STATEMENT = 250  # few enough for every driver's limit on parameters


class HeldInsert:
    """Inserts rows of one table, columns in the order given here."""

    def __init__(self, row: type[DeclarativeBase], *columns: str) -> None:
        self._table = row.__tablename__
        self._columns = columns

    def one(self, connection: Connection, values: Values) -> None:
        """One row."""
        connection.exec_driver_sql(self._text(connection, 1), values)

    def many(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Any number of rows, many a statement."""
        for start in range(0, len(rows), ROWS_A_STATEMENT):
            part = rows[start : start + ROWS_A_STATEMENT]
            flat = tuple(value for values in part for value in values)
            connection.exec_driver_sql(self._text(connection, len(part)), flat)

    def _text(self, connection: Connection, rows: int) -> str:
        mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
        return _insert(self._table, self._columns, mark, rows)


@lru_cache(maxsize=1024)
def _insert(table: str, columns: tuple[str, ...], mark: str, rows: int) -> str:
    group = "(" + ", ".join([mark] * len(columns)) + ")"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES " + ", ".join([group] * rows)  # noqa: S608 - names of our own tables
