"""`audit.merkle` against the public vectors, every small tree, forged proofs, and another implementation."""

import base64
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from audit import merkle
from audit.errors import ProofInvalidError
from audit.merkle import Nodes

VECTORS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "vectors" / "merkle" / "testdata"
LEAVES = [merkle.leaf_hash(str(number).encode()) for number in range(300)]
LARGEST = 130


def reference_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962's definition, word for word and slow."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return merkle.node_hash(reference_root(leaves[:middle]), reference_root(leaves[middle:]))


def nodes_over(leaves: Sequence[bytes]) -> Nodes:
    """Nodes of a perfect subtree, computed from the leaves; absent ones can not be asked for."""
    known: dict[tuple[int, int], bytes] = {}

    def node(level: int, index: int) -> bytes:
        if (level, index) not in known:
            start, end = index << level, (index + 1) << level
            assert end <= len(leaves)
            known[level, index] = reference_root(leaves[start:end])
        return known[level, index]

    return node


NODES = nodes_over(LEAVES)
ROOTS = [merkle.root_of(size, NODES) for size in range(LARGEST + 1)]


def vectors(kind: str) -> list[Any]:
    """The vectors of a kind, or one parameter that says why there are none."""
    found = sorted(VECTORS.joinpath(kind).rglob("*.json"))
    if not found:
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"NO PUBLIC VECTORS at {VECTORS}"))]
    return [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in found]


def decoded(value: str | None) -> bytes:
    """A vector's base64; null is no bytes."""
    return base64.b64decode(value or "")


def proved(check: Any, *values: Any) -> bool:
    """Whether a verification passed."""
    try:
        check(*values)
    except ProofInvalidError:
        return False
    return True


@pytest.mark.parametrize("path", vectors("inclusion"))
def test_public_inclusion_vectors_are_judged_as_they_say(path: Path) -> None:
    """transparency-dev's inclusion cases, good and forged."""
    case = json.loads(path.read_text())
    proof = [decoded(value) for value in case["proof"] or []]

    result = proved(
        merkle.verify_inclusion,
        decoded(case["leafHash"]),
        case["leafIdx"],
        case["treeSize"],
        proof,
        decoded(case["root"]),
    )

    assert result is not case["wantErr"]


@pytest.mark.parametrize("path", vectors("consistency"))
def test_public_consistency_vectors_are_judged_as_they_say(path: Path) -> None:
    """transparency-dev's consistency cases, good and forged."""
    case = json.loads(path.read_text())
    proof = [decoded(value) for value in case["proof"] or []]

    result = proved(
        merkle.verify_consistency,
        case["size1"],
        case["size2"],
        proof,
        decoded(case["root1"]),
        decoded(case["root2"]),
    )

    assert result is not case["wantErr"]


@pytest.mark.skipif(not VECTORS.exists(), reason=f"NO PUBLIC VECTORS at {VECTORS}")
def test_all_196_public_vectors_are_there() -> None:
    """A vector that is not found is not passed."""
    found = [*VECTORS.joinpath("inclusion").rglob("*.json"), *VECTORS.joinpath("consistency").rglob("*.json")]

    assert len(found) == 196


def test_roots_are_those_of_the_definition() -> None:
    """Every size up to 130 has the root that RFC 6962 defines."""
    expected = [reference_root(LEAVES[:size]) for size in range(LARGEST + 1)]

    assert expected == ROOTS


def test_every_leaf_of_every_small_tree_proves_and_at_no_other_place() -> None:
    """Exhaustive over sizes up to 130: a proof holds for its own leaf, index and size only."""
    for size in range(1, LARGEST + 1):
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, NODES)
            merkle.verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])
            assert not proved(merkle.verify_inclusion, LEAVES[index + 1], index, size, proof, ROOTS[size])
            assert not proved(
                merkle.verify_inclusion, LEAVES[index], index ^ 1, size, proof, ROOTS[size]
            ) or (size == 1)


def test_every_pair_of_small_trees_is_consistent_and_with_no_other_root() -> None:
    """Exhaustive over sizes up to 130: a proof holds for its own pair of trees only."""
    for new in range(1, LARGEST + 1):
        for old in range(1, new + 1):
            proof = merkle.consistency_proof(old, new, NODES)
            merkle.verify_consistency(old, new, proof, ROOTS[old], ROOTS[new])
            assert not proved(merkle.verify_consistency, old, new, proof, ROOTS[old - 1], ROOTS[new])
            assert not proved(merkle.verify_consistency, old, new, proof, ROOTS[old], ROOTS[new - 1])


