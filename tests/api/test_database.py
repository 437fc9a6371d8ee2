"""Both kinds of database keep the same promises: snapshots, commits, retries, outages."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, make_url, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from api.database import Database, PostgresDatabase, create_missing, open_database
from api.errors import DatabaseUnavailableError
from audit.statements import HeldInsert


class Base(DeclarativeBase):
    """A schema of one table."""


class CountRow(Base):
    """A counter by name."""

    __tablename__ = "counts"

    name: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An open database of each kind, with the table and one counter at 0."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'counts.db'}"
        create_missing(url)
    else:
        url = request.getfixturevalue("fresh_postgres")
    found = counting(url)
    yield found
    found.close()


def counting(url: str) -> Database:
    """An open database with the table and one counter at 0."""
    found = open_database(url)
    found.write(lambda session: Base.metadata.create_all(session.connection()))
    found.write(lambda session: session.add(CountRow(name="one", number=0)))
    return found


def number(session: Session) -> int:
    """Where the counter stands."""
    return session.scalars(select(CountRow.number).where(CountRow.name == "one")).one()


def add_one(session: Session) -> int:
    """Read, then write: what collides when two do it at once."""
    row = session.get_one(CountRow, "one")
    row.number += 1
    return row.number


def test_a_read_sees_what_was_committed_before(database: Database) -> None:
    """On the same thread, through a connection that is held between reads."""
    for expected in (1, 2, 3):
        database.write(add_one)
        with database.read() as session:
            assert number(session) == expected


def test_a_read_is_one_snapshot(database: Database) -> None:
    """A commit in the middle does not show; the next read has it."""
    with database.read() as session:
        before = number(session)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(database.write, add_one).result()
        assert number(session) == before == 0
    with database.read() as session:
        assert number(session) == 1


def test_a_read_inside_a_read_has_a_connection_of_its_own(database: Database) -> None:
    """The inner one ends without ending the outer one's snapshot."""
    with database.read() as outer:
        assert number(outer) == 0
        with database.read() as inner:
            assert number(inner) == 0
        assert number(outer) == 0


def test_a_reader_can_not_write(database: Database) -> None:
    """A change outside `write` is refused by the database itself."""
    with pytest.raises(DatabaseUnavailableError), database.read() as session:
        session.execute(text("UPDATE counts SET number = 9"))
    with database.read() as session:
        assert number(session) == 0


