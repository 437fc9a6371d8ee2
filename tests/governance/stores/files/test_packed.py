"""Packed files are read and written as if they were not."""

import gzip
import io

import pytest

from governance.stores.files.packed import packing, unpacked


@pytest.mark.parametrize(("name", "packs"), [("a.csv", False), ("a.csv.gz", True), ("A.CSV.GZ", True)])
def test_a_name_tells_whether_a_file_is_packed(name: str, *, packs: bool) -> None:
    """By its end, in any case; what is written is read again, and the same each time."""
    targets = [io.BytesIO(), io.BytesIO()]
    for target in targets:
        with packing(name, target) as stream:
            stream.write(b"a,b\n")
    written = targets[0].getvalue()
    assert written == targets[1].getvalue()
    assert (gzip.decompress(written) if packs else written) == b"a,b\n"
    assert unpacked(name, io.BytesIO(written)).read() == b"a,b\n"


def test_a_packed_file_is_read_again_from_its_beginning() -> None:
    """As every pass needs it."""
    stream = unpacked("a.gz", io.BytesIO(gzip.compress(b"a,b\n")))
    assert stream.read() == b"a,b\n"
    stream.seek(0)
    assert stream.read() == b"a,b\n"
