"""The group-committing writer: what a caller is promised, under failure and from many threads."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from api.engines import create_file
from api.errors import DatabaseClosedError, DatabaseUnavailableError
from api.writer import Writer
from tests.immutable import immutable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with one table."""
    found = tmp_path / "writer.db"
    create_file(found)
    with sqlite3.connect(found) as connection:
        connection.execute("CREATE TABLE notes (word TEXT UNIQUE)")
    connection.close()
    return found


@pytest.fixture
def writer(path: Path) -> Iterator[Writer]:
    """A writer that is closed at the end."""
    found = Writer(path)
    yield found
    found.close()


def words(path: Path) -> set[str]:
    """What another process sees."""
    connection = sqlite3.connect(path)
    found = {row[0] for row in connection.execute("SELECT word FROM notes")}
    connection.close()
    return found


def insert(connection: Connection, word: str) -> str:
    """Write one word and give it back."""
    connection.exec_driver_sql("INSERT INTO notes VALUES (?)", (word,))
    return word


def test_a_write_returns_its_result_after_its_commit(writer: Writer, path: Path) -> None:
    """When `write` is back, another process sees the row."""
    assert writer.write(lambda connection: insert(connection, "one")) == "one"
    assert words(path) == {"one"}


def test_a_failing_closure_takes_back_only_itself(writer: Writer, path: Path) -> None:
    """Its caller gets the exception; a neighbour of the same group is committed."""
    gate = threading.Event()

    def hold(_connection: Connection) -> None:
        gate.wait()

    def fail(connection: Connection) -> None:
        insert(connection, "broken")
        raise KeyError("mine")

    with ThreadPoolExecutor(4) as pool:
        held = pool.submit(writer.write, hold)  # the next three queue up behind it as one group
        before = pool.submit(writer.write, lambda connection: insert(connection, "before"))
        failed = pool.submit(writer.write, fail)
        after = pool.submit(writer.write, lambda connection: insert(connection, "after"))
        gate.set()

        assert isinstance(failed.exception(), KeyError)
        assert (held.result(), before.result(), after.result()) == (None, "before", "after")
    assert words(path) == {"before", "after"}


def test_waiting_closures_share_a_transaction(writer: Writer) -> None:
    """What queued up behind a running group runs together: each sees the work of those before it."""
    gate, started = threading.Event(), threading.Event()
    seen: list[int] = []

    def hold(_connection: Connection) -> None:
        started.set()
        gate.wait()

    def look(connection: Connection) -> None:
        number = len(seen)
        insert(connection, f"word {number}")
        seen.append(connection.exec_driver_sql("SELECT COUNT(*) FROM notes").scalar_one())

    def uncommitted(connection: Connection) -> tuple[int, int]:
        path = connection.exec_driver_sql("PRAGMA database_list").all()[0][2]
        return len(seen), len(words(Path(path)))

    with ThreadPoolExecutor(8) as pool:
        pool.submit(writer.write, hold)
        started.wait()
        for queued, work in enumerate([look] * 5 + [uncommitted], start=1):
            last = pool.submit(writer.write, work)
            while len(writer._groups._waiting) < queued:  # noqa: SLF001 - queued in a known order
                pass
        gate.set()

        assert last.result() == (5, 0)
    assert seen == [1, 2, 3, 4, 5]


def test_a_lost_transaction_is_run_again_closure_by_closure(writer: Writer, path: Path) -> None:
    """When SQLite rolls back everything, those who did nothing wrong still get their commit."""
    gate, started = threading.Event(), threading.Event()

    def hold(_connection: Connection) -> None:
        started.set()
        gate.wait()

    def lose(connection: Connection) -> None:
        connection.exec_driver_sql("ROLLBACK")
        raise ValueError("lost")

    with ThreadPoolExecutor(4) as pool:
        pool.submit(writer.write, hold)
        started.wait()
        good = pool.submit(writer.write, lambda connection: insert(connection, "good"))
        bad = pool.submit(writer.write, lose)
        gate.set()

        assert good.result() == "good"
        assert isinstance(bad.exception(), ValueError)
    assert words(path) == {"good"}


