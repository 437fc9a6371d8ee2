"""The one writer of a SQLite database: many callers, one COMMIT.

The caller who finds nobody writing leads; who comes meanwhile waits. A group runs in this order:

1. wait a moment for those who came with the last group, if they could share this run;
2. take every closure that waits, at most `MOST_A_GROUP`, and BEGIN IMMEDIATE;
3. run each closure in a SAVEPOINT of its own, those that do the same thing together; one that raises takes
   back only itself;
4. COMMIT once, flushed to the disk;
5. wake the callers, each with its own result or error, and hand the lead to one who came meanwhile.

A failed COMMIT is every caller's error. When SQLite or the ORM rolls the whole transaction back in the middle
(a full disk, a failed flush), the group is run again with a transaction for each closure.

After an outage the next group gets a fresh connection, and none while the file may not be written: SQLite
would open it for reading alone, without a word, let a group that only looks commit, and refuse the first
write after the outage.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from api.engines import identity_of, is_outage, sqlite_engine, translated
from api.errors import DatabaseClosedError, DatabaseUnavailableError
from api.jobs import Job, SharedJob, bundles, run

Item = TypeVar("Item")
T = TypeVar("T")
MOST_A_GROUP = 256
PATIENCE_SECONDS = 0.001  # about what a caller needs to answer one request and ask with the next


class Writer:
    """Owns the writing connection. A caller who finds nobody writing leads; there is no thread to wake."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = sqlite_engine(path, begin="BEGIN IMMEDIATE")
        self._gate = threading.Condition(threading.Lock())
        self._waiting: list[Job] = []
        self._next: Job | None = None  # whose turn to lead it is, though its caller may not know yet
        self._leading = False
        self._expected = self._last = 0  # how many a leader waits for, and how many the last group had
        self._leader: int | None = None
        self._connection: Connection | None = None
        self._file: tuple[int, int] | None = None
        self._closed = False

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a group and return its result after the COMMIT that holds it.

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

    def close(self) -> None:
        """Finish what was asked for, then let go of the file."""
        with self._gate:
            self._closed = True
            self._gate.wait_for(lambda: not self._leading)
        self._disconnect()
        self._engine.dispose()

    def _done(self, job: Job) -> Any:
        """The result of a job, once it is committed."""
        if self._leader == threading.get_ident():
            raise RuntimeError("a write inside a write of the same database waits for itself")
        with self._gate:
            if self._closed:
                raise DatabaseClosedError("the service is stopping")
            self._waiting.append(job)
            if len(self._waiting) == self._expected:
                self._gate.notify_all()
            if not self._leading:
                self._leading, self._next = True, job
            leads = self._next is job
        try:
            if not leads:
                job.done.acquire()  # until it is finished, or its caller is to lead
            if not job.finished:
                self._lead(job)
        except BaseException:  # the caller is interrupted
            self._withdraw(job)
            raise
        if job.error is not None:
            raise translated(job.error)
        return job.result

    def _withdraw(self, job: Job) -> None:
        """Let nobody run a job whose caller is gone, or wait for that caller to lead."""
        with self._gate:
            if job in self._waiting:
                self._waiting.remove(job)
            if self._next is job:
                self._pass_on()

    def _lead(self, own: Job) -> None:
        """Run and commit all that waits as one group, wake its callers, and hand the lead on."""
        group = self._gathered(own)
        self._leader = threading.get_ident()
        try:
            self._commit(group)
        except BaseException as error:  # a caller must never wait for ever
            self._fail(group, error if isinstance(error, Exception) else DatabaseClosedError("interrupted"))
            if not isinstance(error, Exception):
                raise
        finally:
            if any(is_outage(job.error) for job in group):
                self._disconnect()
            self._leader = None
            self._wake(group, own)

    def _gathered(self, own: Job) -> list[Job]:
        """The next group, which shares statements and COMMIT.

        Who came together before is likely to come again at once, and is waited for; who was alone waits for
        nobody (ADR 20).
        """
        with self._gate:
            if isinstance(own, SharedJob):
                self._expected = self._last + len(self._waiting) - 1
                self._gate.wait_for(lambda: len(self._waiting) >= self._expected, PATIENCE_SECONDS)
            group = self._waiting[:MOST_A_GROUP]
            del self._waiting[:MOST_A_GROUP]
            self._last = len(group)
            return group

    def _wake(self, group: Sequence[Job], own: Job) -> None:
        for job in group:
            job.finished = True
            if job is not own:
                job.done.release()
        with self._gate:
            self._pass_on()

    def _pass_on(self) -> None:
        """Let the first who waits lead the next group; the gate is held."""
        self._next = self._waiting[0] if self._waiting else None
        if self._next is not None:
            self._next.done.release()
        else:
            self._leading = False
            self._gate.notify_all()

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
            done = run(connection, bundle)
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
        if run(connection, bundle) and raw.in_transaction:
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
            if not os.access(self._path, os.W_OK):
                raise DatabaseUnavailableError("the database file may not be written")
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
