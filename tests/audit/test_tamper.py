"""Each attack on the database is caught by just the checks that the matrix names."""

from pathlib import Path

import pytest

from tests.tamper import ATTACKS, Attack, caught_by


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_the_matrix_says_what_catches_an_attack(attack: Attack, tmp_path: Path) -> None:
    """No more and no less, so that the threat model can be believed."""
    assert caught_by(attack, tmp_path) == ATTACKS[attack]


def test_an_honest_log_alarms_nobody(tmp_path: Path) -> None:
    """No check fails without an attack."""
    assert caught_by(None, tmp_path) == set()
