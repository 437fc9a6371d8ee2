"""Drivers' exceptions become closed codes, and their words go no further."""

import sqlite3
import traceback

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from governance.stores import engine as engines
from governance.stores.engine import open_engine
from governance.stores.errors import StoreCode, StoreError
from governance.stores.faults import code_of, translated
from tests.governance.stores.conftest import fresh_database, run_script


class PostgresLike(Exception):  # noqa: N818 - stands for a driver's
    """Carries a SQLSTATE, as psycopg's do."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("Key (email)=(jane@acme.example) already exists")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("57014", StoreCode.TIMED_OUT),
        ("55P03", StoreCode.LOCKED),
        ("40001", StoreCode.LOCKED),
        ("42P01", StoreCode.TABLE_MISSING),
        ("42703", StoreCode.COLUMN_MISSING),
        ("42501", StoreCode.PERMISSION_DENIED),
        ("28P01", StoreCode.PERMISSION_DENIED),
        ("23503", StoreCode.CONSTRAINT),
        ("22001", StoreCode.MAPPING_INVALID),
        ("08006", StoreCode.UNREACHABLE),
        (None, StoreCode.UNREACHABLE),
    ],
)
def test_each_state_has_a_code(state: str | None, code: StoreCode) -> None:
    """Source: PostgreSQL, appendix A."""
    assert code is code_of(PostgresLike(state))


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("SELECT * FROM ghosts", StoreCode.TABLE_MISSING),
        ("SELECT ghost FROM t", StoreCode.COLUMN_MISSING),
        ("INSERT INTO t (ghost) VALUES (1)", StoreCode.COLUMN_MISSING),
        ("INSERT INTO t VALUES (1), (1)", StoreCode.CONSTRAINT),
    ],
)
def test_each_sqlite_error_has_a_code(sqlite_url: str, statement: str, code: StoreCode) -> None:
    """From the real driver."""
    run_script(sqlite_url, "CREATE TABLE t (id INTEGER PRIMARY KEY)")
    engine = open_engine(sqlite_url)
    with pytest.raises(StoreError) as refused, translated(), engine.connect() as connection:
        connection.execute(text(statement))
    assert code is refused.value.reason
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("SELECT * FROM ghosts", StoreCode.TABLE_MISSING),
        ("SELECT ghost FROM t", StoreCode.COLUMN_MISSING),
        ("INSERT INTO t (id) VALUES (1), (1)", StoreCode.CONSTRAINT),
        ("INSERT INTO t (id, word) VALUES (1, 'too long')", StoreCode.MAPPING_INVALID),
        ("SET STATEMENT max_statement_time = 0.1 FOR SELECT sleep(5)", StoreCode.TIMED_OUT),
    ],
)
def test_each_mariadb_error_has_a_code(mariadb_url: str, statement: str, code: StoreCode) -> None:
    """From the real driver and server."""
    for url in fresh_database(mariadb_url):
        run_script(url, "CREATE TABLE t (id INTEGER PRIMARY KEY, word VARCHAR(3))")
        engine = open_engine(url)
        with pytest.raises(StoreError) as refused, translated(), engine.connect() as connection:
            connection.execute(text(statement))
        assert code is refused.value.reason
        engine.dispose()


def test_an_account_that_may_not_is_told_so(mariadb_url: str) -> None:
    """Without the password, and without rights on the table; a server that is not there is unreachable."""
    for url in fresh_database(mariadb_url):
        run_script(url, "CREATE TABLE t (id INTEGER PRIMARY KEY)")
        run_script(url, "CREATE OR REPLACE USER nobody IDENTIFIED BY 'x';\nGRANT INSERT ON t TO nobody")
        parsed = make_url(url).set(username="nobody", password="x")
        assert _fails(parsed, "DELETE FROM t") is StoreCode.PERMISSION_DENIED
        assert _fails(parsed.set(password="wrong"), "SELECT 1") is StoreCode.PERMISSION_DENIED
        assert _fails(parsed.set(port=1), "SELECT 1") is StoreCode.UNREACHABLE


def test_mariadb_waits_for_a_lock_only_so_long(mariadb_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else holds the row: the code says that a retry may help."""
    monkeypatch.setattr(engines, "LOCK_SECONDS", 1)
    for url in fresh_database(mariadb_url):
        run_script(url, "CREATE TABLE t (id INTEGER PRIMARY KEY);\nINSERT INTO t VALUES (1)")
        engine = open_engine(url)
        with engine.connect() as holder, holder.begin():
            holder.execute(text("DELETE FROM t"))
            assert _fails(make_url(url), "DELETE FROM t") is StoreCode.LOCKED
        engine.dispose()


def _fails(url: URL, statement: str) -> StoreCode:
    """The code with which a statement fails."""
    engine = open_engine(url.render_as_string(hide_password=False))
    with pytest.raises(StoreError) as refused, translated(), engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
    return refused.value.reason


def test_a_driver_that_says_nothing_is_unreachable() -> None:
    """An sqlite3 error without a code is one of connecting."""
    assert code_of(sqlite3.OperationalError("disk gone")) is StoreCode.UNREACHABLE
    assert code_of(None) is StoreCode.UNREACHABLE


def test_nothing_of_the_original_is_left() -> None:
    """Neither in the message nor in what is logged of the chain: drivers quote data."""
    with pytest.raises(StoreError) as refused, translated():
        raise OperationalError("SELECT", {}, PostgresLike("23505"))
    assert "already exists" not in "".join(traceback.format_exception(refused.value))
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    ("error", "code"),
    [(PoolTimeoutError(), StoreCode.TIMED_OUT), (ArgumentError("x"), StoreCode.MAPPING_INVALID)],
)
def test_the_librarys_own_errors_have_codes(error: Exception, code: StoreCode) -> None:
    """Waiting for a connection, and a statement that can not be made."""
    with pytest.raises(StoreError) as refused, translated():
        raise error
    assert code is refused.value.reason
