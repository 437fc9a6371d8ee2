"""Processes that write to and sequence a log until they are killed; what the chaos tests start.

    python -m tests.audit.chaos write URL THREADS
    python -m tests.audit.chaos sequence URL
    python -m tests.audit.chaos both URL THREADS      (SQLite: everything in one process)

Every writing transaction inserts its entry and a row of `chaos_work` that names it; one in ten is taken back.
"""

import contextlib
import functools
import itertools
import random
import sys
import threading
import time
from datetime import UTC, datetime

from sqlalchemy import String, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from api.database import Database, open_database
from api.errors import DatabaseUnavailableError
from audit.actions import Action
from audit.errors import HeadMovedError
from audit.log import append
from audit.sequencer import sequence
from tests.audit.conftest import signer_of


class Base(DeclarativeBase):
    """The table of the work that entries are about."""


class WorkRow(Base):
    """A change of the main database, naming its entry."""

    __tablename__ = "chaos_work"

    entry_id: Mapped[str] = mapped_column(String(36), primary_key=True)


class TakenBackError(Exception):
    """The change failed after its entry was appended."""


def work(session: Session) -> None:
    """One change with its entry, together or not at all."""
    now = datetime.now(UTC)
    appended = append(session, Action.EVENT_RECORDED, actor="chaos", now=now, lead_id="lead", facts={"n": 1})
    session.execute(insert(WorkRow).values(entry_id=appended.entry_id))
    if random.random() < 0.1:  # noqa: S311 - not for security
        raise TakenBackError


def write(database: Database) -> None:
    """Change after change, for ever."""
    while True:
        with contextlib.suppress(TakenBackError, DatabaseUnavailableError):
            database.write(work)


def keep_sequencing(database: Database) -> None:
    """Run after run, for ever."""
    signer = signer_of()
    for limit in itertools.cycle((1, 7, 300, 2_000)):
        run = functools.partial(sequence, signer=signer, now=datetime.now(UTC), limit=limit)
        with contextlib.suppress(HeadMovedError, DatabaseUnavailableError):
            database.write(run)
        time.sleep(0.01)


def main(role: str, url: str, threads: int = 0) -> None:
    """Start what was asked for and wait to be killed."""
    database = open_database(url)
    targets = [write] * threads + [keep_sequencing] * (role != "write")
    running = [threading.Thread(target=target, args=(database,), daemon=True) for target in targets]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
