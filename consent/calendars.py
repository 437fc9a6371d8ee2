"""Public holidays as data: whose calendar, which kinds of holidays, what is left out or added."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays

_SUPPORTED = holidays.list_supported_countries(include_aliases=False)
# Kinds of days off that the tables know; not every country has each.
CATEGORIES = ("public", "government")
_LANGUAGE = "en_US"  # names are compared, so they must not follow the machine's language


@dataclass(frozen=True, slots=True)
class Calendar:
    """The holidays of a country or subdivision (`DE-BE`); `without` drops those whose names begin so."""

    code: str
    categories: tuple[str, ...] = ("public",)
    without: tuple[str, ...] = ()
    added: frozenset[date] = frozenset()


def is_calendar(code: str) -> bool:
    """Whether the holidays of this code are known: a country, or a country and its subdivision."""
    country, _, subdivision = code.partition("-")
    return country in _SUPPORTED and (not subdivision or subdivision in _SUPPORTED[country])


def is_supported(calendar: Calendar) -> bool:
    """Whether the public tables have every kind of holiday that the calendar asks for."""
    country, _, subdivision = calendar.code.partition("-")
    try:
        holidays.country_holidays(country, subdiv=subdivision or None, categories=calendar.categories)
    except (ValueError, NotImplementedError):
        return False
    return True


@lru_cache(maxsize=1024)
def holidays_of(calendar: Calendar, year: int) -> frozenset[date]:
    """The holidays of a year.

    Raises:
        NotImplementedError: the calendar is not known; ask `is_calendar` first.
    """
    country, _, subdivision = calendar.code.partition("-")
    found = holidays.country_holidays(
        country,
        subdiv=subdivision or None,
        years=year,
        categories=calendar.categories,
        language=_LANGUAGE if _LANGUAGE in holidays.list_localized_countries().get(country, ()) else None,
    )
    kept = {day for day, name in found.items() if not name.startswith(calendar.without or ("\0",))}
    return frozenset(kept | {day for day in calendar.added if day.year == year})


def is_holiday(calendar: Calendar | None, day: date) -> bool:
    """Whether `day` is a holiday of `calendar`; without a calendar no day is."""
    return calendar is not None and day in holidays_of(calendar, day.year)


def calendars_by_code(calendars: Iterable[Calendar]) -> dict[str, Calendar]:
    """For look-up by code."""
    return {calendar.code: calendar for calendar in calendars}
