"""Engines of the two kinds of database, with explicit transactions and no parameter in any message."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool

from api.errors import DatabaseUnavailableError

BUSY_SECONDS = 5.0
CONNECT_SECONDS = 5
SILENT_SECONDS = 10  # after which a connection whose other side says nothing is given up
POOL_SIZE = 16
OVERFLOW = 16
UNDEFINED_TABLE = "42P01"  # PostgreSQL, appendix A

_EVERY_CONNECTION = (
    f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA temp_store=MEMORY",
)


def is_sqlite(url: str) -> bool:
    """Whether this database is one file of ours."""
    return make_url(url).get_backend_name() == "sqlite"


def sqlite_path(url: str) -> Path:
    """The file of a SQLite URL."""
    return Path(make_url(url).database or "")


def create_file(path: Path) -> None:
    """Make the empty database, readable by its owner only; an existing one is left alone.

    Connections open with `mode=rw`, so that a file that goes missing is an error and never a new, empty one.
    """
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = _connect(path)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def sqlite_engine(path: Path, *, begin: str, read_only: bool = False) -> Engine:
    """An engine whose transactions start with exactly `begin` (`BEGIN` or `BEGIN IMMEDIATE`)."""
    engine = create_engine(
        "sqlite://",
        creator=_creator(path, read_only=read_only),
        poolclass=QueuePool,
        pool_size=POOL_SIZE,
        max_overflow=-1,
        hide_parameters=True,
    )
    event.listen(engine, "begin", lambda connection: _begin(connection, begin))
    return engine


def postgres_engine(url: URL | str, *, read_only: bool = False) -> Engine:
    """A pooled engine: SERIALIZABLE for writers, one read-only snapshot a transaction for readers.

    A reader's connection is pinged before it is used again. A writer's is not, for a ping is a round trip: a
    writer whose connection turns out to be gone (`is_lost`) can start over.
    """
    engine = create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=OVERFLOW,
        pool_timeout=BUSY_SECONDS,
        pool_pre_ping=read_only,
        hide_parameters=True,
        isolation_level="REPEATABLE READ" if read_only else "SERIALIZABLE",
        connect_args={"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": SILENT_SECONDS * 1000},
    )
    event.listen(engine, "connect", lambda connection, _record: _limit_waiting(connection))
    return engine.execution_options(postgresql_readonly=True) if read_only else engine


def is_outage(error: Exception | None) -> bool:
    """Whether the database failed us, rather than we it: then the answer is 503, and a decision is no."""
    if isinstance(error, ProgrammingError):
        return getattr(error.orig, "sqlstate", None) == UNDEFINED_TABLE
    if isinstance(error, IntegrityError | DataError | NotSupportedError):
        return False
    return isinstance(error, DBAPIError | sqlite3.Error | PoolTimeoutError)


def is_lost(connection: Connection, error: DBAPIError) -> bool:
    """Whether the connection is gone, rather than a statement of it refused."""
    if error.connection_invalidated or connection.invalidated:
        return True
    driver = connection.connection.dbapi_connection
    return bool(connection.dialect.is_disconnect(cast("Any", error.orig), driver, None))


def translated(error: Exception) -> Exception:
    """A driver's outage as ours, anything else as it is."""
    if is_outage(error):
        outage = DatabaseUnavailableError("the database can not be used")
        outage.__cause__ = error
        return outage
    if isinstance(error, DatabaseUnavailableError):  # each of several callers raises one of its own
        return type(error)(*error.args)
    return error


def identity_of(path: Path) -> tuple[int, int]:
    """Device and inode of the database's file, which tell whether it is still the one that was opened.

    Raises:
        DatabaseUnavailableError: there is no file.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 - twice as fast as Path.stat, once a transaction
    except OSError:
        raise DatabaseUnavailableError("the database file is missing") from None
    return found.st_dev, found.st_ino


def checkpoint(path: Path) -> None:
    """Move the write-ahead file into the database, whose deleted cells are zeroed, and empty it."""
    connection = _connect(path)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _creator(path: Path, *, read_only: bool) -> Callable[[], sqlite3.Connection]:
    def connect() -> sqlite3.Connection:
        connection = _connect(path)
        if read_only:
            connection.execute("PRAGMA query_only=ON")
        return connection

    return connect


def _connect(path: Path) -> sqlite3.Connection:
    """A connection on which nothing begins by itself (`isolation_level=None`)."""
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode=rw",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    for pragma in _EVERY_CONNECTION:
        connection.execute(pragma)
    return connection


def _begin(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)


def _limit_waiting(connection: Any) -> None:
    """Wait for a lock of somebody else's as long as on SQLite; without this PostgreSQL waits for ever."""
    connection.autocommit = True
    connection.execute(f"SET lock_timeout = {int(BUSY_SECONDS * 1000)}")
    connection.autocommit = False
