"""`audit.tree`: growing by tiles and by peaks gives the trees that the definition gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import LogBrokenError, ProofInvalidError
from audit.merkle import EMPTY_ROOT, leaf_hash, root_of, subtrees
from audit.tiles import perfect_root
from audit.tree import Edge, Frontier, edge_root, edge_tiles, grow, nodes_of

LEAVES = [leaf_hash(str(number).encode()) for number in range(700)]


def grown(*sizes: int) -> tuple[dict[tuple[int, int], bytes], bytes]:
    """All tiles, and the root, of a tree that grew in steps to each of `sizes`."""
    tiles: dict[tuple[int, int], bytes] = {}
    size, root = 0, EMPTY_ROOT
    for target in sizes:
        edge: Edge = {level: tiles[level, index] for level, index, _ in edge_tiles(size)}
        growth = grow(size, edge, LEAVES[size:target])
        tiles.update(growth.tiles)
        size, root = growth.size, growth.root
    return tiles, root


def peaks_root(size: int) -> bytes:
    """The root over the first leaves, one by one."""
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.add(leaf)
    return frontier.root()


@given(st.lists(st.integers(0, 700), max_size=8))
def test_a_tree_is_the_same_however_it_grew(steps: list[int]) -> None:
    """Tiles and root depend on the leaves, not on the batches in which they came."""
    sizes = sorted(steps)
    size = sizes[-1] if sizes else 0

    tiles, root = grown(*sizes)

    assert (tiles, root) == grown(size)
    assert root == peaks_root(size)


@given(st.integers(1, 700))
def test_any_root_can_be_read_from_the_tiles(size: int) -> None:
    """Tiles of a larger tree give the root of every smaller one."""
    tiles, _ = grown(700)

    root = root_of(size, nodes_of(lambda level, index: tiles[level, index]))

    assert root == peaks_root(size)


@given(st.integers(0, 700), st.integers(0, 700), st.integers(700, 700))
def test_a_part_leads_to_the_root_of_the_whole(one: int, other: int, size: int) -> None:
    """Peaks on the left, leaves in the middle, subtrees on the right: the export of a part."""
    first, end = sorted((one, other))
    tiles, root = grown(size)
    node = nodes_of(lambda level, index: tiles[level, index])

    frontier = Frontier(first, [node(level, index) for level, index in subtrees(0, first)])
    frontier.add_leaves(LEAVES[first:end])
    for level, index in subtrees(end, size):
        frontier.add(node(level, index), level)

    assert (frontier.size, frontier.root()) == (size, root)


def test_peaks_must_fit_their_size() -> None:
    """A left edge with too few or too many hashes, and a subtree out of place, are refused."""
    with pytest.raises(ProofInvalidError):
        Frontier(3, [bytes(32)])
    with pytest.raises(ProofInvalidError):
        Frontier(1, [bytes(32)]).add(bytes(32), 1)


def test_an_edge_that_is_not_as_wide_as_the_head_says_is_broken() -> None:
    """A missing or cut tile is found before anything is signed over it."""
    tiles, root = grown(300)
    edge = {0: tiles[0, 1], 1: tiles[1, 0]}

    assert root == edge_root(300, edge)
    for wrong in ({}, {0: tiles[0, 1]}, {**edge, 0: tiles[0, 1][:-32]}):
        with pytest.raises(LogBrokenError):
            edge_root(300, wrong)


def test_a_node_beyond_a_narrow_tile_is_broken() -> None:
    """A stored tile that lost hashes is noticed where it is read."""
    with pytest.raises(LogBrokenError):
        nodes_of(lambda _level, _index: b"".join(LEAVES[:3]))(2, 0)


def test_the_root_of_one_hash_is_that_hash() -> None:
    """A perfect tree of height zero."""
    assert perfect_root(LEAVES[:1]) == LEAVES[0]
