"""Real databases for the stores' tests: SQLite files, a PostgreSQL and a MariaDB of the tests' own."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

KINDS = ("sqlite", "postgresql", "mariadb")
DRIVERS = {"postgresql": "postgresql+psycopg", "mariadb": "mariadb+pymysql"}


def driven(url: str) -> URL:
    """The URL with the driver that is installed for its database."""
    parsed = make_url(url)
    return parsed.set(drivername=DRIVERS.get(parsed.get_backend_name(), parsed.drivername))


def ways(url: str) -> dict[str, str]:
    """Quotes as the SQL standard has them, so that one script serves every database."""
    return {"sql_mode": "ANSI_QUOTES,STRICT_ALL_TABLES"} if url.startswith("mariadb") else {}


def run_script(url: str, script: str) -> None:
    """Runs statements that are parted by a semicolon at the end of a line."""
    engine = create_engine(driven(url), connect_args=ways(url))
    with engine.begin() as connection:
        for statement in script.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    engine.dispose()


def rows_of(url: str, statement: str) -> list[tuple[object, ...]]:
    """What a query gives, as plain tuples."""
    engine = create_engine(driven(url), connect_args=ways(url))
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(statement))]
    engine.dispose()
    return found


@pytest.fixture(params=KINDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "store.db"
        path.touch()
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres_url" if request.param == "postgresql" else "mariadb_url")
    yield from fresh_database(server)


def fresh_database(server: str) -> Iterator[str]:
    """A database of its own on one of the tests' servers, dropped afterwards."""
    admin = create_engine(driven(server), isolation_level="AUTOCOMMIT")
    name = f"store_{uuid.uuid4().hex[:12]}"
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    force = " WITH (FORCE)" if admin.dialect.name == "postgresql" else ""
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name}{force}")
    admin.dispose()


@pytest.fixture
def mariadb(mariadb_url: str) -> Iterator[str]:
    """An empty database on MariaDB, where the kind makes a difference."""
    yield from fresh_database(mariadb_url)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An empty SQLite database, where the kind makes no difference."""
    path = tmp_path / "plain.db"
    path.touch()
    return f"sqlite:///{path}"
