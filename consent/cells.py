"""The two promises of a rulebook's tables: no cell is empty on any day, and none is answered twice."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from consent.periods import ONE_DAY
from consent.rows import Cell, Row
from consent.tablesyntax import Faults


def check_cell(cell: Cell, place: str, faults: Faults) -> None:
    """No gap and no overlap: on each day one unconditional row, and no condition twice."""
    unconditional = [row for row in cell if not row.when]
    if not unconditional:
        faults.add(place, "is a gap: no row answers without conditions")
        return
    for number, row in enumerate(cell):
        for other in cell[:number]:
            if other.when == row.when and _meet(other, row):
                faults.add(place, f"is an overlap of {other.rule.id} and {row.rule.id}")
    if cell[-1].when:
        faults.add(place, f"can never reach {cell[-1].rule.id}: a row without conditions stands before it")
    _check_days(sorted(unconditional, key=lambda row: row.effective_from or date.min), place, faults)


def _check_days(rows: Sequence[Row], place: str, faults: Faults) -> None:
    """From the first day to the last, without a hole."""
    if rows[0].effective_from is not None or rows[-1].effective_to is not None:
        faults.add(place, "is a gap before its first day or after its last")
    for before, after in pairwise(rows):
        if before.effective_to is None or after.effective_from != before.effective_to + ONE_DAY:
            faults.add(place, f"is a gap between {before.rule.id} and {after.rule.id}")


def _meet(one: Row, other: Row) -> bool:
    """Whether two rows are in force on a common day."""
    return (one.effective_from or date.min) <= (other.effective_to or date.max) and (
        other.effective_from or date.min
    ) <= (one.effective_to or date.max)
