"""Holidays by country and subdivision, with what the rulebook changes in them."""

from datetime import date

import pytest

from consent.calendars import (
    Calendar,
    calendars_by_code,
    holidays_of,
    is_calendar,
    is_holiday,
    is_supported,
)
from consent.rulebook import starting_rulebook


@pytest.mark.parametrize(
    ("code", "known"),
    [
        ("DE", True),
        ("DE-BE", True),
        ("GB-SCT", True),
        ("US", True),
        ("DE-XX", False),
        ("XX", False),
        ("", False),
    ],
)
def test_calendars_are_named_by_country_and_subdivision(code: str, known: bool) -> None:  # noqa: FBT001 - a case
    """Anything else is not guessed."""
    assert is_calendar(code) is known


def test_a_day_off_in_one_place_is_none_in_another() -> None:
    """Women's Day is a holiday in Berlin only; Scotland had a day of its own in June 2026."""
    assert is_holiday(Calendar("DE-BE"), date(2026, 3, 8))
    assert not is_holiday(Calendar("DE-BY"), date(2026, 3, 8))
    assert is_holiday(Calendar("GB-SCT"), date(2026, 6, 15))
    assert not is_holiday(None, date(2026, 12, 25))


def test_canada_subtracts_only_what_is_certain() -> None:
    """The eight days of the worked case; no Boxing Day, no 30 September."""
    canada = starting_rulebook().calendars["CA"]

    assert {day.isoformat()[5:] for day in holidays_of(canada, 2026)} == {
        *("01-01", "04-03", "05-18", "07-01", "09-07", "10-12", "11-11", "12-25"),
    }


def test_a_day_may_be_added() -> None:
    """A one-off holiday is data."""
    calendar = Calendar("DE", added=frozenset({date(2027, 5, 5)}))

    assert is_holiday(calendar, date(2027, 5, 5))
    assert not is_holiday(calendar, date(2028, 5, 5))
    assert calendars_by_code([calendar]) == {"DE": calendar}


def test_not_every_country_has_every_kind() -> None:
    """A kind that is not known is found when the rulebook is read, not when somebody is called."""
    assert is_supported(Calendar("CA", ("public", "government")))
    assert not is_supported(Calendar("PL", ("public", "government")))