def test_read_modify_write_from_many_threads_loses_nothing(database: Database) -> None:
    """SQLite has one writer; PostgreSQL tries collided transactions again."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: [database.write(add_one) for _ in range(5)], range(4)))

    with database.read() as session:
        assert number(session) == 20


Work = Callable[[Connection, Sequence[int]], Sequence[Any]]


def add_each(connection: Connection, steps: Sequence[int]) -> list[tuple[int, int]]:
    """Read, then write, for many at once: how many ran together, and where each left the counter."""
    before = connection.execute(select(CountRow.number)).scalar_one()
    if min(steps) < 0:
        raise ValueError("a counter does not go back")
    connection.execute(update(CountRow).values(number=before + sum(steps)))
    return [(len(steps), before + sum(steps[: place + 1])) for place in range(len(steps))]


def ask_together(
    database: Database,
    steps: Sequence[int],
    work: Callable[[Connection, Sequence[int]], Sequence[Any]] = add_each,
) -> list[Future[Any]]:
    """Callers who come while a group is held back, so that they make one."""
    began, go_on = threading.Event(), threading.Event()

    def hold(_connection: Connection, items: Sequence[None]) -> Sequence[None]:
        began.set()
        go_on.wait()
        return items

    queue = database._groups if isinstance(database, PostgresDatabase) else database._writer._groups  # type: ignore[attr-defined]  # noqa: SLF001
    with ThreadPoolExecutor(len(steps) + 1) as pool:
        pool.submit(database.write_together, hold, None)
        began.wait()
        asked = [pool.submit(database.write_together, work, step) for step in steps]
        while len(queue._waiting) < len(steps):  # noqa: SLF001 - all of them are there
            pass
        go_on.set()
    return asked


def test_items_of_callers_who_wait_share_a_transaction(database: Database) -> None:
    """Each gets its own result of the one run."""
    results = [one.result() for one in ask_together(database, [1, 2, 3])]
    assert {count for count, _ in results} == {3}
    assert max(reached for _, reached in results) == 1 + 2 + 3


def test_an_item_that_fails_takes_back_no_other(database: Database) -> None:
    """The shared run is given up and each is tried by itself: only the one at fault gets its error."""
    good, bad, other = ask_together(database, [1, -1, 2])
    assert isinstance(bad.exception(), ValueError)
    assert good.result()[0] == other.result()[0] == 1
    with database.read() as session:
        assert number(session) == 1 + 2


def test_groups_of_two_processes_that_collide_lose_nothing(fresh_postgres: str) -> None:
    """Both read and write the same row: whoever comes second is tried again as a whole."""
    first, second = counting(fresh_postgres), open_database(fresh_postgres)

    with ThreadPoolExecutor(8) as pool:
        asked = [
            pool.submit(database.write_together, add_each, 1)
            for _ in range(20)
            for database in (first, second)
        ]
        reached = sorted(one.result()[1] for one in asked)

    assert reached == list(range(1, 41))
    first.close()
    second.close()


def test_an_exception_takes_everything_back(database: Database) -> None:
    """The caller gets its own exception."""

    def fail(session: Session) -> None:
        add_one(session)
        session.flush()
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        database.write(fail)
    with database.read() as session:
        assert number(session) == 0


def test_a_broken_constraint_is_the_callers_and_hides_its_values(database: Database) -> None:
    """An integrity error is no outage; it is for the caller to understand, without parameters."""
    with pytest.raises(IntegrityError) as caught:
        database.write(lambda session: session.add(CountRow(name="one", number=31337)))

    assert "31337" not in str(caught.value)
    assert database.write(add_one) == 1


def test_rows_are_readable_after_their_session(database: Database) -> None:
    """A result may be a row: it is loaded, and nothing is expired by the commit."""
    row = database.write(lambda session: session.get_one(CountRow, "one"))

    assert (row.name, row.number) == ("one", 0)


def test_the_core_side_keeps_the_same_promises(database: Database) -> None:
    """`write_core` commits, `read_core` sees it."""
    database.write_core(lambda connection: connection.exec_driver_sql("UPDATE counts SET number = 7"))

    with database.read_core() as connection:
        assert connection.exec_driver_sql("SELECT number FROM counts").scalar_one() == 7


def test_a_savepoint_inside_a_write_takes_back_its_own_part(database: Database) -> None:
    """What imports do for each line."""

    def partly(session: Session) -> None:
        add_one(session)
        try:
            with session.begin_nested():
                session.add(CountRow(name="one", number=5))
        except IntegrityError:
            add_one(session)

    database.write(partly)

    with database.read() as session:
        assert number(session) == 2


def test_a_missing_table_is_an_outage(database: Database) -> None:
    """A database that was never migrated answers 503, not 500."""
    with pytest.raises(DatabaseUnavailableError), database.read() as session:
        session.execute(text("SELECT * FROM absent"))


def test_a_dead_server_is_an_outage() -> None:
    """Nobody listens there."""
    database = open_database("postgresql+psycopg://nobody@127.0.0.1:1/none")

    with pytest.raises(DatabaseUnavailableError):
        database.write(add_one)
    with pytest.raises(DatabaseUnavailableError):
        database.write_together(add_each, 1)
    with pytest.raises(DatabaseUnavailableError), database.read() as session:
        number(session)
    database.close()


def send_away(url: str) -> None:
    """What a restart of the server does to every connection of others."""
    engine = create_engine(make_url(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    engine.dispose()


def test_a_write_whose_connection_was_closed_meanwhile_starts_over(fresh_postgres: str) -> None:
    """After a restart of the server nobody is refused, and nothing is written twice."""
    database = counting(fresh_postgres)
    send_away(fresh_postgres)

    assert database.write(add_one) == 1
    with database.read() as session:
        assert number(session) == 1
    database.close()


def test_a_write_that_may_have_been_committed_is_not_repeated(fresh_postgres: str) -> None:
    """The connection is lost when all is done but the COMMIT: an outage, told once."""
    database = counting(fresh_postgres)
    runs = []

    def work(connection: Connection) -> None:
        runs.append(connection.exec_driver_sql("UPDATE counts SET number = number + 1").rowcount)
        send_away(fresh_postgres)

    with pytest.raises(DatabaseUnavailableError):
        database.write_core(work)
    with database.read() as session:
        assert (runs, number(session)) == ([1], 0)
    database.close()


def count_up(connection: Connection, steps: Sequence[int]) -> Sequence[int]:
    """By the driver itself, as checks write."""
    _COUNTS.one(connection, (f"by {steps}", sum(steps)))
    return steps


_COUNTS = HeldInsert(CountRow, "name", "number")


def test_items_whose_connection_was_closed_meanwhile_start_over(fresh_postgres: str) -> None:
    """Also where the driver is spoken to directly, and the engine does not see that it is gone."""
    database = open_database(fresh_postgres)
    database.write(lambda session: Base.metadata.create_all(session.connection()))
    send_away(fresh_postgres)

    assert database.write_together(count_up, 1) == 1
    with database.read() as session:
        assert session.scalars(select(CountRow.number)).all() == [1]
    database.close()


def test_a_group_that_may_have_been_committed_is_not_repeated(fresh_postgres: str) -> None:
    """The connection is lost when all is done but the COMMIT: all are refused, and nothing runs again."""
    database = counting(fresh_postgres)
    runs = []

    def work(connection: Connection, steps: Sequence[int]) -> Sequence[int]:
        runs.append(len(add_each(connection, steps)))
        send_away(fresh_postgres)
        return steps

    asked = ask_together(database, [1, 2, 3], work)
    errors = [one.exception() for one in asked]
    assert {type(error) for error in errors} == {DatabaseUnavailableError}
    assert len({id(error) for error in errors}) == len(errors)
    with database.read() as session:
        assert (runs, number(session)) == ([3], 0)
    database.close()


def test_a_server_whose_connections_are_all_in_use_is_an_outage(
    fresh_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For who reads and who writes: a clear refusal in place of an error of the pool."""
    for name, value in (("POOL_SIZE", 1), ("OVERFLOW", 0), ("BUSY_SECONDS", 0.05)):
        monkeypatch.setattr(f"api.engines.{name}", value)
    database = open_database(fresh_postgres)
    with database.read_core(), pytest.raises(DatabaseUnavailableError), database.read_core():
        pass

    def inside(connection: Connection) -> None:
        connection.execute(text("SELECT 1"))
        with pytest.raises(DatabaseUnavailableError):
            database.write_core(inside)
        with pytest.raises(DatabaseUnavailableError):
            database.write_together(count_up, 1)

    database.write_core(inside)
    database.close()