def test_sixteen_threads_lose_nothing(writer: Writer, path: Path) -> None:
    """Every write that returned is there, once."""

    def work(thread: int) -> list[str]:
        return [writer.write(partial(insert, word=f"{thread}-{n}")) for n in range(25)]

    with ThreadPoolExecutor(16) as pool:
        written = [word for some in pool.map(work, range(16)) for word in some]

    assert len(written) == 400
    assert words(path) == set(written)


def test_a_locked_database_is_an_outage_and_passes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another process holds the lock every caller gets 503's error; afterwards writes go on."""
    monkeypatch.setattr("api.engines._EVERY_CONNECTION", ("PRAGMA busy_timeout=20",))
    writer = Writer(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnavailableError):
        writer.write(lambda connection: insert(connection, "early"))
    other.execute("ROLLBACK")
    other.close()

    assert writer.write(lambda connection: insert(connection, "late")) == "late"
    assert words(path) == {"late"}
    writer.close()


def test_a_missing_database_is_an_outage_and_is_not_made_anew(writer: Writer, path: Path) -> None:
    """Writing into a deleted file would lose the data silently."""
    writer.write(lambda connection: insert(connection, "one"))
    path.rename(path.with_suffix(".away"))

    with pytest.raises(DatabaseUnavailableError):
        writer.write(lambda connection: insert(connection, "two"))
    assert not path.exists()

    path.with_suffix(".away").rename(path)
    writer.write(lambda connection: insert(connection, "three"))
    assert words(path) == {"one", "three"}


def test_a_connection_that_can_not_write_is_not_kept(writer: Writer) -> None:
    """SQLite opens a read-only file for reading, without a word; what follows is written on a fresh one."""
    writer.write(lambda connection: connection.exec_driver_sql("PRAGMA query_only=ON"))
    with pytest.raises(DatabaseUnavailableError):
        writer.write(lambda connection: insert(connection, "lost"))

    assert writer.write(lambda connection: insert(connection, "kept")) == "kept"


def test_a_file_that_may_not_be_written_is_not_opened(writer: Writer, path: Path) -> None:
    """SQLite would begin to read it without an error, and the first write after the outage would fail."""
    with immutable(path):
        for _ in range(2):
            with pytest.raises(DatabaseUnavailableError):
                writer.write(lambda _connection: "nothing was written")

    assert writer.write(lambda connection: insert(connection, "kept")) == "kept"


def test_what_was_committed_is_told_so_though_those_behind_it_meet_an_outage(
    writer: Writer, path: Path
) -> None:
    """Run one by one after a lost transaction: the file goes away between the first and the third."""
    runs: list[str] = []

    def lost(connection: Connection) -> None:
        runs.append("lost")
        if len(runs) > 1:
            path.rename(path.with_suffix(".away"))
        connection.connection.dbapi_connection.rollback()  # type: ignore[union-attr]
        raise sqlite3.OperationalError("disk I/O error")

    with held_back(writer, 3) as pool:
        first = pool.submit(writer.write, lambda connection: insert(connection, "first"))
        second = pool.submit(writer.write, lost)
        third = pool.submit(writer.write, lambda connection: insert(connection, "third"))

    assert first.result() == "first"
    assert isinstance(second.exception(), DatabaseUnavailableError)
    assert isinstance(third.exception(), DatabaseUnavailableError)
    path.with_suffix(".away").rename(path)
    assert words(path) == {"first"}


def test_an_outage_names_no_parameters(writer: Writer) -> None:
    """A driver's message never carries what was written."""
    with pytest.raises(DatabaseUnavailableError) as caught:
        writer.write(
            lambda connection: connection.exec_driver_sql("INSERT INTO gone VALUES (?)", ("canary",))
        )

    assert "canary" not in f"{caught.value!r} {caught.value.__cause__}"


