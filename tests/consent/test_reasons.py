"""The codes are those of the contract, and every denial says what it lacks."""

from datetime import date

from consent.obligations import Obligation, recheck_by
from consent.reasons import MISSING, REVIEWED, STAGES, Reason
from consent.rulebook import starting_rulebook


def test_every_denying_code_says_what_is_missing() -> None:
    """And no allowing one does."""
    codes = list(Reason)
    allowing = codes[codes.index(Reason.CONSENT_VALID) :]

    assert set(MISSING) == set(codes) - set(allowing)
    assert set(MISSING) >= REVIEWED
    assert len(STAGES) == 11


def test_the_duties_of_the_rulebook_are_known() -> None:
    """A duty that nobody knows is a duty that nobody does."""
    named = {
        duty
        for law in starting_rulebook().laws.values()
        for cells in law.cells.values()
        for cell in cells
        for row in cell
        for duty in (*row.obligations, *(duty for ground in row.grounds for duty in ground.obligations))
    }

    assert named <= set(Obligation)
    assert recheck_by(date(2026, 12, 1)) == "recheck_by:2026-12-01"
