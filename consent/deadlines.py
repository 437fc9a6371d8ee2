"""Until when: the clocks that an event starts, under the law that the call names. Pure.

Receipt counts on the controller's clock, at any hour and on any day. `due` is the law's last day, with
pauses; `safe` is the earliest defensible one and ignores them. Source: contract, `facts`; rules, section 6.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from audit.counted import counted
from consent.calendars import Calendar, is_calendar, is_holiday
from consent.clocks import Clock, Pauses, Unit
from consent.documents import EARLIEST_YEAR, LATEST_YEAR
from consent.errors import DeadlineError
from consent.hours import zone
from consent.periods import ONE_DAY, add_months
from consent.rulebook import Rulebook

SATURDAY = 5
DATES = (
    *("occurred_at", "occurred_on", "identity_asked", "identity_received", "identity_received_at"),
    *("clarification_asked", "clarification_received", "first_communication_on"),
)


@dataclass(frozen=True, slots=True)
class DeadlineCall:
    """What happened, when, and where the controller acts. One of `occurred_at` and `occurred_on` is needed.

    Without `time_zone` an instant counts on the clock that it was written on; without `calendar` only
    weekends are days off. `identity_…` and `clarification_…`: when more was asked of the person, and came.
    """

    regime: str
    event: str
    occurred_at: datetime | None = None
    occurred_on: date | None = None
    time_zone: str | None = None
    calendar: str | None = None
    extended: bool = False
    identity_asked: date | None = None
    identity_received: date | None = None
    identity_received_at: datetime | None = None
    clarification_asked: date | None = None
    clarification_received: date | None = None
    first_communication_on: date | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """One clock: its last day (or instant), the earliest defensible one, the law, and how it was counted."""

    name: str
    due: date
    safe: date
    law: str
    explanation: str


def deadlines(rulebook: Rulebook, call: DeadlineCall) -> tuple[Deadline, ...]:
    """Every clock that the event starts.

    Raises:
        DeadlineError: the regime does not know the event, or the call is incomplete; by place.
    """
    clocks = rulebook.clocks.get((call.regime, call.event))
    errors = _faults(rulebook, call, clocks)
    if clocks is None or errors:
        raise DeadlineError(errors)
    return tuple(
        _deadline(rulebook, clock, call) for clock in clocks if call.extended or not clock.only_extended
    )


def _faults(rulebook: Rulebook, call: DeadlineCall, clocks: tuple[Clock, ...] | None) -> dict[str, list[str]]:
    """What is wrong with a call, by place."""
    errors: dict[str, list[str]] = {}
    if clocks is None:
        known = sorted({regime for regime, _ in rulebook.clocks})
        if call.regime in known:
            errors["event"] = [f"starts no clock under {call.regime}"]
        else:
            errors["regime"] = ["must be one of: " + ", ".join(known)]
    if (call.occurred_at is None) == (call.occurred_on is None):
        errors["occurred_at"] = ["either this or occurred_on is needed, not both"]
    if call.calendar is not None and not is_calendar(call.calendar):
        errors["calendar"] = ["is not a known calendar, such as DE-BE"]
    return errors | _faults_of_days(call)


def _faults_of_days(call: DeadlineCall) -> dict[str, list[str]]:
    """Days out of reach, and answers that came before they were asked for."""
    years = f"must be a day of the years {EARLIEST_YEAR} to {LATEST_YEAR}"
    days = {name: getattr(call, name) for name in DATES}
    errors = {
        name: [years] for name, day in days.items() if day and not EARLIEST_YEAR < day.year < LATEST_YEAR
    }
    for place, asked, came in (
        ("identity_received", call.identity_asked, _identity_received(call)),
        ("clarification_received", call.clarification_asked, call.clarification_received),
    ):
        if asked is not None and came is not None and came < asked:
            errors[place] = ["must not be before it was asked for"]
    return errors


def _deadline(rulebook: Rulebook, clock: Clock, call: DeadlineCall) -> Deadline:
    """One clock of the call."""
    if clock.unit is Unit.HOUR:
        return _elapsed(clock, call)
    calendar = _calendar(rulebook, clock, call)
    start, extra, paused = _start(clock, call)
    due = _rolled(clock, _end(clock, start, calendar) + timedelta(days=extra), calendar)
    safe = _safe(clock, _received(call), calendar)
    if clock.at_first_communication and call.first_communication_on is not None:
        due, safe = min(due, call.first_communication_on), min(safe, call.first_communication_on)
        paused = (*paused, "at the latest with the first communication")
    return Deadline(
        clock.name, due, safe if clock.not_before else min(safe, due), clock.law, _told(clock, start, paused)
    )


def _elapsed(clock: Clock, call: DeadlineCall) -> Deadline:
    """Hours are elapsed hours and never rolled; of a day without a time the first moment counts."""
    place = _place(call)
    begin = call.occurred_at
    if begin is None:
        begin = datetime.combine(_received(call), time(), place)
    due = (begin.astimezone(UTC) + timedelta(hours=clock.count)).astimezone(place).replace(microsecond=0)
    told = f"{clock.count} elapsed hours from the event; never moved for weekends or holidays"
    return Deadline(clock.name, due, due, clock.law, told)


def _place(call: DeadlineCall) -> tzinfo:
    """The controller's zone; without one that of the instant as written."""
    if call.time_zone is not None:
        return zone(call.time_zone)
    return (call.occurred_at.tzinfo if call.occurred_at else None) or UTC