def test_a_write_inside_a_write_is_refused(writer: Writer) -> None:
    """It would wait for itself for ever."""
    with pytest.raises(RuntimeError):
        writer.write(lambda _: writer.write(lambda _: None))


def test_a_closed_writer_finishes_and_then_refuses(path: Path) -> None:
    """What was asked for before `close` is committed; what comes later is an outage."""
    writer = Writer(path)
    writer.write(lambda connection: insert(connection, "one"))
    writer.close()

    with pytest.raises(DatabaseClosedError):
        writer.write(lambda connection: insert(connection, "two"))
    assert words(path) == {"one"}


@contextmanager
def held_back(writer: Writer, waiting: int) -> Iterator[ThreadPoolExecutor]:
    """What is submitted inside queues up behind a closure that ends when `waiting` jobs are there."""
    started = threading.Event()

    def hold(_connection: Connection) -> None:
        started.set()
        while len(writer._groups._waiting) < waiting:  # noqa: SLF001 - so that they come as one group
            pass

    with ThreadPoolExecutor(waiting + 1) as pool:
        pool.submit(writer.write, hold)
        started.wait()
        yield pool


def insert_all(connection: Connection, given: Sequence[str]) -> list[str]:
    """Write several words; the count of the run stands before each."""
    return [f"{len(given)} {insert(connection, word)}" for word in given]


def test_waiting_items_of_one_kind_are_done_in_one_run(writer: Writer, path: Path) -> None:
    """Each caller gets its own result; others of the group are not disturbed."""
    with held_back(writer, 4) as pool:
        shared = [pool.submit(writer.write_together, insert_all, word) for word in ("a", "b", "c")]
        other = pool.submit(writer.write, lambda connection: insert(connection, "d"))

    assert [one.result() for one in (*shared, other)] == ["3 a", "3 b", "3 c", "d"]
    assert words(path) == {"a", "b", "c", "d"}


def test_an_item_that_fails_spoils_no_other(writer: Writer, path: Path) -> None:
    """The run is taken back and each is tried by itself: only the one at fault gets its error."""
    writer.write(lambda connection: insert(connection, "taken"))
    with held_back(writer, 3) as pool:
        shared = [pool.submit(writer.write_together, insert_all, word) for word in ("a", "taken", "b")]

    assert isinstance(shared[1].exception(), IntegrityError)
    assert [shared[0].result(), shared[2].result()] == ["1 a", "1 b"]
    assert words(path) == {"taken", "a", "b"}


def test_closing_waits_for_who_is_writing(path: Path) -> None:
    """What runs when `close` is called is committed before it returns."""
    writer = Writer(path)
    started, gate = threading.Event(), threading.Event()

    def slow(connection: Connection) -> str:
        started.set()
        gate.wait()
        return insert(connection, "slow")

    with ThreadPoolExecutor(2) as pool:
        written = pool.submit(writer.write, slow)
        started.wait()
        closing = pool.submit(writer.close)
        gate.set()
        closing.result()

        assert words(path) == {"slow"}
        assert written.result() == "slow"


def test_an_interrupted_leader_leaves_nobody_waiting(writer: Writer, path: Path) -> None:
    """Those of its group get an outage, those behind it are written."""
    with held_back(writer, 2) as pool:
        broken = pool.submit(writer.write, interrupted)
        beside = pool.submit(writer.write, lambda connection: insert(connection, "beside"))

    assert isinstance(broken.exception(), KeyboardInterrupt | DatabaseClosedError)
    assert isinstance(beside.exception(), KeyboardInterrupt | DatabaseClosedError)
    assert writer.write(lambda connection: insert(connection, "behind")) == "behind"
    assert words(path) == {"behind"}


def interrupted(connection: Connection) -> None:
    """Ctrl-C in the middle of a write."""
    insert(connection, "broken")
    raise KeyboardInterrupt
