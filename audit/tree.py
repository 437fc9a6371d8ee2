"""The tree as it grows: from the tiles of its right edge, or hash by hash with only its peaks. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from audit.errors import LogBrokenError, ProofInvalidError
from audit.merkle import HASH_BYTES, Nodes, fold, node_hash, subtrees
from audit.tiles import HEIGHT, WIDTH, perfect_root, split_hashes

Edge: TypeAlias = Mapping[int, bytes]
"""Level -> the partial tile at the tree's right edge; levels whose last tile is full are absent."""

ReadTile: TypeAlias = Callable[[int, int], bytes]
"""(level, index) -> the tile's bytes, as wide as the tree has it, or wider."""


@dataclass(frozen=True, slots=True)
class Growth:
    """A tree after leaves were added: the tiles that are new or wider, and the new root."""

    size: int
    tiles: Mapping[tuple[int, int], bytes]
    root: bytes


def edge_tiles(size: int) -> list[tuple[int, int, int]]:
    """(level, index, width) of the partial tiles at the right edge of the tree of `size`."""
    edge: list[tuple[int, int, int]] = []
    level = 0
    while hashes := size >> (HEIGHT * level):
        if hashes % WIDTH:
            edge.append((level, hashes // WIDTH, hashes % WIDTH))
        level += 1
    return edge


def edge_root(size: int, edge: Edge) -> bytes:
    """The root of the tree of `size`.

    Raises:
        LogBrokenError: a tile of the edge is missing, or not as wide as `size` says.
    """
    peaks: list[bytes] = []
    for level, _, width in reversed(edge_tiles(size)):
        tile = edge.get(level, b"")
        if len(tile) != width * HASH_BYTES:
            raise LogBrokenError(f"the last tile of level {level} is not as wide as the log's head says")
        hashes = split_hashes(tile)
        peaks += [_within(hashes, height, index) for height, index in subtrees(0, width)]
    return fold(peaks)


def grow(size: int, edge: Edge, leaves: Sequence[bytes]) -> Growth:
    """The tree of `size` with these leaf hashes added."""
    tiles: dict[tuple[int, int], bytes] = {}
    level, new = 0, list(leaves)
    while new:
        index = size >> (HEIGHT * (level + 1))
        hashes = split_hashes(edge.get(level, b"")) + new
        new = []
        for start in range(0, len(hashes), WIDTH):
            part = hashes[start : start + WIDTH]
            tiles[level, index] = b"".join(part)
            index += 1
            if len(part) == WIDTH:
                new.append(perfect_root(part))
        level += 1
    grown = size + len(leaves)
    return Growth(grown, tiles, edge_root(grown, _new_edge(grown, edge, tiles)))


def nodes_of(read: ReadTile) -> Nodes:
    """Any node of the tree, from its tiles."""

    def node(level: int, index: int) -> bytes:
        height = level % HEIGHT
        first = index << height
        tile = split_hashes(read(level // HEIGHT, first // WIDTH))
        return _within(tile, height, index % (WIDTH >> height))

    return node


class Frontier:
    """A tree of which only the peaks are kept: a million leaves cost twenty hashes of memory.

    `peaks` are the hashes of the perfect subtrees of [0, size), left to right.
    """

    __slots__ = ("_peaks", "size")

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if len(peaks) != size.bit_count():
            raise ProofInvalidError(f"the left edge of a tree of {size} has {size.bit_count()} hashes")
        self.size = size
        self._peaks = list(peaks)

    def add(self, subtree: bytes, height: int = 0) -> None:
        """Add a perfect subtree of 2^`height` leaves on the right.

        Raises:
            ProofInvalidError: no subtree of that height begins here.
        """
        if self.size & ((1 << height) - 1):
            raise ProofInvalidError(f"no subtree of height {height} begins at {self.size}")
        index = self.size >> height
        self.size += 1 << height
        while index & 1:
            subtree = node_hash(self._peaks.pop(), subtree)
            index >>= 1
        self._peaks.append(subtree)

    def add_leaves(self, leaves: Sequence[bytes]) -> None:
        """Add leaf hashes, whole tiles at a time where they begin on a tile's boundary."""
        at = 0
        while at < len(leaves):
            if self.size % WIDTH == 0 and len(leaves) - at >= WIDTH:
                self.add(perfect_root(leaves[at : at + WIDTH]), HEIGHT)
                at += WIDTH
            else:
                self.add(leaves[at])
                at += 1

    def root(self) -> bytes:
        """The root of what was added so far."""
        return fold(self._peaks)


def _within(tile: Sequence[bytes], height: int, index: int) -> bytes:
    """Subtree `index` of 2^`height` hashes of a tile."""
    part = tile[index << height : (index + 1) << height]
    if len(part) != 1 << height:
        raise LogBrokenError("a tile is narrower than the log's head says")
    return perfect_root(part)


def _new_edge(size: int, edge: Edge, tiles: Mapping[tuple[int, int], bytes]) -> Edge:
    return {level: tiles.get((level, index)) or edge.get(level, b"") for level, index, _ in edge_tiles(size)}
