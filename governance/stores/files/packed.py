"""Files packed with gzip are read unpacked, and packed again when they are written."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

LEVEL = 6
PACKED = ".gz"


def unpacked(name: str, stream: BinaryIO) -> BinaryIO:
    """The stream as it is to be read."""
    if not name.casefold().endswith(PACKED):
        return stream
    return cast("BinaryIO", gzip.GzipFile(fileobj=stream, mode="rb"))


@contextmanager
def packing(name: str, target: BinaryIO) -> Iterator[BinaryIO]:
    """A stream to write into, so that `target` holds it packed if it should be."""
    if not name.casefold().endswith(PACKED):
        yield target
        return
    with gzip.GzipFile(filename="", fileobj=target, mode="wb", compresslevel=LEVEL, mtime=0) as packed:
        yield cast("BinaryIO", packed)
