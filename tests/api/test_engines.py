"""Engines: explicit transactions, no file made by accident, outages told apart from our faults."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError

from api.engines import (
    checkpoint,
    create_file,
    identity_of,
    is_outage,
    is_sqlite,
    postgres_engine,
    sqlite_engine,
    sqlite_path,
    translated,
)
from api.errors import DatabaseUnavailableError

CANARY = "jane.doe@example.com"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with one table, in a directory whose name needs quoting."""
    folder = tmp_path / "a b?c#d%20"
    folder.mkdir()
    create_file(folder / "main.db")
    with writing(folder / "main.db").begin() as connection:
        connection.execute(text("CREATE TABLE kept (word TEXT UNIQUE NOT NULL)"))
    return folder / "main.db"


def writing(path: Path) -> Engine:
    """An engine as the writer has it."""
    return sqlite_engine(path, begin="BEGIN IMMEDIATE")


def test_urls_say_which_kind_and_where() -> None:
    """Four slashes are an absolute path."""
    assert is_sqlite("sqlite:////var/lib/x.db")
    assert not is_sqlite("postgresql+psycopg://db/x")
    assert sqlite_path("sqlite:////var/lib/x.db") == Path("/var/lib/x.db")


def test_a_new_file_is_its_owners_alone_and_an_old_one_is_left(path: Path) -> None:
    """Made twice, it still holds its table."""
    create_file(path)
    with sqlite3.connect(path) as connection:
        [(name,)] = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    connection.close()

    assert name == "kept"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_missing_file_is_an_outage_and_is_not_made(tmp_path: Path) -> None:
    """An empty database would say that nobody ever objected."""
    engine = sqlite_engine(tmp_path / "gone.db", begin="BEGIN")
    with pytest.raises(OperationalError) as caught, engine.connect():
        pass

    assert is_outage(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_reader_can_not_write(path: Path) -> None:
    """Whatever a statement says."""
    with sqlite_engine(path, begin="BEGIN", read_only=True).connect() as connection:
        with pytest.raises(DBAPIError, match="readonly"):
            connection.execute(text("INSERT INTO kept VALUES ('x')"))
        assert connection.execute(text("SELECT count(*) FROM kept")).scalar() == 0


def test_a_snapshot_does_not_move(path: Path) -> None:
    """Two reads of one transaction see the same, whatever is committed in between."""
    with sqlite_engine(path, begin="BEGIN", read_only=True).connect() as reader:
        before = reader.execute(text("SELECT count(*) FROM kept")).scalar()
        with writing(path).begin() as writer:
            writer.execute(text("INSERT INTO kept VALUES ('x')"))
        again = reader.execute(text("SELECT count(*) FROM kept")).scalar()
        reader.rollback()
        after = reader.execute(text("SELECT count(*) FROM kept")).scalar()

    assert (before, again, after) == (0, 0, 1)


def test_a_writer_takes_the_lock_when_it_begins(path: Path) -> None:
    """Else two that read before they write would both have to give up."""
    with writing(path).begin():
        other = sqlite3.connect(path, timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_no_parameter_stands_in_a_message(path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    """SQLAlchemy would add them to every error."""
    engine = writing(path) if kind == "sqlite" else postgres_engine(request.getfixturevalue("fresh_postgres"))
    with pytest.raises(DBAPIError) as caught, engine.begin() as connection:
        connection.execute(text("INSERT INTO absent VALUES (:word)"), {"word": CANARY})
    engine.dispose()

    assert "absent" in str(caught.value)
    assert CANARY not in str(caught.value)


def test_our_faults_are_not_outages(path: Path) -> None:
    """A doubled row or a wrong statement is for us to mend: trying again cures nothing."""
    ours: list[Exception] = [ValueError("x"), ProgrammingError("x", None, Exception())]
    with pytest.raises(IntegrityError) as doubled, writing(path).begin() as connection:
        connection.execute(text("INSERT INTO kept VALUES (NULL)"))

    assert [translated(error) is error for error in [*ours, doubled.value]] == [True] * 3


@pytest.mark.parametrize(
    "error", [sqlite3.OperationalError("disk I/O error"), sqlite3.DatabaseError("malformed")]
)
def test_an_outage_says_no_more_than_that(error: Exception) -> None:
    """The driver's words stay in the chain, for the log to judge."""
    found = translated(error)

    assert isinstance(found, DatabaseUnavailableError)
    assert (str(found), found.__cause__) == ("the database can not be used", error)


def test_a_table_that_is_not_there_is_an_outage_on_both(path: Path, fresh_postgres: str) -> None:
    """A database that was not migrated answers 503, not 500."""
    for engine in (writing(path), postgres_engine(fresh_postgres)):
        with pytest.raises(DBAPIError) as caught, engine.begin() as connection:
            connection.execute(text("SELECT * FROM absent"))
        engine.dispose()
        assert is_outage(caught.value)


def test_a_reader_of_a_server_can_not_write(fresh_postgres: str) -> None:
    """As with a file."""
    engine = postgres_engine(fresh_postgres, read_only=True)
    with pytest.raises(DBAPIError, match="read-only"), engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept (word TEXT)"))
    engine.dispose()


def test_a_replaced_file_has_another_identity(path: Path, tmp_path: Path) -> None:
    """So that nobody goes on reading what was moved away."""
    before = identity_of(path)
    path.rename(tmp_path / "moved.db")
    with pytest.raises(DatabaseUnavailableError):
        identity_of(path)
    create_file(path)

    assert identity_of(path) != before
    assert identity_of(tmp_path / "moved.db") == before


def test_a_checkpoint_leaves_no_deleted_row_in_any_file(path: Path) -> None:
    """Neither in the write-ahead file nor in a free cell of the database."""
    engine = writing(path)
    for statement in ("INSERT INTO kept VALUES (:word)", "DELETE FROM kept WHERE word = :word"):
        with engine.begin() as connection:
            connection.execute(text(statement), {"word": CANARY})
    files = [path, path.with_name("main.db-wal")]
    before = [file.name for file in files if CANARY.encode() in file.read_bytes()]
    engine.dispose()
    checkpoint(path)

    assert before == ["main.db-wal"]
    assert [file.name for file in files if file.exists() and CANARY.encode() in file.read_bytes()] == []
