"""Writes one file anew without a person's rows, or with other values in them, and counts what it did.

The new file is read once before it takes the old one's place: it must have exactly the rows that were kept,
and nothing that should be gone or changed. Rows before = rows kept + changed + removed, or nothing is put.
"""

import io
from collections.abc import Callable
from typing import BinaryIO

from governance.stores.errors import StoreCode, StoreError
from governance.stores.files.description import Layout
from governance.stores.files.formats import Decide, Decision, Tally, Values
from governance.stores.files.packed import packing
from governance.stores.files.places import Place
from governance.stores.files.shapes import open_rows

TRIES = 3
"""Times that a file is read anew, when somebody else changed it meanwhile."""
Decider = Callable[[tuple[str, ...], Values], Decision]
"""What becomes of a row: told the file's columns and its values."""


def rewrite(place: Place, name: str, layout: Layout, decide: Decider) -> Tally:
    """Rewrites a file of `place` as `decide` says; one of which nothing is decided is left alone.

    Raises:
        StoreError: `locked` where somebody else kept changing the file; `constraint` where the new one would
            not have been right. The old file stands as it was.
    """
    for left in range(TRIES - 1, -1, -1):
        tally = Tally()

        def write(source: BinaryIO, target: BinaryIO) -> bool:
            nonlocal tally
            rows = open_rows(name, source, layout)
            columns = tuple(one.name for one in rows.columns)
            with packing(name, target) as unpacked:
                tally = rows.rewrite(unpacked, lambda values: decide(columns, values))
            if tally.touched:
                _check(name, target, layout, tally, lambda values: decide(columns, values))
            return tally.touched

        try:
            place.rewrite(name, write)
        except StoreError as error:
            if error.reason is not StoreCode.LOCKED or not left:
                raise
        else:
            break
    return tally


def _check(name: str, target: BinaryIO, layout: Layout, tally: Tally, decide: Decide) -> None:
    """Reads what was written."""
    target.flush()
    target.seek(0)
    counted = undone = 0
    for values in open_rows(name, target, layout).rows():
        counted += 1
        undone += decide(values) is not None
    target.seek(0, io.SEEK_END)
    if counted != tally.after or tally.before != tally.after + tally.removed or undone:
        raise StoreError(StoreCode.CONSTRAINT, name)
