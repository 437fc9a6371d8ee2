"""The one writer of a SQLite database: many callers, one COMMIT.

A group runs in this order:

1. take every closure that waits, at most `MOST_A_GROUP`;
2. BEGIN IMMEDIATE;
3. run each closure in a SAVEPOINT of its own, those that do the same thing together; one that raises takes
   back only itself;
4. COMMIT once, flushed to the disk;
5. wake the callers, each with its own result or error.

A failed COMMIT is every caller's error. When SQLite or the ORM rolls the whole transaction back in the middle
(a full disk, a failed flush), the group is run again with a transaction for each closure.

After an outage the next group gets a fresh connection: SQLite opens a file that it may not write for reading
alone, without a word, and would keep to that long after the file can be written again.
"""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from api.engines import identity_of, is_outage, sqlite_engine, translated
from api.errors import DatabaseClosedError

Item = TypeVar("Item")
T = TypeVar("T")
Together = Callable[[Connection, Sequence[Any]], Sequence[Any]]
MOST_A_GROUP = 256


class Job:
    """A closure, and the caller who waits for it. A bare lock is the cheapest way to wait for one event."""

    __slots__ = ("done", "error", "result", "work")

    def __init__(self, work: Callable[[Connection], Any]) -> None:
        self.work = work
        self.result: Any = None
        self.error: Exception | None = None
        self.done = threading.Lock()
        self.done.acquire()

    def run(self, connection: Connection) -> None:
        """Keep the result or the error; the caller's thread raises it."""
        self.result = self.error = None
        try:
            self.result = self.work(connection)
        except Exception as error:  # noqa: BLE001 - it is the caller's, whatever it is
            self.error = error


class SharedJob(Job):
    """A closure over one item of a `together` that can do many at once."""

    __slots__ = ("item", "together")

    def __init__(self, together: Together, item: Any) -> None:
        super().__init__(lambda connection: together(connection, [item])[0])
        self.together = together
        self.item = item


def run_together(connection: Connection, jobs: Sequence[SharedJob]) -> bool:
    """Run the items of some jobs at once; False when that raised, and each should be tried by itself."""
    try:
        results = jobs[0].together(connection, [job.item for job in jobs])
    except Exception:  # noqa: BLE001 - whose fault it was shows when each runs alone
        return False
    for job, result in zip(jobs, results, strict=True):
        job.result, job.error = result, None
    return True


def _run(connection: Connection, bundle: Sequence[Job]) -> bool:
    """Whether a bundle ended well; what went wrong with a single job is kept in it."""
    if len(bundle) > 1:
        return run_together(connection, cast("Sequence[SharedJob]", bundle))
    bundle[0].run(connection)
    return bundle[0].error is None


def bundles(jobs: Sequence[Job]) -> list[list[Job]]:
    """The jobs by what they do together; each of the others by itself."""
    found: list[list[Job]] = []
    shared: dict[Together, list[Job]] = {}
    for job in jobs:
        known = shared.get(job.together) if isinstance(job, SharedJob) else None
        if known is not None:
            known.append(job)
            continue
        found.append([job])
        if isinstance(job, SharedJob):
            shared[job.together] = found[-1]
    return found


class Writer:
    """Owns the writing connection and the thread that uses it; both start with the first write."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = sqlite_engine(path, begin="BEGIN IMMEDIATE")
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._gate = threading.Lock()
        self._thread: threading.Thread | None = None
        self._connection: Connection | None = None
        self._file: tuple[int, int] | None = None
        self._closed = False

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on the writer's thread and return its result after the COMMIT that holds it.

        Raises:
            DatabaseUnavailableError: the transaction could not begin or commit.
            RuntimeError: called from inside another `work`, which would wait for itself.
        """
        return cast("T", self._done(Job(work)))

    def write_together(self, work: Callable[[Connection, Sequence[Item]], Sequence[T]], item: Item) -> T:
        """`write` of one item, in one run of `work` with those of other callers who wait now.

        Raises:
            DatabaseUnavailableError, RuntimeError: see `write`.
        """
        return cast("T", self._done(SharedJob(work, item)))

    def _done(self, job: Job) -> Any:
        """The result of a job, once it is committed."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("a write inside a write of the same database waits for itself")
        with self._gate:
            if self._closed:
                raise DatabaseClosedError("the service is stopping")
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="writer", daemon=True)
                self._thread.start()
            self._jobs.put(job)
        job.done.acquire()
        if job.error is not None:
            raise translated(job.error)
        return job.result

    def close(self) -> None:
        """Finish what was asked for, then let go of the file."""
        with self._gate:
            self._closed = True
            self._jobs.put(None)
        if self._thread is not None:
            self._thread.join()
        self._engine.dispose()

    def _serve(self) -> None:
        going = True
        while going:
            group = self._next_group()
            going = None not in group
            jobs = [job for job in group if job is not None]
            try:
                self._commit(jobs)
            except Exception as error:  # noqa: BLE001 - a caller must never wait for ever
                self._fail(jobs, error)
            if any(is_outage(job.error) for job in jobs):
                self._disconnect()
            for job in jobs:
                job.done.release()
        self._disconnect()

    def _next_group(self) -> list[Job | None]:
        """Wait for one job, then take along what else has queued up."""
        group = [self._jobs.get()]
        try:
            while len(group) < MOST_A_GROUP and group[-1] is not None:
                group.append(self._jobs.get_nowait())
        except Empty:
            pass
        return group

    def _commit(self, jobs: Sequence[Job]) -> None:
        if not jobs or self._commit_together(jobs):
            return
        for job in jobs:
            try:
                self._commit_alone(job)
            except DBAPIError as error:
                self._fail([job], error)

    def _commit_together(self, jobs: Sequence[Job]) -> bool:
        """Whether the group was committed; False when its transaction was lost on the way."""
        bundled = bundles(jobs)
        if len(bundled) == 1:
            return self._commit_one(bundled[0])
        connection, raw = self._begin()
        for bundle in bundled:
            raw.execute("SAVEPOINT work")
            done = _run(connection, bundle)
            if not raw.in_transaction or (not done and len(bundle) > 1):
                connection.rollback()
                return False
            if not done:
                raw.execute("ROLLBACK TO work")
            raw.execute("RELEASE work")
        connection.commit()
        return True

    def _commit_one(self, bundle: Sequence[Job]) -> bool:
        """A group of one bundle needs no savepoint: it is committed or rolled back as a whole."""
        connection, raw = self._begin()
        if _run(connection, bundle) and raw.in_transaction:
            connection.commit()
            return True
        lost = not raw.in_transaction
        connection.rollback()
        return len(bundle) == 1 and not lost

    def _commit_alone(self, job: Job) -> None:
        connection, _ = self._begin()
        job.run(connection)
        if job.error is None:
            connection.commit()
        else:
            connection.rollback()

    def _begin(self) -> tuple[Connection, sqlite3.Connection]:
        """The connection inside a fresh transaction, and the driver's own for the savepoints."""
        connection = self._connected()
        connection.begin()
        return connection, cast("sqlite3.Connection", connection.connection.dbapi_connection)

    def _connected(self) -> Connection:
        """The held connection, as long as its file is still the one at the path."""
        found = identity_of(self._path)
        if self._connection is None or found != self._file:
            self._disconnect()
            self._connection, self._file = self._engine.connect(), found
        return self._connection

    def _fail(self, jobs: Sequence[Job], error: Exception) -> None:
        """Every job of a transaction that did not commit; the next one starts with a fresh connection."""
        self._disconnect()
        for job in jobs:
            job.error = error

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
