"""The clocks of a rulebook: which law gives how long after which event, and how it counts."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from consent import tablesyntax as syntax
from consent.calendars import is_calendar
from consent.tablesyntax import Faults

KEYS = (
    *("name", "period", "rolls", "pauses", "counts_first_day", "only_when", "at_latest", "calendar"),
    *("subdivisions", "not_before", "safe", "law"),
)
SAFER = ("counts_first_day", "no_holidays", "no_roll")
EVENTS = (
    *("request_received", "data_obtained", "breach_aware", "complaint_received", "opt_out_received"),
    "appeal_received",
    *("register_checked", "inquiry", "purchase", "last_inbound_contact"),
)


class Unit(StrEnum):
    """What a period is counted in."""

    MONTH = "month"
    DAY = "day"
    BUSINESS_DAY = "business_day"
    HOUR = "hour"


class Pauses(StrEnum):
    """What asking the person back does to a clock."""

    NONE = "none"
    ADD_DAYS = "add_days"
    RESTART = "restart"


@dataclass(frozen=True, slots=True)
class Clock:
    """One deadline of one event.

    `calendar` is the country whose holidays alone count (with its subdivisions where `subdivisions`); without
    it those of the place that the call names. `safer` says what the safe date does otherwise.
    """

    name: str
    count: int
    unit: Unit
    law: str
    rolls: bool
    pauses: Pauses
    counts_first_day: bool
    only_extended: bool
    at_first_communication: bool
    calendar: str | None
    subdivisions: bool
    not_before: bool
    safer: frozenset[str]


def read_clocks(value: Any, faults: Faults) -> dict[tuple[str, str], tuple[Clock, ...]]:
    """The clocks by (regime, event)."""
    found: dict[tuple[str, str], tuple[Clock, ...]] = {}
    for regime, events in syntax.named(value, "deadlines", faults).items():
        for event, clocks in syntax.mapping(events, f"deadlines.{regime}", faults, EVENTS).items():
            place = f"deadlines.{regime}.{event}"
            found[regime, event] = tuple(
                _clock(entry, f"{place}.{number}", faults)
                for number, entry in enumerate(syntax.listed(clocks, place, faults))
            )
    return found


def _clock(value: Any, place: str, faults: Faults) -> Clock:
    table = syntax.mapping(value, place, faults, KEYS)
    get = table.get
    count, unit = _period(get("period"), f"{place}.period", faults)
    if not isinstance(get("name"), str) or not isinstance(get("law"), str):
        faults.add(place, "needs a name and its law")
    calendar = get("calendar")
    if calendar is not None and not (isinstance(calendar, str) and is_calendar(calendar)):
        faults.add(f"{place}.calendar", "is not a known calendar")
    return Clock(
        name=str(get("name")),
        count=count,
        unit=unit,
        law=str(get("law")),
        rolls=syntax.flag(get("rolls"), f"{place}.rolls", faults),
        pauses=syntax.word(get("pauses", "none"), f"{place}.pauses", faults, Pauses),
        counts_first_day=syntax.flag(get("counts_first_day"), f"{place}.counts_first_day", faults),
        only_extended=_only(get("only_when"), "extended", f"{place}.only_when", faults),
        at_first_communication=_only(
            get("at_latest"), "first_communication_on", f"{place}.at_latest", faults
        ),
        calendar=calendar,
        subdivisions=syntax.flag(get("subdivisions"), f"{place}.subdivisions", faults),
        not_before=syntax.flag(get("not_before"), f"{place}.not_before", faults),
        safer=frozenset(syntax.words(get("safe"), f"{place}.safe", faults, SAFER)),
    )


def _period(value: Any, place: str, faults: Faults) -> tuple[int, Unit]:
    """`1 month`, `45 days`, `10 business_days`, `72 hours`."""
    number, _, unit = value.partition(" ") if isinstance(value, str) else ("", "", "")
    singular = unit.removesuffix("s")
    if not number.isdigit() or singular not in frozenset(Unit):
        faults.add(place, "must be a number of months, days, business_days or hours")
        return 0, Unit.DAY
    return int(number), Unit(singular)


def _only(value: Any, wanted: str, place: str, faults: Faults) -> bool:
    """The one word that may stand here."""
    if value is not None and value != wanted:
        faults.add(place, f"must be {wanted!r}")
    return bool(value == wanted)
