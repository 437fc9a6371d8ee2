"""Giving pending entries their place in the tree.

Sequencers are stateless and may be many. What keeps them apart is the one head row: each locks it, and moves
it by compare-and-swap on the size it saw, so that two can never extend the same tree. A crash at any moment
leaves either everything of a run or nothing. Nothing relies on the order in which entries were committed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import BigInteger, bindparam, delete, func, insert, select, text, type_coerce, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from audit.checkpoint import Checkpoint
from audit.errors import HeadMovedError, LogBrokenError
from audit.keys import announce
from audit.merkle import leaf_hash
from audit.note import Note, Signer
from audit.statements import HeldInsert
from audit.stored_tree import HEAD_ID
from audit.tables import CheckpointRow, EntryRow, HeadRow, PendingRow, TileRow
from audit.tree import Edge, Growth, edge_root, edge_tiles, grow

LIMIT = 10_000
IDS_A_STATEMENT = 500

Pending: TypeAlias = tuple[str, bytes, str, str, int]
"""entry_id, body, action, actor, and the time in microseconds, as it is stored."""

_PENDING = select(
    PendingRow.entry_id,
    PendingRow.body,
    PendingRow.action,
    PendingRow.actor,
    type_coerce(PendingRow.at, BigInteger),
)
_ENTRIES = HeldInsert(EntryRow, "idx", "entry_id", "body", "action", "actor", "at")


def sequence(session: Session, signer: Signer, now: datetime, *, limit: int = LIMIT) -> Checkpoint | None:
    """Give up to `limit` pending entries their indexes and sign the new head; None when nothing was pending.

    Must be the first in its transaction, whose isolation it lowers: see `_isolate`.

    1. Lock the head row. 2. Take pending entries, ordered by id. 3. Grow the tree from the tiles of its edge,
    which must agree with the signed head. 4. Store entries and tiles, delete the pending rows. 5. Sign, and
    move the head from the size seen in step 1.

    Raises:
        HeadMovedError: another sequencer was faster; roll back and try again.
        LogBrokenError: the stored tree contradicts its signed head; nothing must be signed.
    """
    _isolate(session)
    size, note = _lock_head(session)  # 1
    announce(session, signer, now=now)
    taken = _take(session, limit)  # 2
    if not taken:
        return None
    edge = _read_edge(session, size)  # 3
    _check_head(signer.name, note, size, edge_root(size, edge))
    growth = grow(size, edge, [leaf_hash(body) for _, body, *_ in taken])
    _store(session, size, growth, taken)  # 4
    checkpoint = Checkpoint(signer.name, growth.size, growth.root)
    _move_head(session, size, growth.size, signer.sign_note(str(checkpoint)), now)  # 5
    return checkpoint


def _isolate(session: Session) -> None:
    """READ COMMITTED: all that a sequencer needs, as it locks the head row before it reads anything.

    In PostgreSQL's SERIALIZABLE a sequencer has read what writers add to, and has written what other
    sequencers wait to read: it would be cancelled as a pivot again and again, and a busy log never sequenced.
    """
    if session.get_bind().dialect.name != "sqlite":
        session.execute(text("SET TRANSACTION ISOLATION LEVEL READ COMMITTED"))


def pending(session: Session) -> int:
    """How many entries wait for their index."""
    return session.scalar(select(func.count()).select_from(PendingRow)) or 0


def _lock_head(session: Session) -> tuple[int, str | None]:
    query = select(HeadRow.size, HeadRow.checkpoint).where(HeadRow.id == HEAD_ID).with_for_update()
    found = session.execute(query).first()
    if found is None:
        try:
            with session.begin_nested():
                session.execute(insert(HeadRow).values(id=HEAD_ID, size=0, checkpoint=None))
        except IntegrityError:  # another sequencer made it
            return _lock_head(session)
        return 0, None
    return found.size, found.checkpoint


def _take(session: Session, limit: int) -> Sequence[Pending]:
    return session.execute(_PENDING.order_by(PendingRow.entry_id).limit(limit)).all()


def _read_edge(session: Session, size: int) -> Edge:
    edge: dict[int, bytes] = {}
    for level, index, _ in edge_tiles(size):
        query = select(TileRow.hashes).where(TileRow.level == level, TileRow.idx == index)
        edge[level] = session.scalar(query) or b""
    return edge


def _check_head(origin: str, note: str | None, size: int, root: bytes) -> None:
    """Never sign what does not extend what was signed before."""
    if note is None:
        if size:
            raise LogBrokenError("the log has entries but no signed head")
        return
    if Checkpoint.parse(Note.parse(note).text) != Checkpoint(origin, size, root):
        raise LogBrokenError("the stored tree is not the one that the log's head was signed over")


def _store(session: Session, size: int, growth: Growth, taken: Sequence[Pending]) -> None:
    connection = session.connection()
    _ENTRIES.many(connection, [(size + place, *row) for place, row in enumerate(taken)])
    widened = {(level, index) for level, index, _ in edge_tiles(size)}
    for (level, index), hashes in growth.tiles.items():
        if (level, index) in widened:
            where = (TileRow.level == level, TileRow.idx == index)
            connection.execute(update(TileRow).where(*where).values(hashes=hashes))
        else:
            connection.execute(insert(TileRow).values(level=level, idx=index, hashes=hashes))
    _forget_pending(session, [entry_id for entry_id, *_ in taken])


def _forget_pending(session: Session, ids: Sequence[str]) -> None:
    """By id, never by range: a row that was committed meanwhile may have a smaller id."""
    connection = session.connection()
    query = delete(PendingRow).where(PendingRow.entry_id.in_(bindparam("ids", expanding=True)))
    removed = sum(
        connection.execute(query, {"ids": list(ids[start : start + IDS_A_STATEMENT])}).rowcount
        for start in range(0, len(ids), IDS_A_STATEMENT)
    )
    if removed != len(ids):
        raise HeadMovedError("pending entries were taken by another sequencer")


def _move_head(session: Session, old: int, new: int, note: str, now: datetime) -> None:
    connection = session.connection()
    swap = update(HeadRow).where(HeadRow.id == HEAD_ID, HeadRow.size == old)
    if connection.execute(swap.values(size=new, checkpoint=note)).rowcount != 1:
        raise HeadMovedError("another sequencer moved the head")
    connection.execute(insert(CheckpointRow).values(size=new, note=note, at=now))
