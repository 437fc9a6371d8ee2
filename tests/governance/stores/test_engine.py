"""Databases are opened with limits, and never made by opening them."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from governance.stores import engine as engines
from governance.stores.engine import open_engine
from governance.stores.errors import StoreCode, StoreError
from governance.stores.faults import translated


@pytest.mark.parametrize("url", ["mysql://u@h", "no url", "", "sqlite://", "oracle:///x"])
def test_other_databases_are_refused(url: str) -> None:
    """By a closed code that does not repeat the address."""
    with pytest.raises(StoreError) as refused:
        open_engine(url)
    assert str(refused.value) == "mapping_invalid"


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    """An empty store would be found to hold nobody."""
    engine = open_engine(f"sqlite:///{tmp_path / 'gone.db'}")
    with pytest.raises(StoreError) as refused, translated(), engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    assert refused.value.reason is StoreCode.UNREACHABLE
    assert not (tmp_path / "gone.db").exists()


def test_a_statement_that_runs_away_is_interrupted(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many steps of the database, whatever the clock says."""
    monkeypatch.setattr(engines, "SQLITE_LOOKS", 3)
    engine = open_engine(sqlite_url)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(StoreError) as refused, translated(), engine.connect() as connection:
        connection.execute(text(endless))
    assert refused.value.reason is StoreCode.TIMED_OUT
    assert refused.value.passes
    engine.dispose()


def test_postgresql_limits_statements_and_waits(postgres_url: str) -> None:
    """By settings of the session, so that they hold for every statement."""
    engine = open_engine(postgres_url)
    with engine.connect() as connection:
        shown = [
            connection.execute(text(f"SHOW {name}")).scalar()
            for name in ("statement_timeout", "lock_timeout")
        ]
    assert shown == ["30s", "5s"]
    engine.dispose()


def test_a_writer_takes_its_lock_at_once(sqlite_url: str) -> None:
    """So that it can not find out half-way that somebody else writes."""
    engine = open_engine(sqlite_url)
    path = sqlite_url.removeprefix("sqlite:///")
    with engine.connect().execution_options(**{engines.WRITES: True}) as connection, connection.begin():
        other = sqlite3.connect(path, timeout=0)
        with pytest.raises(sqlite3.OperationalError):
            other.execute("BEGIN IMMEDIATE")
        other.close()
    engine.dispose()


def test_mariadb_limits_statements_and_waits(mariadb_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the session, strictly; a statement that takes too long is ended, and that may pass."""
    monkeypatch.setattr(engines, "STATEMENT_SECONDS", 1)
    engine = open_engine(mariadb_url)
    with engine.connect() as connection:
        names = "@@max_statement_time, @@lock_wait_timeout, @@innodb_lock_wait_timeout, @@sql_mode"
        assert tuple(connection.execute(text(f"SELECT {names}")).one()) == (
            1.0,
            5,
            5,
            "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION",
        )
    with pytest.raises(StoreError) as refused, translated(), engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM seq_1_to_1000000 a, seq_1_to_1000000 b"))
    assert refused.value.reason is StoreCode.TIMED_OUT
    engine.dispose()
