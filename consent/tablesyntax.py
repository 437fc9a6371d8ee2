"""How a rulebook's cells are spelled: periods, windows, citations, lists of words. Faults are named by place.

A reader never raises for bad input: it notes the fault in `Faults` and returns something harmless, so that
one look finds every fault of a rulebook.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from consent.calendars import CATEGORIES, Calendar, is_calendar, is_supported
from consent.rows import Hours, Period, RuleRef, Windows

Word = TypeVar("Word", bound=StrEnum)
JSON = Any

PERIOD = re.compile(r"(\d{1,4}) (day|month|hour)s?\Z")
SPAN = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)\Z")
IDENTIFIER = re.compile(r"[A-Z0-9][A-Z0-9-]{1,79}\Z")
MINUTES_A_DAY = 24 * 60
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYS_OF = {
    "monday_to_friday": WEEK[:5],
    "monday_to_saturday": WEEK[:6],
    "every_day": WEEK,
    **{day: (day,) for day in WEEK},
}

HOURS_KEYS = ("id", "version", "citation", "calendar", "holidays", "channels", "jurisdictions", *DAYS_OF)


class Faults:
    """What is wrong with a rulebook, by place."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}

    def add(self, place: str, message: str) -> None:
        """Notes one fault."""
        messages = self.found.setdefault(place, [])
        if message not in messages:
            messages.append(message)


def mapping(value: JSON, place: str, faults: Faults, known: Collection[str]) -> Mapping[str, Any]:
    """An object that has no other than the known keys; nothing is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        faults.add(place, "must be an object")
        return {}
    for key in value:
        if key not in known:
            faults.add(f"{place}.{key}", "is not a known key")
    return value


def listed(value: JSON, place: str, faults: Faults) -> Sequence[Any]:
    """A list; nothing is an empty one."""
    if value is None:
        return ()
    if not isinstance(value, list):
        faults.add(place, "must be a list")
        return ()
    return value


def named(value: JSON, place: str, faults: Faults) -> Mapping[str, Any]:
    """An object of any keys; nothing is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        faults.add(place, "must be an object")
        return {}
    return value


def texts(value: JSON, place: str, faults: Faults) -> tuple[str, ...]:
    """A list of texts that are not empty."""
    entries = listed(value, place, faults)
    found = tuple(entry for entry in entries if isinstance(entry, str) and entry)
    if len(found) < len(entries):
        faults.add(place, "must hold texts only")
    return found


def words(value: JSON, place: str, faults: Faults, known: Collection[str]) -> tuple[str, ...]:
    """A list of words of a closed list, without repetition."""
    entries = listed(value, place, faults)
    found = tuple(entry for entry in entries if isinstance(entry, str) and entry in known)
    for number, entry in enumerate(entries):
        if entry not in found:
            faults.add(f"{place}.{number}", "is not a known word")
    if len(set(found)) < len(found):
        faults.add(place, "names something twice")
    return found


def word(value: JSON, place: str, faults: Faults, known: type[Word]) -> Word:
    """One word of a closed list; the first of the list when it is none."""
    if not isinstance(value, str) or value not in frozenset(known):
        faults.add(place, "must be one of: " + ", ".join(known))
        return next(iter(known))
    return known(value)


