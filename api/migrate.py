"""Brings a database to the newest schema; safe when several processes start at once.

On SQLite the whole upgrade runs under BEGIN IMMEDIATE. On a server it runs under a row lock on a one-row
table, which every PG-wire database knows, unlike advisory locks.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, MetaData, create_engine
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from api import metadata
from api.engines import is_sqlite, sqlite_engine, sqlite_path, translated
from api.errors import DatabaseUnavailableError

FOLDER = Path(__file__).parent / "migrations"
_ONE = threading.Lock()  # alembic keeps its state in its modules
LOCK_TABLE = "migration_lock"
_LOCK = (
    "CREATE TABLE IF NOT EXISTS migration_lock (id INTEGER PRIMARY KEY)",
    "INSERT INTO migration_lock (id) VALUES (1) ON CONFLICT DO NOTHING",
)


@dataclass(frozen=True, slots=True)
class Chain:
    """One database's revisions."""

    name: str
    metadata: tuple[MetaData, ...]

    @property
    def version_table(self) -> str:
        """Where the database keeps its revision."""
        return f"migrations_{self.name}"

    def owns(self, name: str | None, kind: str, _parents: object) -> bool:
        """Whether a table that alembic found is of this chain."""
        return kind != "table" or name not in {LOCK_TABLE, self.version_table}


MAIN = Chain("main", metadata.MAIN)
KEYS = Chain("keys", metadata.KEYS)


def upgrade(url: str, chain: Chain, revision: str = "head") -> None:
    """Run the revisions that are missing, up to `revision`.

    Raises:
        DatabaseUnavailableError: the database can not be used, or has a revision that is not known here.
    """
    try:
        with _ONE, _alone(url) as connection:
            command.upgrade(_config(connection, chain), revision)
    except DBAPIError as error:
        raise translated(error) from error
    except CommandError as error:
        raise DatabaseUnavailableError(
            "the database has the schema of another version of this program"
        ) from error


def check_current(url: str, chain: Chain) -> None:
    """Go on only if the database has the newest schema.

    Raises:
        DatabaseUnavailableError: it has another; `leadwarden db upgrade` brings it up.
    """
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            options = {"version_table": chain.version_table}
            found = MigrationContext.configure(connection, opts=options).get_current_revision()
            newest = ScriptDirectory.from_config(_config(connection, chain)).get_current_head()
    except DBAPIError as error:
        raise translated(error) from error
    finally:
        engine.dispose()
    if found != newest:
        raise DatabaseUnavailableError("the database has another schema; run `leadwarden db upgrade`")


@contextmanager
def _alone(url: str) -> Iterator[Connection]:
    """A transaction that no other upgrade shares its time with; committed at the end."""
    engine = _engine(url)
    try:
        if not is_sqlite(url):
            _make_lock(engine)
        with engine.begin() as connection:
            if not is_sqlite(url):
                connection.exec_driver_sql("SELECT id FROM migration_lock FOR UPDATE")
            yield connection
    finally:
        engine.dispose()


def _engine(url: str) -> Engine:
    if is_sqlite(url):
        return sqlite_engine(sqlite_path(url), begin="BEGIN IMMEDIATE")
    return create_engine(url, hide_parameters=True, isolation_level="READ COMMITTED")


def _make_lock(engine: Engine) -> None:
    """The lock's table and row; of several who make them at once, all but one find them made."""
    for statement in _LOCK:
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql(statement)
        except (IntegrityError, ProgrammingError):  # PostgreSQL checks for the table before it locks the name
            with engine.begin() as connection:
                connection.exec_driver_sql(statement)


def _config(connection: Connection, chain: Chain) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("version_locations", str(FOLDER / f"versions_{chain.name}").replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes.update(connection=connection, chain=chain)
    return config
