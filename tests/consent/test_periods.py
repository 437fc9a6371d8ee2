"""Months are clamped, ages include their last day, what is to come has not happened."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from consent.periods import add, add_months, day_of, end_of, is_later, is_to_come
from consent.rows import Period

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2024-02-29", 24, "2026-02-28"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-08-31", 1, "2026-09-30"),
    ],
)
def test_a_missing_day_is_the_last_of_the_month(day: str, months: int, expected: str) -> None:
    """Regulation 1182/71 art. 3(2)(c)."""
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(expected)


@given(some.dates(date(1950, 1, 1), date(2900, 1, 1)), some.integers(0, 120), some.integers(0, 120))
def test_a_longer_period_never_ends_earlier(day: date, months: int, more: int) -> None:
    """In months and in days."""
    assert add_months(day, months) <= add_months(day, months + more)
    assert add(day, Period(months=months)) <= add(day, Period(months=months, days=more))


def test_instants_are_compared_as_instants_and_days_as_days() -> None:
    """On the recipient's clock; equal is not later."""
    morning, evening = NOW.replace(hour=8), NOW.replace(hour=20)

    assert is_later(evening, morning, BERLIN)
    assert not is_later(evening, date(2026, 11, 24), BERLIN)
    assert is_later(NOW.replace(hour=23, minute=30), date(2026, 11, 24), BERLIN)
    assert day_of(NOW.replace(hour=23, minute=30), BERLIN) == date(2026, 11, 25)


def test_a_day_that_has_begun_nowhere_is_to_come() -> None:
    """In Kiribati it is tomorrow already at ten in the morning of UTC."""
    assert not is_to_come(date(2026, 11, 25), NOW)
    assert is_to_come(date(2026, 11, 26), NOW)
    assert is_to_come(NOW.replace(hour=11), NOW)


def test_a_day_ends_on_the_clock_of_its_place() -> None:
    """At midnight there."""
    assert end_of(date(2026, 11, 24), BERLIN) == datetime(2026, 11, 24, 23, tzinfo=UTC)