def grouped(value: JSON, place: str, faults: Faults, groups: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """A list of words, or the name of a group of them."""
    if isinstance(value, str):
        if value not in groups:
            faults.add(place, "is not a known group")
        return tuple(groups.get(value, ()))
    return words(value, place, faults, frozenset(groups.get("everything") or groups.get("everyone") or ()))


def flag(value: JSON, place: str, faults: Faults) -> bool:
    """True, false, or nothing, which is false."""
    if value is not None and not isinstance(value, bool):
        faults.add(place, "must be true or false")
    return value is True


def period(value: JSON, place: str, faults: Faults) -> Period:
    """`24 months`, `31 days`."""
    match = PERIOD.match(value) if isinstance(value, str) else None
    if match is None or match[2] == "hour":
        faults.add(place, "must be like '24 months' or '31 days'")
        return Period()
    count = int(match[1])
    return Period(months=count) if match[2] == "month" else Period(days=count)


def duration(value: JSON, place: str, faults: Faults) -> timedelta:
    """`24 hours`, `30 days`: elapsed time."""
    match = PERIOD.match(value) if isinstance(value, str) else None
    if match is None or match[2] == "month":
        faults.add(place, "must be like '24 hours' or '30 days'")
        return timedelta()
    count = int(match[1])
    return timedelta(hours=count) if match[2] == "hour" else timedelta(days=count)


def day(value: JSON, place: str, faults: Faults) -> date | None:
    """`2026-08-11`, or nothing."""
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        faults.add(place, "must be YYYY-MM-DD")
        return None


def rule(value: Mapping[str, Any], place: str, faults: Faults, default: RuleRef | None = None) -> RuleRef:
    """Id, version and citation of a rule; what is not said is that of `default`."""
    name = value.get("id", default.id if default else None)
    version = value.get("version", default.version if default else 1)
    if not isinstance(name, str) or not IDENTIFIER.match(name):
        faults.add(f"{place}.id", "must be an id of capitals, digits and hyphens")
    if not isinstance(version, int) or version < 1:
        faults.add(f"{place}.version", "must be a whole number from 1")
    if "citation" not in value and default is not None:
        return RuleRef(str(name), version if isinstance(version, int) else 1, default.citation)
    return RuleRef(
        str(name), version if isinstance(version, int) else 1, _citation(value, f"{place}.citation", faults)
    )


def _citation(value: Mapping[str, Any], place: str, faults: Faults) -> str:
    """`{law, article, url?}` in one line; a rule without a source is a fault."""
    cited = mapping(value.get("citation"), place, faults, ("law", "article", "url"))
    law, article = cited.get("law"), cited.get("article")
    if not isinstance(law, str) or not isinstance(article, str):
        faults.add(place, "must name law and article")
        return ""
    return f"{law} {article}"


def windows(value: JSON, place: str, faults: Faults) -> Windows:
    """`08:00-20:00`, `10:00-13:00, 14:00-20:00`, `closed`."""
    if value == "closed":
        return Windows(())
    spans: list[tuple[int, int]] = []
    for text in value.split(", ") if isinstance(value, str) else ("",):
        match = SPAN.match(text)
        first, end = _span(match) if match else (0, 0)
        if not (spans[-1][1] if spans else -1) < first < end <= MINUTES_A_DAY:
            faults.add(place, "must be 'closed', or spans like '10:00-13:00, 14:00-20:00' in order")
            return Windows(())
        spans.append((first, end))
    return Windows(tuple(spans))


def _span(match: re.Match[str]) -> tuple[int, int]:
    """The minutes of `08:00-20:00`."""
    return int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])


def hours(value: JSON, place: str, faults: Faults, calendars: Mapping[str, Calendar]) -> Hours | None:
    """Hours by day of the week; a day that is not named is closed. Nothing is no limit."""
    if value is None:
        return None
    table = mapping(value, place, faults, HOURS_KEYS)
    by_day = dict.fromkeys(WEEK, Windows(()))
    for key, days in DAYS_OF.items():
        if key in table:
            by_day.update(dict.fromkeys(days, windows(table[key], f"{place}.{key}", faults)))
    code = table.get("calendar")
    return Hours(
        rule(table, place, faults),
        tuple(by_day[name] for name in WEEK),
        calendar_of(code, f"{place}.calendar", faults, calendars) if code is not None else None,
        windows(table.get("holidays", "closed"), f"{place}.holidays", faults),
    )


def calendar_of(code: JSON, place: str, faults: Faults, calendars: Mapping[str, Calendar]) -> Calendar | None:
    """The calendar of a code: as the rulebook changed it, else as it is."""
    if not isinstance(code, str) or not is_calendar(code):
        faults.add(place, "is not a known calendar")
        return None
    return calendars.get(code) or Calendar(code)


def calendars(value: JSON, place: str, faults: Faults) -> dict[str, Calendar]:
    """What the rulebook changes in the public tables of holidays."""
    changed: dict[str, Calendar] = {}
    for code, entry in named(value, place, faults).items():
        here = f"{place}.{code}"
        table = mapping(entry, here, faults, ("categories", "without", "added"))
        if calendar_of(code, here, faults, {}) is None:
            continue
        categories = words(table.get("categories", ["public"]), f"{here}.categories", faults, CATEGORIES)
        added = (day(entry, f"{here}.added", faults) for entry in listed(table.get("added"), here, faults))
        without = texts(table.get("without"), f"{here}.without", faults)
        calendar = Calendar(code, categories, without, _days(added))
        if not is_supported(calendar):
            faults.add(f"{here}.categories", "are not all known for this calendar")
        changed[code] = calendar
    return changed


def _days(values: Iterable[date | None]) -> frozenset[date]:
    return frozenset(value for value in values if value is not None)
