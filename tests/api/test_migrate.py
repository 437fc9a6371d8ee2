"""Migrations: what they make is what the tables say, however many start at once."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, MetaData, create_engine, inspect

from api.database import create_missing
from api.errors import DatabaseUnavailableError
from api.migrate import KEYS, MAIN, Chain, check_current, upgrade


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "postgresql":
        found: str = request.getfixturevalue("fresh_postgres")
        return found
    create_missing(f"sqlite:///{tmp_path / 'empty.db'}")
    return f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """A plain engine on it."""
    found = create_engine(url)
    yield found
    found.dispose()


@pytest.mark.parametrize("chain", [MAIN, KEYS], ids=["main", "keys"])
def test_the_migrated_schema_is_that_of_the_tables(url: str, engine: Engine, chain: Chain) -> None:
    """Tables, columns, types, indexes: nothing to add, nothing to drop."""
    upgrade(url, chain)
    upgrade(url, chain)
    options = {"version_table": chain.version_table, "include_name": chain.owns, "compare_type": True}
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        tables = cast("MetaData", list(chain.metadata))  # alembic takes several, and is typed for one
        differences = compare_metadata(context, tables)

    assert differences == []


@pytest.mark.parametrize("chain", [MAIN, KEYS], ids=["main", "keys"])
def test_every_table_has_a_primary_key_and_no_foreign_key_to_another_package(
    url: str, engine: Engine, chain: Chain
) -> None:
    """What distributed databases need, and what keeps packages apart."""
    upgrade(url, chain)
    inspector = inspect(engine)
    owner = {name: number for number, each in enumerate(chain.metadata) for name in each.tables}
    for table, package in owner.items():
        assert inspector.get_pk_constraint(table)["constrained_columns"]
        for key in inspector.get_foreign_keys(table):
            assert owner[key["referred_table"]] == package


def test_many_starts_at_once_migrate_once(url: str, engine: Engine) -> None:
    """No advisory lock, no error, one version row."""
    code = "import sys; from api.migrate import KEYS, upgrade; upgrade(sys.argv[1], KEYS)"
    started = [subprocess.Popen([sys.executable, "-c", code, url]) for _ in range(3)]
    codes = [process.wait() for process in started]
    with engine.connect() as connection:
        versions = connection.exec_driver_sql("SELECT version_num FROM migrations_keys").all()

    assert (codes, len(versions)) == ([0, 0, 0], 1)


def test_a_database_that_was_not_migrated_is_told(url: str) -> None:
    """An outage, with the command that helps."""
    with pytest.raises(DatabaseUnavailableError, match="leadwarden db upgrade"):
        check_current(url, MAIN)
    upgrade(url, MAIN)
    check_current(url, MAIN)


def test_a_server_that_is_away_is_an_outage() -> None:
    """And not a traceback."""
    with pytest.raises(DatabaseUnavailableError):
        upgrade("postgresql+psycopg://nobody@127.0.0.1:1/none", MAIN)
    with pytest.raises(DatabaseUnavailableError):
        check_current("postgresql+psycopg://nobody@127.0.0.1:1/none", MAIN)


def test_a_database_of_the_first_revision_is_brought_up_with_its_rows(url: str, engine: Engine) -> None:
    """What was there stays as it was; what is new is empty."""
    upgrade(url, MAIN, "0001")
    rows = "(request_id, store, round, counts, sealed, at) VALUES ('r', 'crm', 1, '{}', '', 7)"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO privacy_request_found {rows}")
    with pytest.raises(DatabaseUnavailableError, match="leadwarden db upgrade"):
        check_current(url, MAIN)
    upgrade(url, MAIN)
    check_current(url, MAIN)
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT request_id, at FROM privacy_request_found").all()
        assert connection.exec_driver_sql("SELECT count(*) FROM privacy_request_errand").scalar() == 0
    assert found == [("r", 7)]
