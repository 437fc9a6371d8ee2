"""The tree over the answers of a chunk."""

import hashlib

import pytest

from audit.errors import ProofInvalidError
from audit.merkle import leaf_hash, verify_inclusion
from consent.answer_tree import proof, tree_root


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 33, 1000])
def test_each_answer_is_proved_by_itself(size: int) -> None:
    """The path of every leaf leads to the root, by the auditor's own verifier."""
    leaves = [leaf_hash(hashlib.sha256(str(number).encode()).digest()) for number in range(size)]
    root = tree_root(leaves)

    for position in range(0, size, max(1, size // 20)):
        verify_inclusion(leaves[position], position, size, proof(leaves, position), root)


def test_there_is_no_path_beyond_the_last_leaf() -> None:
    """An answer that was never in the chunk is not proved."""
    with pytest.raises(ProofInvalidError):
        proof([leaf_hash(b"only")], 1)
