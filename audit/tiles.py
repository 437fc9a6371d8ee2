"""C2SP tlog-tiles (c2sp.org/tlog-tiles): names of tiles, and the bytes in them. Pure.

A hash tile is up to 256 adjoining hashes of one level; level L stands 8 * L above the leaves. A bundle is up
to 256 entries, each behind its length as a big-endian uint16.

    0/x001/x234/067        tile 1,234,067 of level 0, full
    1/000.p/17             the first tile of level 1 while it holds 17 hashes
    entries/000.p/112      the first 112 entries
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from audit.errors import TileMalformedError
from audit.merkle import HASH_BYTES, node_hash

WIDTH = 256
HEIGHT = 8
MAX_LEVEL = 63
ENTRIES = -1  # the level of entry bundles
LENGTH_BYTES = 2

_PATH = re.compile(r"(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([0-9]{1,3}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tile:
    """Which tile: level (`ENTRIES` for a bundle), index within the level, and how many hashes or entries."""

    level: int
    index: int
    width: int = WIDTH

    @classmethod
    def parse(cls, path: str) -> Self:
        """Strict: one spelling a tile.

        Raises:
            TileMalformedError: not a tile's path.
        """
        parts = _PATH.fullmatch(path)
        if parts is None:
            raise TileMalformedError("not a tile's path")
        level = ENTRIES if parts[1] == "entries" else int(parts[1])
        width = WIDTH if parts[3] is None else int(parts[3])
        tile = cls(level, int(parts[2].replace("x", "").replace("/", "")), width)
        if level > MAX_LEVEL or not 0 < width <= WIDTH or str(tile) != path:
            raise TileMalformedError("not a tile's path")
        return tile

    def __str__(self) -> str:
        level = "entries" if self.level == ENTRIES else str(self.level)
        name, rest = f"{self.index % 1000:03}", self.index // 1000
        while rest:
            name, rest = f"x{rest % 1000:03}/{name}", rest // 1000
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"{level}/{name}{partial}"


def width_at(level: int, index: int, size: int) -> int:
    """How many hashes (or entries) a tile holds in the tree of `size`; 0 when it is not there."""
    hashes = size >> (HEIGHT * max(level, 0))
    return max(0, min(WIDTH, hashes - index * WIDTH))


def tiles_of(size: int) -> Iterator[Tile]:
    """Every hash tile of the tree of `size`, level by level."""
    level = 0
    while hashes := size >> (HEIGHT * level):
        for index in range(-(-hashes // WIDTH)):
            yield Tile(level, index, width_at(level, index, size))
        level += 1


def split_hashes(tile: bytes) -> list[bytes]:
    """The hashes of a tile's bytes.

    Raises:
        TileMalformedError: not a whole number of hashes, or more than 256.
    """
    if len(tile) % HASH_BYTES or len(tile) > WIDTH * HASH_BYTES:
        raise TileMalformedError("a tile is of the wrong width")
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The hash over a power of two of adjoining hashes."""
    level = hashes
    while len(level) > 1:
        level = [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=True)]
    return level[0]


def pack_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries behind their lengths."""
    return b"".join(len(entry).to_bytes(LENGTH_BYTES, "big") + entry for entry in entries)


def split_bundle(bundle: bytes) -> list[bytes]:
    """The entries of a bundle.

    Raises:
        TileMalformedError: it ends within an entry, or holds more than 256.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(bundle):
        start = at + LENGTH_BYTES
        at = start + int.from_bytes(bundle[at:start], "big")
        entries.append(bundle[start:at])
    if at != len(bundle) or len(entries) > WIDTH:
        raise TileMalformedError("an entry bundle is cut short or too wide")
    return entries
