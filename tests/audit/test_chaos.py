"""Nothing is lost, doubled or forked, whoever is killed whenever."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session

from audit import stored_tree
from audit.merkle import leaf_hash
from audit.sequencer import pending, sequence
from audit.tables import Base, EntryRow
from audit.tree import Frontier
from tests.audit import chaos
from tests.audit.conftest import NOW, signer_of

ROOT = Path(__file__).resolve().parents[2]
PAUSE_SECONDS = 0.35
START_SECONDS = 15
Command = Sequence[str]


@contextmanager
def processes(commands: Sequence[Command]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """All of them, killed at the end."""
    started = [start(command) for command in commands]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()


def start(command: Command) -> subprocess.Popen[bytes]:
    """One process of the chaos program."""
    return subprocess.Popen([sys.executable, "-m", "tests.audit.chaos", *command], cwd=ROOT)


def wait_for(engine: Engine, more_than: int) -> None:
    """Until the log has grown, so that a kill hits something."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with Session(engine) as session:
            if stored_tree.size(session) > more_than:
                return
        time.sleep(0.05)
    pytest.fail("the log does not grow")


def kill_and_replace(engine: Engine, commands: Sequence[Command], kills: int) -> None:
    """Kill a process at a random moment, start it anew, again and again."""
    size = 0
    with processes(commands) as running:
        for _ in range(kills):
            wait_for(engine, size)
            with Session(engine) as session:
                size = stored_tree.size(session)
            time.sleep(random.uniform(0, PAUSE_SECONDS))  # noqa: S311 - not for security
            place = random.randrange(len(running))  # noqa: S311
            running[place].kill()
            running[place].wait()
            running[place] = start(commands[place])
        wait_for(engine, size)


def assert_whole(engine: Engine) -> int:
    """Every committed change has just one entry, indexes have no gap, and the root is the signed one."""
    with Session(engine) as session:
        while pending(session):
            sequence(session, signer_of(), NOW)
            session.commit()
        entries = session.execute(
            select(EntryRow.idx, EntryRow.entry_id, EntryRow.body).order_by(EntryRow.idx)
        ).all()
        work = set(session.scalars(select(chaos.WorkRow.entry_id)))
        head = stored_tree.head(session)
        frontier = Frontier()
        frontier.add_leaves([leaf_hash(body) for _, _, body in entries])
        assert head is not None
        assert list(range(len(entries))) == [index for index, _, _ in entries]
        assert work == {entry_id for _, entry_id, _ in entries}
        assert len(work) == len(entries) == head.size
        assert head.root == frontier.root() == stored_tree.root(session, head.size)
    return len(entries)


@pytest.fixture
def postgres(fresh_postgres: str) -> Iterator[Engine]:
    """A database of its own on a real server."""
    yield from _with_tables(create_engine(fresh_postgres))


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    """A file."""
    yield from _with_tables(create_engine(f"sqlite:///{tmp_path / 'chaos.db'}"))


def _with_tables(engine: Engine) -> Iterator[Engine]:
    Base.metadata.create_all(engine)
    chaos.Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


def on_postgres(engine: Engine, kills: int) -> int:
    """Three sequencers and sixteen writers."""
    url = engine.url.render_as_string(hide_password=False)
    kill_and_replace(engine, [["sequence", url]] * 3 + [["write", url, "4"]] * 4, kills)
    return assert_whole(engine)


def on_sqlite(engine: Engine, kills: int) -> int:
    """One process with all."""
    url = engine.url.render_as_string(hide_password=False)
    kill_and_replace(engine, [["both", url, "4"]], kills)
    return assert_whole(engine)


def test_three_sequencers_and_sixteen_writers_lose_nothing(postgres: Engine) -> None:
    """A few kills on PostgreSQL: lost 0, doubled 0, gaps 0, root recomputed equal."""
    assert on_postgres(postgres, 8) > 10


def test_one_process_loses_nothing(sqlite: Engine) -> None:
    """A few kills on SQLite: what was acknowledged together is there together."""
    assert on_sqlite(sqlite, 3) > 10


@pytest.mark.soak
def test_a_hundred_kills_lose_nothing_on_postgresql(postgres: Engine) -> None:
    """The long form."""
    assert on_postgres(postgres, 100) > 1_000


@pytest.mark.soak
def test_a_hundred_kills_lose_nothing_on_sqlite(sqlite: Engine) -> None:
    """The long form."""
    assert on_sqlite(sqlite, 100) > 1_000
