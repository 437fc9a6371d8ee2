"""`audit.stored_tree`: what the log has is served, what it has not is named."""

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from audit import stored_tree
from audit.errors import LogBrokenError, SizeUnknownError
from audit.merkle import leaf_hash
from audit.note import Signer
from audit.tables import EntryRow, TileRow
from audit.tiles import ENTRIES, Tile, split_bundle
from tests.audit.conftest import fill


def bodies(session: Session) -> list[bytes]:
    """Every sequenced entry in order."""
    return [body for _, body in stored_tree.bodies(session, 0, stored_tree.size(session))]


def test_tiles_and_bundles_are_cut_to_the_width_asked_for(session: Session, signer: Signer) -> None:
    """Narrower ones of older heads are still served; what is not there is named."""
    fill(session, 300, signer)

    hashes = stored_tree.tile_bytes(session, Tile(0, 1, 44))
    assert hashes[: 7 * 32] == stored_tree.tile_bytes(session, Tile(0, 1, 7))
    bundle = split_bundle(stored_tree.tile_bytes(session, Tile(ENTRIES, 1, 44)))
    assert [leaf_hash(body) for body in bundle] == [hashes[at : at + 32] for at in range(0, len(hashes), 32)]
    for absent in (Tile(0, 1, 45), Tile(0, 2, 1), Tile(1, 0, 2), Tile(2, 0, 1), Tile(ENTRIES, 1)):
        with pytest.raises(SizeUnknownError):
            stored_tree.tile_bytes(session, absent)


def test_proofs_beyond_the_log_are_refused_by_name(session: Session, signer: Signer) -> None:
    """Sizes and indexes that the log does not have."""
    fill(session, 10, signer)

    for ask in (
        lambda: stored_tree.root(session, 11),
        lambda: stored_tree.inclusion(session, 10, 10),
        lambda: stored_tree.inclusion(session, 0, 11),
        lambda: stored_tree.consistency(session, 3, 11),
        lambda: stored_tree.consistency(session, 7, 6),
    ):
        with pytest.raises(SizeUnknownError):
            ask()


def test_a_missing_entry_or_tile_is_noticed_on_reading(session: Session, signer: Signer) -> None:
    """Nothing is left out silently."""
    fill(session, 300, signer)
    session.execute(delete(EntryRow).where(EntryRow.idx == 7))
    session.execute(delete(TileRow).where(TileRow.level == 1))

    with pytest.raises(LogBrokenError, match="entry 7"):
        bodies(session)
    with pytest.raises(LogBrokenError, match="tile 1/000"):
        stored_tree.root(session, 300)
