"""No cell is empty on any day, and none is answered twice."""

from datetime import date

import pytest

from consent.cells import check_cell
from consent.rows import Condition, Regime, Row, RuleRef
from consent.tablesyntax import Faults

ROLE = (Condition("address_type", frozenset({"role"})),)


def row(name: str, begin: str | None = None, end: str | None = None, when: tuple[Condition, ...] = ()) -> Row:
    """A row in force between two days."""
    return Row(
        RuleRef(name, 1, "law"),
        Regime.OPT_IN,
        "high",
        when=when,
        effective_from=date.fromisoformat(begin) if begin else None,
        effective_to=date.fromisoformat(end) if end else None,
    )


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ((row("A"),), ""),
        ((row("A", end="2026-08-10"), row("B", begin="2026-08-11")), ""),
        ((row("R", when=ROLE), row("A")), ""),
        ((), "is a gap: no row"),
        ((row("R", when=ROLE),), "is a gap: no row"),
        ((row("A", begin="2026-01-01"),), "before its first day"),
        ((row("A", end="2026-08-10"), row("B", begin="2026-08-12")), "between A and B"),
        ((row("A"), row("B")), "overlap of A and B"),
        ((row("A", end="2026-08-11"), row("B", begin="2026-08-11")), "overlap of A and B"),
        ((row("R", when=ROLE), row("Q", when=ROLE), row("A")), "overlap of R and Q"),
        ((row("A"), row("R", when=ROLE)), "can never reach R"),
    ],
)
def test_a_cell_is_whole_and_answered_once(cell: tuple[Row, ...], message: str) -> None:
    """Gaps in time, missing unconditional rows, rows that fit together, rows that are never reached."""
    faults = Faults()
    check_cell(cell, "cell", faults)
    found = "; ".join(faults.found.get("cell", []))

    assert message in found
    assert bool(found) == bool(message)
