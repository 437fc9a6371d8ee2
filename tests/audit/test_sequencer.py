"""`audit.sequencer`: contiguous, idempotent, and never signing over a changed log."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, create_engine, delete, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from audit import query, stored_tree
from audit.actions import Action
from audit.errors import AuditError, HeadMovedError, LogBrokenError
from audit.log import append, append_many
from audit.merkle import leaf_hash
from audit.note import Signer
from audit.query import Wanted
from audit.sequencer import pending, sequence
from audit.tables import Base, HeadRow, TileRow
from audit.tree import Frontier
from tests.audit.conftest import NOW, entries, fill, signer_of


def bodies(session: Session) -> list[bytes]:
    """Every sequenced entry in order."""
    return [body for _, body in stored_tree.bodies(session, 0, stored_tree.size(session))]


def test_nothing_pending_signs_nothing(session: Session, signer: Signer) -> None:
    """No head before the first entry, and no new head without a new one."""
    assert sequence(session, signer, NOW) is None
    assert stored_tree.head(session) is None
    fill(session, 3, signer)
    assert sequence(session, signer, NOW) is None


def test_pending_entries_get_contiguous_indexes_and_a_signed_head(session: Session, signer: Signer) -> None:
    """In runs of any size; the root is that of the exact bytes, and every old head stays known."""
    made = append_many(session, entries(700))
    sizes = []
    while head := sequence(session, signer, NOW, limit=150):
        sizes.append(head.size)
        frontier = Frontier()
        frontier.add_leaves([leaf_hash(body) for body in bodies(session)])
        assert frontier.root() == head.root == stored_tree.root(session, head.size)
        assert head == stored_tree.head(session)

    assert sizes == [150, 300, 450, 600, 700]
    assert pending(session) == 0
    found = query.all_entries(session, Wanted())
    assert {each.entry_id for each in made} == {each.entry_id for each in found}
    assert all(stored_tree.checkpoint_note(session, size) for size in sizes)
    assert stored_tree.checkpoint_note(session, 5) is None


def test_an_entry_that_commits_late_with_a_smaller_id_is_not_lost(session: Session, signer: Signer) -> None:
    """Order of ids is not order of commits, and nothing relies on it."""
    fill(session, 3, signer)
    late = append(session, Action.HOLD_PLACED, actor="key", now=NOW - timedelta(days=1))

    sequence(session, signer, NOW)

    found = query.entry(session, late.entry_id)
    assert found is not None
    assert found.index == 3


@pytest.mark.parametrize(
    "spoil",
    [
        delete(TileRow).where(TileRow.level == 0, TileRow.idx == 1),
        update(TileRow).where(TileRow.level == 0, TileRow.idx == 1).values(hashes=bytes(44 * 32)),
        update(TileRow).where(TileRow.level == 0, TileRow.idx == 1).values(hashes=bytes(43 * 32)),
        update(TileRow).where(TileRow.level == 1, TileRow.idx == 0).values(hashes=bytes(32)),
        update(HeadRow).values(size=299),
        update(HeadRow).values(size=0, checkpoint=None),
        update(HeadRow).values(checkpoint=None),
        update(HeadRow).values(checkpoint="nonsense"),
    ],
    ids=["tile gone", "tile changed", "tile cut", "upper tile", "size", "head gone", "unsigned", "nonsense"],
)
def test_a_changed_tree_is_never_signed_over(session: Session, signer: Signer, spoil: object) -> None:
    """Whatever was done to the edge or the head, the sequencer stops by a named error."""
    fill(session, 300, signer)
    session.execute(spoil)  # type: ignore[call-overload]  # a statement
    append(session, Action.HOLD_PLACED, actor="key", now=NOW)

    with pytest.raises((AuditError, IntegrityError)), session.begin_nested():
        sequence(session, signer, NOW)

    assert pending(session) == 1


def test_another_logs_signer_is_refused(session: Session, signer: Signer) -> None:
    """A log keeps its name."""
    fill(session, 3, signer)
    append(session, Action.HOLD_PLACED, actor="key", now=NOW)

    with pytest.raises(LogBrokenError):
        sequence(session, signer_of(origin="example.com/other"), NOW)


def test_a_head_that_moved_meanwhile_stops_the_slower_one(session: Session, signer: Signer) -> None:
    """The second guard, should a database not lock the row."""
    from audit.sequencer import _move_head  # noqa: PLC0415 - the race can not be had otherwise

    fill(session, 3, signer)

    with pytest.raises(HeadMovedError):
        _move_head(session, 2, 4, "note", NOW)


def test_sequencers_and_writers_do_not_starve_each_other(fresh_postgres: str, signer: Signer) -> None:
    """Serialisable callers on PostgreSQL: a writer commits, a second sequencer waits, the first commits."""
    engine = create_engine(fresh_postgres, isolation_level="SERIALIZABLE")
    Base.metadata.create_all(engine)
    with Session(engine) as first, Session(engine) as writer, ThreadPoolExecutor(1) as threads:
        append_many(writer, entries(5))
        writer.commit()
        assert sequence(first, signer, NOW) is not None
        append_many(writer, entries(3, start=5))
        writer.commit()

        second = threads.submit(_sequence_and_commit, engine, signer)
        _wait_for_a_lock(engine)
        first.commit()

        assert second.result() == 8
    engine.dispose()


def _sequence_and_commit(engine: Engine, signer: Signer) -> int:
    with Session(engine) as session:
        head = sequence(session, signer, NOW)
        session.commit()
    return 0 if head is None else head.size


def _wait_for_a_lock(engine: Engine) -> None:
    """Until some transaction of this database waits for another."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    deadline = time.monotonic() + 10
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(waiting):
            assert time.monotonic() < deadline
