"""The tree over the salted answers of one audit entry: its root, and the path of each leaf."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from audit.merkle import HASH_BYTES, inclusion_proof, node_hash, root_of
from consent.tables import DecisionChunkRow


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The RFC 6962 root over these leaf hashes."""
    levels = _levels(leaves)
    return root_of(len(leaves), lambda level, index: levels[level][index])


def proof(leaves: Sequence[bytes], position: int) -> list[bytes]:
    """The RFC 6962 inclusion path of one leaf in the tree over them.

    Raises:
        ProofInvalidError: there is no such leaf.
    """
    levels = _levels(leaves)
    return inclusion_proof(position, len(leaves), lambda level, index: levels[level][index])


def chunk_leaves(session: Session, entry_id: str) -> list[bytes]:
    """The leaf hashes of a batch entry; none where the entry covers a single answer."""
    row = session.get(DecisionChunkRow, entry_id)
    if row is None:
        return []
    return [row.leaves[start : start + HASH_BYTES] for start in range(0, len(row.leaves), HASH_BYTES)]


def _levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """All perfect subtrees, level by level."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = range(0, len(below) - 1, 2)
        levels.append([node_hash(below[left], below[left + 1]) for left in pairs])
    return levels
