"""The Merkle tree of RFC 6962 and RFC 9162: hashes, proofs, and their strict verification. Pure, stdlib only.

Proofs are built from a `Nodes` function, so that nothing here knows where hashes are kept; verification takes
plain values and believes none of them. Level 0 are leaves; node (level, index) covers the leaves
[index * 2^level, (index + 1) * 2^level) and exists only where all of them do.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from audit.errors import ProofInvalidError

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

Nodes: TypeAlias = Callable[[int, int], bytes]
"""(level, index) -> the hash of that perfect subtree."""

_sha256 = hashlib.sha256


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962, section 2.1: SHA-256(0x00 || entry)."""
    return _sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962, section 2.1: SHA-256(0x01 || left || right)."""
    return _sha256(b"\1" + left + right).digest()


def subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The largest perfect subtrees (level, index) that cover [start, end), left to right."""
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        yield level, start >> level
        start += 1 << level


def fold(hashes: Sequence[bytes]) -> bytes:
    """One hash of adjoining subtrees, folded from the right as RFC 6962 does; of none, the empty root."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def root_of(size: int, nodes: Nodes) -> bytes:
    """The root of the tree over the first `size` leaves."""
    return _range_hash(0, size, nodes)


def inclusion_proof(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """RFC 6962, section 2.1.1: PATH(index, D[size]).

    Raises:
        ProofInvalidError: the tree of that size has no such leaf.
    """
    if not 0 <= index < size:
        raise ProofInvalidError(f"a tree of {size} has no leaf {index}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_hash(middle, end, nodes))
            end = middle
        else:
            path.append(_range_hash(start, middle, nodes))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, nodes: Nodes) -> list[bytes]:
    """RFC 6962, section 2.1.2: PROOF(old, D[new]); empty when the sizes are equal, or `old` is 0.

    Raises:
        ProofInvalidError: `old` is not within 0..`new`.
    """
    if not 0 <= old <= new:
        raise ProofInvalidError(f"no consistency from {old} to {new}")
    if old in {0, new}:
        return []
    path: list[bytes] = []
    start, end = 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range_hash(middle, end, nodes))
            end = middle
        else:
            path.append(_range_hash(start, middle, nodes))
            start = middle
    if start:  # else the old tree is itself a node, and the verifier knows its root
        path.append(_range_hash(start, end, nodes))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """RFC 9162, section 2.1.3.2: `leaf` is the leaf hash at `index` of the tree (`size`, `root`).

    Raises:
        ProofInvalidError: it is not proved.
    """
    if not 0 <= index < size:
        raise ProofInvalidError(f"a tree of {size} has no leaf {index}")
    _check_hashes(leaf, root, *proof)
    node, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofInvalidError("the inclusion proof is too long")
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofInvalidError("the inclusion proof is too short")
    if not hmac.compare_digest(computed, root):
        raise ProofInvalidError("the inclusion proof leads to another root")


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """RFC 9162, section 2.1.4.2: the tree (`old`, `old_root`) is a prefix of the tree (`new`, `new_root`).

    Raises:
        ProofInvalidError: it is not proved. Nothing follows from an empty tree, so `old` must be above 0.
    """
    if not 0 <= old <= new:
        raise ProofInvalidError(f"no consistency from {old} to {new}")
    if old == 0:
        raise ProofInvalidError("from an empty tree nothing can be proved")
    if old == new:
        if proof:
            raise ProofInvalidError("equal sizes need an empty proof")
        if not hmac.compare_digest(old_root, new_root):
            raise ProofInvalidError("equal sizes, different roots")
        return
    _check_hashes(old_root, new_root, *proof)
    first, second = _walk_consistency(old, new, proof, old_root)
    if not hmac.compare_digest(first, old_root):
        raise ProofInvalidError("the consistency proof leads to another old root")
    if not hmac.compare_digest(second, new_root):
        raise ProofInvalidError("the consistency proof leads to another new root")


def _walk_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes) -> tuple[bytes, bytes]:
    """The two roots that the proof leads to; RFC 9162's steps 2 to 6."""
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise ProofInvalidError("the consistency proof is too short")
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofInvalidError("the consistency proof is too long")
        if node & 1 or node == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofInvalidError("the consistency proof is too short")
    return first, second


def _range_hash(start: int, end: int, nodes: Nodes) -> bytes:
    return fold([nodes(level, index) for level, index in subtrees(start, end)])


def _split(count: int) -> int:
    """RFC 6962's k: the largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def _check_hashes(*hashes: bytes) -> None:
    if any(len(value) != HASH_BYTES for value in hashes):
        raise ProofInvalidError("a hash is not 32 bytes")
