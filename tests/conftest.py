"""Fixtures for every test: a fixed moment, real databases in a temporary directory, an opened service."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import create_engine, make_url
from sqlalchemy.orm import Session

from api import metadata
from api.app import create_app
from api.context import Service
from api.database import create_missing
from api.engines import sqlite_engine
from api.settings import Settings, read_settings
from api.startup import open_migrated, open_service, prepare
from governance.accounts import make_key
from governance.scopes import OURSELVES, Grant
from tests.mariadb import running_mariadb
from tests.openings import Watch, watched
from tests.postgres import running_postgres

# No test is timed, however busy the machine is.
hypothesis_settings.register_profile(
    "untimed", hypothesis_settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("untimed")

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
KeyOf = Callable[..., dict[str, str]]


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The moment that was set."""
        return self.now


@pytest.fixture(autouse=True)
def openings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Every opening of a lead's fields, in every test, was announced by a committed entry of its own."""
    yield from watched(monkeypatch)


@pytest.fixture
def now() -> datetime:
    """A Tuesday morning."""
    return NOW


@pytest.fixture
def clock(now: datetime) -> Clock:
    """The clock of `service`; set `clock.now` to move it."""
    return Clock(now)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an empty home in the test's directory."""
    return read_settings({"LEADWARDEN_HOME": str(tmp_path / "home")})


@pytest.fixture
def main_session(tmp_path: Path) -> Iterator[Session]:
    """A session on a main database with every table; whatever is not committed is rolled back."""
    yield from _session(tmp_path / "main_session.db", "main")


@pytest.fixture
def keys_session(tmp_path: Path) -> Iterator[Session]:
    """A session on a key store with every table."""
    yield from _session(tmp_path / "keys_session.db", "keys")


@pytest.fixture
def service(settings: Settings, clock: Clock) -> Iterator[Service]:
    """An opened service over SQLite files, with every table and nothing in them, not even in the trail."""
    prepare(settings)
    create_tables(settings)
    opened = open_service(settings, clock)
    yield opened
    opened.close()


@pytest.fixture
def started(settings: Settings, clock: Clock) -> Iterator[Service]:
    """A service as a first start leaves it: migrated, its log key announced, its rulebook published."""
    opened = open_migrated(settings, clock)
    yield opened
    opened.close()


@pytest.fixture
def app(service: Service) -> Flask:
    """The app around `service`."""
    return create_app(service)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of `app`."""
    return app.test_client()


@pytest.fixture
def key_of(service: Service, now: datetime) -> KeyOf:
    """Makes a key with the given scopes (and bindings); gives its Authorization header."""

    def make(
        *scopes: str, purposes: list[str] | None = None, channels: list[str] | None = None
    ) -> dict[str, str]:
        grant = Grant(
            frozenset(scopes),
            None if purposes is None else frozenset(purposes),
            None if channels is None else frozenset(channels),
        )
        made = service.main.write(lambda session: make_key(session, "test", grant, maker=OURSELVES, now=now))
        return {"Authorization": f"Bearer {made.token}"}

    return make


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a real PostgreSQL server's maintenance database."""
    yield from running_postgres()


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    """The URL of a real MariaDB server, as an account that may do everything."""
    yield from running_mariadb()


@pytest.fixture
def fresh_postgres(postgres_url: str) -> Iterator[str]:
    """The URL of an empty database of its own on that server."""
    name = f"test_{uuid.uuid4().hex}"
    server = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


@pytest.fixture
def on_postgres(fresh_postgres: str, tmp_path: Path, clock: Clock) -> Iterator[Service]:
    """A service whose main database is a PostgreSQL."""
    home = {"LEADWARDEN_HOME": str(tmp_path / "home"), "LEADWARDEN_DATABASE_URL": fresh_postgres}
    settings = read_settings(home)
    prepare(settings)
    create_tables(settings)
    opened = open_service(settings, clock)
    yield opened
    opened.close()


def create_tables(settings: Settings) -> None:
    """Every table of both databases, as the migrations make them."""
    for url, metadatas in ((settings.database_url, metadata.MAIN), (settings.keys_url, metadata.KEYS)):
        engine = create_engine(url)
        for each in metadatas:
            each.create_all(engine)
        engine.dispose()


def _session(path: Path, which: str) -> Iterator[Session]:
    create_missing(f"sqlite:///{path}")
    engine = sqlite_engine(path, begin="BEGIN IMMEDIATE")
    for each in metadata.MAIN if which == "main" else metadata.KEYS:
        each.create_all(engine)
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()
