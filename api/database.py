"""Databases as the rest of `api` sees them: snapshot reads, and writes that return after their COMMIT."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from api.engines import (
    checkpoint,
    create_file,
    identity_of,
    is_lost,
    is_sqlite,
    postgres_engine,
    sqlite_engine,
    sqlite_path,
    translated,
)
from api.errors import DatabaseUnavailableError
from api.groups import Groups
from api.jobs import Job, SharedJob, bundles, run_items, share_out
from api.writer import Writer

Item = TypeVar("Item")
T = TypeVar("T")
TRIES = 10
RETRIED = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
FIRST_PAUSE_SECONDS = 0.005
LONGEST_PAUSE_SECONDS = 0.25


class Database(Protocol):
    """One database: the main one, or the key store. Each of its two sides commits by itself."""

    def read(self) -> AbstractContextManager[Session]:
        """A session on one snapshot; it sees every commit that finished before."""

    def read_core(self) -> AbstractContextManager[Connection]:
        """The same without the ORM, for the hot path."""

    def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` in a transaction and return its result after COMMIT; an exception takes all of it back.

        `work` may run more than once: it has no effect outside the session, does no network or store work,
        and does not call `write` of the same database.

        Raises:
            DatabaseUnavailableError: nothing was committed.
        """

    def write_core(self, work: Callable[[Connection], T]) -> T:
        """The same without the ORM, for the hot path."""

    def write_together(self, work: Callable[[Connection, Sequence[Item]], Sequence[T]], item: Item) -> T:
        """As `write_core`, for a `work` that does many items at once with the statements of one.

        Callers that wait at the same moment, and give the very same `work`, may share one run of it.
        """

    def scrub(self) -> None:
        """Leave no deleted row behind in a write-ahead file of ours; a server looks after its own."""

    def close(self) -> None:
        """Finish running writes and let every connection go."""


