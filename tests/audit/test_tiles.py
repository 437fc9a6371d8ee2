"""`audit.tiles`: names and bytes of tiles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import TileMalformedError
from audit.tiles import (
    ENTRIES,
    MAX_LEVEL,
    Tile,
    pack_bundle,
    split_bundle,
    split_hashes,
    tiles_of,
    width_at,
)

TILES = st.builds(Tile, st.integers(ENTRIES, MAX_LEVEL), st.integers(0, 10**18 - 1), st.integers(1, 256))


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 1_234_067), "0/x001/x234/067"),
        (Tile(0, 0), "0/000"),
        (Tile(1, 0, 17), "1/000.p/17"),
        (Tile(ENTRIES, 273, 112), "entries/273.p/112"),
        (Tile(63, 1_000), "63/x001/000"),
    ],
)
def test_paths_are_those_of_the_specification(tile: Tile, path: str) -> None:
    """The specification's own example among them; there and back."""
    assert path == str(tile)
    assert tile == Tile.parse(path)


@given(TILES)
def test_every_tile_has_one_path(tile: Tile) -> None:
    """Parsing undoes writing."""
    assert tile == Tile.parse(str(tile))


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "0/",
        "00/000",
        "64/000",
        "0/0",
        "0/x000/001",
        "0/001/067",
        "0/x01/067",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/017",
        "0/000.p/",
        "-1/000",
        "entries",
        "entries/x000/000",
        "0/000/",
        "0/\u0660\u0660\u0660",
        "0/" + "x001/" * 2000 + "000",
        "0/000\n",
    ],
)
def test_other_spellings_are_refused(path: str) -> None:
    """Leading zeros, impossible widths, levels beyond 63, foreign digits: not a tile."""
    with pytest.raises(TileMalformedError):
        Tile.parse(path)


def test_a_tree_of_70_000_has_the_tiles_of_the_specifications_example() -> None:
    """273 full and one of 112, one full and one of 17, one of width 1."""
    tiles = list(tiles_of(70_000))

    partial = [tile for tile in tiles if tile.width < 256]
    assert partial == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert len(tiles) == 274 + 2 + 1


def test_a_tree_of_256_has_a_full_tile_and_one_of_width_1() -> None:
    """The specification's other example; and an empty tree has none."""
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_of(0)) == []
    assert width_at(0, 1, 256) == 0


@given(st.lists(st.binary(max_size=600), max_size=256))
def test_a_bundle_gives_back_its_entries(entries: list[bytes]) -> None:
    """Length-prefixed there and back."""
    assert entries == split_bundle(pack_bundle(entries))


@pytest.mark.parametrize("bundle", [b"\0", b"\0\5abc", b"\0\0" * 257], ids=["length", "entry", "too many"])
def test_a_broken_bundle_is_named(bundle: bytes) -> None:
    """Cut within a length, within an entry, or too wide."""
    with pytest.raises(TileMalformedError):
        split_bundle(bundle)


@pytest.mark.parametrize("tile", [bytes(31), bytes(33), bytes(257 * 32)])
def test_a_tile_of_the_wrong_width_is_named(tile: bytes) -> None:
    """Not a whole number of hashes, or more than 256."""
    with pytest.raises(TileMalformedError):
        split_hashes(tile)