def test_a_missing_file_is_an_outage_for_readers_too(tmp_path: Path) -> None:
    """Also for a thread that holds a connection to the file that was there."""
    path = tmp_path / "away.db"
    create_missing(f"sqlite:///{path}")
    database = open_database(f"sqlite:///{path}")
    with database.read() as session:
        session.execute(text("SELECT 1"))
    path.rename(tmp_path / "elsewhere.db")

    with pytest.raises(DatabaseUnavailableError), database.read() as session:
        session.execute(text("SELECT 1"))
    database.close()


def test_scrubbing_leaves_no_deleted_row_behind(tmp_path: Path) -> None:
    """Neither the database nor its write-ahead file holds the bytes of a deleted row."""
    path = tmp_path / "scrub.db"
    create_missing(f"sqlite:///{path}")
    database = open_database(f"sqlite:///{path}")
    database.write(lambda session: Base.metadata.create_all(session.connection()))
    database.write(lambda session: session.add(CountRow(name="canary-row", number=1)))
    database.write(lambda session: session.delete(session.get_one(CountRow, "canary-row")))
    database.scrub()

    kept = b"".join(file.read_bytes() for file in tmp_path.glob("scrub.db*"))
    assert b"canary-row" not in kept
    database.close()


def test_threads_that_ended_leave_nothing_open(tmp_path: Path) -> None:
    """A held connection goes back to the pool with its thread."""
    path = tmp_path / "threads.db"
    create_missing(f"sqlite:///{path}")
    database = open_database(f"sqlite:///{path}")

    def read() -> None:
        with database.read() as session:
            session.execute(text("SELECT 1"))

    for _ in range(40):
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    database.close()