class SqliteDatabase:
    """A file: one writer with group commit, one held reading connection a thread."""

    def __init__(self, url: str) -> None:
        self._path = sqlite_path(url)
        self._writer = Writer(self._path)
        self._engine = sqlite_engine(self._path, begin="BEGIN", read_only=True)
        self._held = threading.local()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """See `Database.read`."""
        with self.read_core() as connection, Session(connection, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def read_core(self) -> Iterator[Connection]:
        """See `Database.read_core`. A read inside a read of the same thread takes a connection of its own."""
        reader = self._take()
        try:
            yield reader.connection
        except DBAPIError as error:
            raise translated(error) from error
        finally:
            self._give_back(reader)

    def write(self, work: Callable[[Session], T]) -> T:
        """See `Database.write`."""
        return self._writer.write(lambda connection: _in_session(connection, work))

    def write_core(self, work: Callable[[Connection], T]) -> T:
        """See `Database.write_core`."""
        return self._writer.write(work)

    def write_together(self, work: Callable[[Connection, Sequence[Item]], Sequence[T]], item: Item) -> T:
        """See `Database.write_together`."""
        return self._writer.write_together(work, item)

    def scrub(self) -> None:
        """See `Database.scrub`."""
        checkpoint(self._path)

    def close(self) -> None:
        """See `Database.close`."""
        self._writer.close()
        self._held = threading.local()
        self._engine.dispose()

    def _take(self) -> "_Reader":
        """This thread's reader, or a new one when it is in use or its file was replaced."""
        file = identity_of(self._path)
        reader: _Reader | None = getattr(self._held, "reader", None)
        self._held.reader = None
        if reader is not None and reader.file == file:
            return reader
        try:
            return _Reader(self._engine.connect(), file)
        except DBAPIError as error:
            raise translated(error) from error

    def _give_back(self, reader: "_Reader") -> None:
        """End the snapshot; the next read of this thread goes on with the same connection."""
        reader.connection.rollback()
        if getattr(self._held, "reader", None) is None:
            self._held.reader = reader
        else:
            reader.connection.close()


@dataclass(frozen=True, slots=True)
class _Reader:
    """A held connection, and the file that it reads."""

    connection: Connection
    file: tuple[int, int]


class _LostError(Exception):
    """A pooled connection was closed while nobody used it."""


class PostgresDatabase:
    """A server: pooled connections, serialisable writes that are tried again when they collide."""

    def __init__(self, url: str) -> None:
        self._writers = postgres_engine(url)
        self._readers = postgres_engine(url, read_only=True)
        self._groups = Groups(self._commit)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """See `Database.read`."""
        with self.read_core() as connection, Session(connection, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def read_core(self) -> Iterator[Connection]:
        """See `Database.read_core`."""
        try:
            with self._readers.connect() as connection:
                yield connection
        except (DBAPIError, PoolTimeoutError) as error:
            raise translated(error) from error

    def write(self, work: Callable[[Session], T]) -> T:
        """See `Database.write`."""
        return self.write_core(lambda connection: _in_session(connection, work))

    def write_core(self, work: Callable[[Connection], T]) -> T:
        """See `Database.write_core`."""
        pause = FIRST_PAUSE_SECONDS
        for _ in range(TRIES):
            try:
                return self._attempted(work)
            except _LostError:  # a restarted server has closed every other connection as well
                self._writers.dispose()
                continue
            except PoolTimeoutError as error:
                raise translated(error) from error
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in RETRIED:
                    raise translated(error) from error
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads colliding callers
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        raise DatabaseUnavailableError("the transaction collided with others too often")

    def _attempted(self, work: Callable[[Connection], T]) -> T:
        """`work`, committed.

        Raises:
            _LostError: the connection was gone before the COMMIT was sent: nothing can have been committed.
        """
        with self._writers.connect() as connection:
            transaction = connection.begin()
            try:
                result = work(connection)
            except DBAPIError as error:
                if is_lost(connection, error):
                    connection.invalidate()  # else leaving it rolls back, which raises in place of this
                    raise _LostError from error
                raise
            transaction.commit()
            return result

    def write_together(self, work: Callable[[Connection, Sequence[Item]], Sequence[T]], item: Item) -> T:
        """See `Database.write_together`. Those who wait share a transaction and its round trips."""
        return cast("T", self._groups.done(SharedJob(work, item)))

    def _commit(self, jobs: Sequence[Job]) -> None:
        """What is done together in one transaction; if that raises, each by itself.

        An outage refuses all of them: their COMMIT may have been sent. Checks wait for no lock of another's.
        """
        for bundle in bundles(jobs):
            shared = cast("Sequence[SharedJob]", bundle)
            if len(shared) == 1 or not self._committed(shared):
                for job in shared:
                    self._committed([job])

    def _committed(self, jobs: Sequence[SharedJob]) -> bool:
        """Whether these items were written; if not, why is kept in each of them."""
        try:
            results = self.write_core(lambda connection: run_items(connection, jobs))
        except Exception as error:  # noqa: BLE001 - it is the callers', whatever it is
            for job in jobs:
                job.error = error
            return isinstance(error, DatabaseUnavailableError)
        share_out(jobs, results)
        return True

    def scrub(self) -> None:
        """See `Database.scrub`."""

    def close(self) -> None:
        """See `Database.close`."""
        self._groups.close()
        self._writers.dispose()
        self._readers.dispose()


def open_database(url: str) -> Database:
    """The database of a URL; nothing is connected before it is used."""
    return SqliteDatabase(url) if is_sqlite(url) else PostgresDatabase(url)


def create_missing(url: str) -> None:
    """Make the empty file of a SQLite URL; a server's database is its owner's to create."""
    if is_sqlite(url):
        create_file(sqlite_path(url))


def _in_session(connection: Connection, work: Callable[[Session], T]) -> T:
    """Run `work` in a session whose commits and life end inside the transaction of `connection`."""
    with Session(connection, join_transaction_mode="rollback_only", expire_on_commit=False) as session:
        result = work(session)
        session.flush()
        return result