def _received(call: DeadlineCall) -> date:
    """The day of the event on the controller's clock."""
    if call.occurred_at is not None:
        return call.occurred_at.astimezone(_place(call)).date()
    if call.occurred_on is None:
        raise DeadlineError({"occurred_on": ["is needed"]})
    return call.occurred_on


def _start(clock: Clock, call: DeadlineCall) -> tuple[date, int, tuple[str, ...]]:
    """From which day a clock counts, how many days pauses add, and what is to be said of them."""
    start = _received(call)
    identity = _identity_received(call)
    if clock.pauses is Pauses.ADD_DAYS:
        days = _paused_days(call, identity)
        return start, days, ((f"added: {counted(days, 'day')} of waiting for the person",) if days else ())
    if clock.pauses is not Pauses.RESTART:
        return start, 0, ()
    told: list[str] = []
    if identity is not None and identity > start:
        start = identity
        told.append("counted from the day on which the identity information came")
    asked, answered = call.clarification_asked, call.clarification_received
    # Days before a restart do not count anyway.
    days = max(0, (answered - max(asked, start)).days + 1) if asked and answered else 0
    if days:
        told.append(f"not counted: {counted(days, 'day')} of clarification, both ends included")
    return start, days, tuple(told)


def _identity_received(call: DeadlineCall) -> date | None:
    """The day on which the identity information came, on the controller's clock."""
    if call.identity_received_at is not None:
        return call.identity_received_at.astimezone(_place(call)).date()
    return call.identity_received


def _paused_days(call: DeadlineCall, identity: date | None) -> int:
    """The days between asking and receiving; a day that waited for both counts once."""
    spans = (
        (call.identity_asked, identity),
        (call.clarification_asked, call.clarification_received),
    )
    waited = {
        begin + timedelta(days=number)
        for begin, end in spans
        if begin is not None and end is not None
        for number in range((end - begin).days)
    }
    return len(waited)


def _calendar(rulebook: Rulebook, clock: Clock, call: DeadlineCall) -> Calendar | None:
    """The holidays that count: of the place where the controller acts, or only those certain for the law."""
    code = call.calendar
    if code is None:
        return None
    if clock.calendar is not None:
        if code.partition("-")[0] != clock.calendar:
            return None
        code = code if clock.subdivisions else clock.calendar
    return rulebook.calendars.get(code) or Calendar(code)


def _end(clock: Clock, start: date, calendar: Calendar | None) -> date:
    """The last day of the period, before it is moved."""
    first = 1 if clock.counts_first_day else 0
    if clock.unit is Unit.MONTH:
        return add_months(start, clock.count) - timedelta(days=first)
    if clock.unit is Unit.DAY:
        return start + timedelta(days=clock.count - first)
    day, left = start - timedelta(days=first), clock.count
    while left:
        day += ONE_DAY
        left -= _is_working(day, calendar)
    return day


def _is_working(day: date, calendar: Calendar | None) -> bool:
    return day.weekday() < SATURDAY and not is_holiday(calendar, day)


def _rolled(clock: Clock, day: date, calendar: Calendar | None) -> date:
    """The next working day, where the law moves an end that falls on a day off."""
    while clock.rolls and not _is_working(day, calendar):
        day += ONE_DAY
    return day


def _safe(clock: Clock, received: date, calendar: Calendar | None) -> date:
    """The same without pauses, and by the strict reading where the law can be read in two ways."""
    strict = replace(
        clock,
        counts_first_day=clock.counts_first_day or "counts_first_day" in clock.safer,
        rolls=clock.rolls and "no_roll" not in clock.safer,
    )
    days_off = None if "no_holidays" in clock.safer else calendar
    return _rolled(strict, _end(strict, received, days_off), days_off)


UNITS: Mapping[Unit, str] = {
    Unit.MONTH: "months",
    Unit.DAY: "days",
    Unit.BUSINESS_DAY: "business days",
}


def _told(clock: Clock, start: date, paused: tuple[str, ...]) -> str:
    """How it was counted, in plain words."""
    unit = UNITS[clock.unit] if clock.count != 1 else UNITS[clock.unit].removesuffix("s")
    first = "that day included" if clock.counts_first_day else "that day not counted"
    parts = [f"{clock.count} {unit} from {start.isoformat()}, {first}", *paused]
    if clock.rolls:
        parts.append("an end on a weekend or holiday moves to the next working day")
    if clock.not_before:
        parts.append("not before this day")
    return "; ".join(parts)
