"""Statements whose text is built once, run by the driver itself: a fifth of the cost, the same errors.

Values must already be what the driver takes (an instant as microseconds), and come back as it gives them; the
text is portable SQL. The connection must be inside a transaction, as it is wherever this package writes.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase

Values: TypeAlias = tuple[Any, ...]

ROWS_A_STATEMENT = 250  # few enough for every driver's limit on parameters
VALUES_A_STATEMENT = 512
PSYCOPG = "psycopg"
ROWS_A_COPY = 20  # from here on PostgreSQL takes a COPY: a tenth of the client's work, a quarter of the time


class HeldInsert:
    """Inserts rows of one table, columns in the order given here."""

    def __init__(self, row: type[DeclarativeBase], *columns: str) -> None:
        self._table = row.__tablename__
        self._columns = columns

    def one(self, connection: Connection, values: Values) -> None:
        """One row."""
        _run(connection, self._text(connection, 1), values)

    def many(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Any number of rows, many a statement."""
        if len(rows) >= ROWS_A_COPY and _copies(connection):
            self._copy(connection, rows)
            return
        for start in range(0, len(rows), ROWS_A_STATEMENT):
            part = rows[start : start + ROWS_A_STATEMENT]
            flat = tuple([value for values in part for value in values])
            _run(connection, self._text(connection, len(part)), flat)

    def _copy(self, connection: Connection, rows: Sequence[Values]) -> None:
        text = f"COPY {self._table} ({', '.join(self._columns)}) FROM STDIN"
        with _translating(connection, text), _driver(connection).cursor().copy(text) as lines:
            for values in rows:
                lines.write_row(values)

    def _text(self, connection: Connection, rows: int) -> str:
        return _insert(self._table, self._columns, _mark(connection), rows)


class HeldSelect:
    """Reads the columns of one table by a list of values of its column `by`, ordered if so asked."""

    def __init__(self, row: type[DeclarativeBase], *columns: str, by: str, order: str | None = None) -> None:
        ordered = f" ORDER BY {order}" if order else ""
        self._head = f"SELECT {', '.join(columns)} FROM {row.__tablename__} WHERE {by} IN ("  # noqa: S608 - names of our own tables
        self._tail = f"){ordered}"

    def rows(self, connection: Connection, values: Sequence[Any]) -> list[Values]:
        """The rows of any number of values; order holds within each `VALUES_A_STATEMENT` of them."""
        found: list[Values] = []
        for start in range(0, len(values), VALUES_A_STATEMENT):
            part = tuple(values[start : start + VALUES_A_STATEMENT])
            size = 1 << (len(part) - 1).bit_length()  # few texts; repeating a value adds no row
            text = _select(self._head, self._tail, _mark(connection), size)
            found += _run(connection, text, part + part[-1:] * (size - len(part))).fetchall()
        return found


@contextmanager
def sent_together(connection: Connection) -> Iterator[None]:
    """Statements that read nothing, in one round trip where the driver can.

    Raises:
        DBAPIError: one of them failed; which one is not told.
    """
    dialect = connection.dialect
    if dialect.driver == PSYCOPG and dialect.loaded_dbapi.Pipeline.is_supported():  # by libpq 14 or newer
        with _translating(connection, "pipeline"), _driver(connection).pipeline():
            yield
    else:
        yield


def _copies(connection: Connection) -> bool:
    """Whether rows may go in by a COPY: not while statements are sent together."""
    return connection.dialect.driver == PSYCOPG and not _driver(connection).pgconn.pipeline_status


def _driver(connection: Connection) -> Any:
    """The driver's own connection."""
    return connection.connection.driver_connection


def _mark(connection: Connection) -> str:
    return "?" if connection.dialect.paramstyle == "qmark" else "%s"


def _run(connection: Connection, text: str, values: Values) -> Any:
    """The driver's cursor.

    Raises:
        DBAPIError: what SQLAlchemy would raise, so that callers tell outages and collisions as ever.
    """
    cursor = connection.connection.cursor()
    try:
        cursor.execute(text, values)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _translated(connection, text, error) from error
    return cursor


@contextmanager
def _translating(connection: Connection, text: str) -> Iterator[None]:
    try:
        yield
    except connection.dialect.loaded_dbapi.Error as error:
        raise _translated(connection, text, error) from error


def _translated(connection: Connection, text: str, error: Exception) -> BaseException:
    dialect = connection.dialect
    return DBAPIError.instance(
        text, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect
    )


@lru_cache(maxsize=1024)
def _insert(table: str, columns: tuple[str, ...], mark: str, rows: int) -> str:
    group = "(" + ", ".join([mark] * len(columns)) + ")"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES " + ", ".join([group] * rows)  # noqa: S608 - names of our own tables


@lru_cache(maxsize=256)
def _select(head: str, tail: str, mark: str, size: int) -> str:
    return head + ", ".join([mark] * size) + tail
