"""The one writer of a SQLite database: a group of callers, one COMMIT.

1. BEGIN IMMEDIATE;
2. run each closure in a SAVEPOINT of its own, those that do the same thing together; one that raises takes
   back only itself;
3. COMMIT once, flushed to the disk.

A failed COMMIT is every caller's error. When SQLite or the ORM rolls the whole transaction back in the middle
(a full disk, a failed flush), the group is run again with a transaction for each closure.

After an outage the next group gets a fresh connection, and none while the file may not be written: SQLite
would open it for reading alone, without a word, let a group that only looks commit, and refuse the first
write after the outage.
"""

import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from api.engines import identity_of, is_outage, sqlite_engine
from api.errors import DatabaseUnavailableError
from api.groups import Groups
from api.jobs import Job, SharedJob, bundles, run

Item = TypeVar("Item")
T = TypeVar("T")


class Writer:
    """Owns the writing connection, which the caller who leads a group uses."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = sqlite_engine(path, begin="BEGIN IMMEDIATE")
        self._groups = Groups(self._commit)
        self._connection: Connection | None = None
        self._file: tuple[int, int] | None = None

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a group and return its result after the COMMIT that holds it.

        Raises:
            DatabaseUnavailableError: the transaction could not begin or commit.
            RuntimeError: called from inside another `work`, which would wait for itself.
        """
        return cast("T", self._groups.done(Job(work)))

    def write_together(self, work: Callable[[Connection, Sequence[Item]], Sequence[T]], item: Item) -> T:
        """`write` of one item, in one run of `work` with those of other callers who wait now.

        Raises:
            DatabaseUnavailableError, RuntimeError: see `write`.
        """
        return cast("T", self._groups.done(SharedJob(work, item)))

    def close(self) -> None:
        """Finish what was asked for, then let go of the file."""
        self._groups.close()
        self._disconnect()
        self._engine.dispose()

    def _commit(self, jobs: Sequence[Job]) -> None:
        try:
            if not self._commit_together(jobs):
                for job in jobs:
                    self._commit_alone(job)
        except BaseException:
            self._disconnect()
            raise
        if any(is_outage(job.error) for job in jobs):
            self._disconnect()

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
        try:
            connection, _ = self._begin()
            job.run(connection)
            if job.error is None:
                connection.commit()
            else:
                connection.rollback()
        except (DBAPIError, DatabaseUnavailableError) as error:  # jobs before it may be committed
            self._disconnect()
            job.error = error

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

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
