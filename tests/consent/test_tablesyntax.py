"""How the cells of a rulebook are spelled; a fault is noted at its place and never raised."""

from datetime import timedelta
from typing import Any

import pytest

from consent import tablesyntax as syntax
from consent.rows import Period, Regime, Windows
from consent.tablesyntax import Faults


@pytest.fixture
def faults() -> Faults:
    """Nothing found yet."""
    return Faults()


def test_periods_and_durations(faults: Faults) -> None:
    """Months for the calendar, hours for elapsed time."""
    assert syntax.period("24 months", "p", faults) == Period(months=24)
    assert syntax.period("1 day", "p", faults) == Period(days=1)
    assert syntax.duration("24 hours", "d", faults) == timedelta(hours=24)
    assert faults.found == {}


@pytest.mark.parametrize("text", ["", "months", "2 weeks", "-1 days", "3 hours", 3, None])
def test_a_period_of_another_kind_is_a_fault(faults: Faults, text: Any) -> None:
    """It counts as nothing, and the rulebook does not pass."""
    assert syntax.period(text, "here", faults) == Period()
    assert list(faults.found) == ["here"]


def test_windows(faults: Faults) -> None:
    """In order, without overlap, up to midnight."""
    assert syntax.windows("closed", "w", faults) == Windows(())
    assert syntax.windows("10:00-13:00, 14:00-24:00", "w", faults) == Windows(((600, 780), (840, 1440)))
    assert faults.found == {}


@pytest.mark.parametrize("text", ["10-13", "13:00-10:00", "10:00-13:00, 12:00-14:00", "10:00-24:30", 7, ""])
def test_windows_out_of_order_are_a_fault(faults: Faults, text: Any) -> None:
    """They count as closed, and the rulebook does not pass."""
    assert syntax.windows(text, "here", faults) == Windows(())
    assert list(faults.found) == ["here"]


def test_words_of_a_closed_list(faults: Faults) -> None:
    """What is unknown, told twice or no word at all is named by its number."""
    assert syntax.words(["a", "b"], "w", faults, ("a", "b")) == ("a", "b")
    assert syntax.words(["a", "x", [], "a"], "w", faults, ("a", "b")) == ("a", "a")
    assert set(faults.found) == {"w", "w.1", "w.2"}
    assert syntax.word("maybe", "r", faults, Regime) is Regime.OPT_IN
    assert "r" in faults.found


def test_a_rule_needs_its_source(faults: Faults) -> None:
    """Id, version, law and article."""
    cited = {"id": "X-1", "citation": {"law": "UWG", "article": "s. 7"}}

    assert syntax.rule(cited, "r", faults).citation == "UWG s. 7"
    assert faults.found == {}
    syntax.rule({"id": "lower", "version": 0}, "r", faults)
    assert set(faults.found) == {"r.id", "r.version", "r.citation"}