def mutations(proof: Sequence[bytes], place: int, bit: int) -> list[list[bytes]]:
    """Every way to spoil a proof at one place: flip, drop, double, shorten, lengthen."""
    spoiled: list[list[bytes]] = [[*proof, bytes(32)], [bytes(32), *proof]]
    if proof:
        place %= len(proof)
        element = bytearray(proof[place])
        element[bit // 8] ^= 1 << (bit % 8)
        before, after = list(proof[:place]), list(proof[place + 1 :])
        spoiled += [
            [*before, bytes(element), *after],
            [*before, *after],
            [*before, proof[place], proof[place], *after],
            [*before, proof[place][:-1], *after],
            [*before, proof[place] + b"\0", *after],
        ]
    return spoiled


@given(st.data())
def test_a_spoiled_inclusion_proof_never_proves(data: st.DataObject) -> None:
    """Any change of any element, of the index, the size, the leaf or the root is refused."""
    size = data.draw(st.integers(1, 300))
    index = data.draw(st.integers(0, size - 1))
    place, bit = data.draw(st.integers(0, 20)), data.draw(st.integers(0, 255))
    root = merkle.root_of(size, NODES)
    proof = merkle.inclusion_proof(index, size, NODES)
    merkle.verify_inclusion(LEAVES[index], index, size, proof, root)

    for spoiled in mutations(proof, place, bit):
        assert not proved(merkle.verify_inclusion, LEAVES[index], index, size, spoiled, root)
    for leaf in mutations([LEAVES[index]], 0, bit)[2:3]:
        assert not proved(merkle.verify_inclusion, leaf[0], index, size, proof, root)
    for wrong in (index - 1, index + 1, index + size, -1):
        assert not proved(merkle.verify_inclusion, LEAVES[index], wrong, size, proof, root)


@given(st.data())
def test_a_spoiled_consistency_proof_never_proves(data: st.DataObject) -> None:
    """Any change of any element, of the sizes or of the roots is refused."""
    new = data.draw(st.integers(2, 300))
    old = data.draw(st.integers(1, new - 1))
    place, bit = data.draw(st.integers(0, 20)), data.draw(st.integers(0, 255))
    roots = merkle.root_of(old, NODES), merkle.root_of(new, NODES)
    proof = merkle.consistency_proof(old, new, NODES)
    merkle.verify_consistency(old, new, proof, *roots)

    for spoiled in mutations(proof, place, bit):
        assert not proved(merkle.verify_consistency, old, new, spoiled, *roots)
    assert not proved(merkle.verify_consistency, old, new, proof, roots[1], roots[0])
    for wrong_old, wrong_new in ((old - 1, new), (new, old), (0, new), (-1, new)):
        assert not proved(merkle.verify_consistency, wrong_old, wrong_new, proof, *roots)


@given(st.data())
def test_pymerkle_finds_the_same_roots_and_paths(data: st.DataObject) -> None:
    """Another implementation of RFC 9162 agrees on roots and inclusion paths."""
    size = data.draw(st.integers(1, 200))
    index = data.draw(st.integers(0, size - 1))
    other = InmemoryTree(algorithm="sha256")
    for number in range(size):
        other.append_entry(str(number).encode())

    path = other.prove_inclusion(index + 1, size).path[1:]  # pymerkle counts from 1 and puts the leaf first

    assert other.get_root(size) == merkle.root_of(size, NODES)
    assert [bytes(element) for element in path] == merkle.inclusion_proof(index, size, NODES)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5), (6, 5)])
def test_no_proof_for_a_leaf_that_is_not_there(index: int, size: int) -> None:
    """Asking for a leaf beyond the tree is refused by name."""
    with pytest.raises(ProofInvalidError):
        merkle.inclusion_proof(index, size, NODES)


@pytest.mark.parametrize(("old", "new"), [(-1, 5), (6, 5)])
def test_no_consistency_backwards(old: int, new: int) -> None:
    """A larger tree is no prefix of a smaller one."""
    with pytest.raises(ProofInvalidError):
        merkle.consistency_proof(old, new, NODES)


@pytest.mark.parametrize(("old", "new"), [(0, 7), (7, 7), (0, 0)])
def test_trivial_consistency_needs_no_hashes(old: int, new: int) -> None:
    """RFC 6962 defines the empty proof for equal sizes; from nothing there is nothing to prove."""
    assert merkle.consistency_proof(old, new, NODES) == []
