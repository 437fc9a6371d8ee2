"""Opens a store's database: limits on time and locks, and never a file that was not there."""

import sqlite3
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from governance.stores.errors import StoreCode, StoreError
from governance.stores.tails import lend

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 30
LOCK_SECONDS = 5
POOL = 8
SQLITE_STEPS = 100_000
"""Virtual-machine steps between two looks of SQLite at the limit below."""
SQLITE_LOOKS = 20_000
"""Looks before a statement is interrupted: 2e9 steps, about half a minute of one core."""
WRITES = "leadwarden_writes"


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///PATH`, `postgresql://…`, `mariadb://…`, `mysql://…`; connects to nothing yet.

    Raises:
        StoreError: `mapping_invalid` for any other URL.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is not None and parsed.get_backend_name() == "sqlite" and parsed.database:
        return _sqlite(parsed.database)
    if parsed is not None and parsed.get_backend_name() in {"postgresql", "postgres"}:
        return _postgres(parsed)
    if parsed is not None and parsed.get_backend_name() in {"mariadb", "mysql"} and parsed.database:
        return _mariadb(parsed)
    raise StoreError(StoreCode.MAPPING_INVALID)


def _postgres(url: URL) -> Engine:
    options = (
        f"-c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout={LOCK_SECONDS}s"
        f" -c idle_in_transaction_session_timeout={2 * STATEMENT_SECONDS}s"
        # A policy that would hide rows is an error then: what is hidden must not be found to be nothing.
        " -c row_security=off"
    )
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "tcp_user_timeout": STATEMENT_SECONDS * 1000,
            "options": options,
            "application_name": "leadwarden",
        },
        pool_size=POOL,
        pool_timeout=STATEMENT_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
    )


def _mariadb(url: URL) -> Engine:
    # The driver waits a little longer than the server, so that a statement's end is told by the server.
    patience = STATEMENT_SECONDS + CONNECT_SECONDS
    engine = create_engine(
        url.set(drivername=f"{url.get_backend_name()}+pymysql"),
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "read_timeout": patience,
            "write_timeout": patience,
            "charset": "utf8mb4",
            "program_name": "leadwarden",
        },
        pool_size=POOL,
        pool_timeout=STATEMENT_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _limit_session)
    return engine


def _limit_session(connection: Any, _record: Any) -> None:
    """Limits of the session. Strict, for a server that cuts what is too long would report it as written.

    The comments are code: the first for MariaDB, the other for MySQL from 5.7.8, which MariaDB skips.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET SESSION innodb_lock_wait_timeout = {LOCK_SECONDS}, lock_wait_timeout = {LOCK_SECONDS},"
            " sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'"
            f" /*M!100101 , max_statement_time = {STATEMENT_SECONDS} */"
            f" /*!50708 , max_execution_time = {STATEMENT_SECONDS * 1000} */"
        )


def _sqlite(path: str) -> Engine:
    def connect() -> sqlite3.Connection:
        # mode=rw: a store whose file is gone is unreachable, not a new and empty store that holds nobody.
        connection = sqlite3.connect(
            f"file:{quote(path)}?mode=rw",
            uri=True,
            timeout=LOCK_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.execute("PRAGMA foreign_keys = ON")
        lend(connection)
        return connection

    engine = create_engine(
        "sqlite://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=POOL,
        pool_timeout=STATEMENT_SECONDS,
        hide_parameters=True,
    )
    event.listen(engine, "begin", _begin)
    event.listen(engine, "before_cursor_execute", _limit)
    return engine


def _begin(connection: Connection) -> None:
    """The driver is told to begin nothing itself; a writer takes its lock at once, not half-way."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _limit(connection: Connection, *_rest: Any) -> None:
    """Counts steps rather than seconds: a statement that runs away is interrupted on any clock."""
    looks = iter(range(SQLITE_LOOKS))
    driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(lambda: next(looks, None) is None, SQLITE_STEPS)
