"""The tree in the database: tiles, proofs and heads as they were signed."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import merkle
from audit.checkpoint import Checkpoint
from audit.errors import LogBrokenError, SizeUnknownError
from audit.merkle import HASH_BYTES, Nodes
from audit.note import Note
from audit.tables import CheckpointRow, EntryRow, HeadRow, TileRow
from audit.tiles import ENTRIES, Tile, pack_bundle, width_at
from audit.tree import nodes_of

HEAD_ID = 1
ENTRIES_A_READ = 2_000


def head_note(session: Session) -> str | None:
    """The newest checkpoint, as the signed note; None before the first."""
    return session.scalar(select(HeadRow.checkpoint).where(HeadRow.id == HEAD_ID))


def head(session: Session) -> Checkpoint | None:
    """The newest checkpoint; None before the first."""
    note = head_note(session)
    return None if note is None else Checkpoint.parse(Note.parse(note).text)


def size(session: Session) -> int:
    """How many entries have an index."""
    return session.scalar(select(HeadRow.size).where(HeadRow.id == HEAD_ID)) or 0


def checkpoint_note(session: Session, at_size: int) -> str | None:
    """The signed note of the checkpoint of exactly that size, if one was signed."""
    return session.scalar(select(CheckpointRow.note).where(CheckpointRow.size == at_size))


def root(session: Session, at_size: int) -> bytes:
    """The root of the first `at_size` entries, recomputed from the tiles.

    Raises:
        SizeUnknownError: the log is shorter.
        LogBrokenError: tiles are missing.
    """
    _check_size(session, at_size)
    return merkle.root_of(at_size, stored_nodes(session))


def inclusion(session: Session, index: int, at_size: int) -> list[bytes]:
    """The proof that entry `index` stands in the tree of `at_size`.

    Raises:
        SizeUnknownError: the log is shorter, or has no such entry.
        LogBrokenError: tiles are missing.
    """
    _check_size(session, at_size)
    if not 0 <= index < at_size:
        raise SizeUnknownError(f"a log of {at_size} entries has no entry {index}")
    return merkle.inclusion_proof(index, at_size, stored_nodes(session))


def consistency(session: Session, old: int, new: int) -> list[bytes]:
    """The proof that the tree of `old` is a prefix of the tree of `new`.

    Raises:
        SizeUnknownError: the log is shorter than `new`, or `old` is larger.
        LogBrokenError: tiles are missing.
    """
    _check_size(session, new)
    if not 0 <= old <= new:
        raise SizeUnknownError(f"{old} does not come before {new}")
    return merkle.consistency_proof(old, new, stored_nodes(session))


def tile_bytes(session: Session, tile: Tile) -> bytes:
    """A hash tile or an entry bundle, as wide as it was asked for.

    Raises:
        SizeUnknownError: the log does not have it, or not yet at that width.
    """
    if width_at(tile.level, tile.index, size(session)) < tile.width:
        raise SizeUnknownError("the log has no such tile")
    if tile.level == ENTRIES:
        first = tile.index << 8
        return pack_bundle([body for _, body in bodies(session, first, first + tile.width)])
    return _tile(session, tile.level, tile.index)[: tile.width * HASH_BYTES]


def bodies(session: Session, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """(index, exact bytes) of the entries [start, end), read in pages.

    Raises:
        LogBrokenError: an entry is missing.
    """
    expected = start
    while expected < end:
        page_end = min(end, expected + ENTRIES_A_READ)
        query = select(EntryRow.idx, EntryRow.body).where(EntryRow.idx >= expected, EntryRow.idx < page_end)
        for index, body in session.execute(query.order_by(EntryRow.idx)):
            if index != expected:
                break
            yield index, body
            expected += 1
        if expected != page_end:
            raise LogBrokenError(f"entry {expected} is missing")


def stored_nodes(session: Session) -> Nodes:
    """Any node of the stored tree; each tile is read once."""
    read: dict[tuple[int, int], bytes] = {}

    def tile(level: int, index: int) -> bytes:
        if (level, index) not in read:
            read[level, index] = _tile(session, level, index)
        return read[level, index]

    return nodes_of(tile)


def _tile(session: Session, level: int, index: int) -> bytes:
    hashes = session.scalar(select(TileRow.hashes).where(TileRow.level == level, TileRow.idx == index))
    if hashes is None:
        raise LogBrokenError(f"tile {Tile(level, index)} is missing")
    return hashes


def _check_size(session: Session, at_size: int) -> None:
    known = size(session)
    if not 0 <= at_size <= known:
        raise SizeUnknownError(f"the log has {known} entries, not {at_size}")
