"""When a recipient may be reached: windows on their own clock, closed at the start and open at the end."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from consent.calendars import is_holiday
from consent.periods import ONE_DAY
from consent.rows import Cap, Hours, Windows

# Long enough for any row of holidays; hours that never open within it never open.
_LOOK_AHEAD_DAYS = 15
_ROUNDS = 50
FOREVER = datetime.max.replace(tzinfo=UTC)


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone of that name, looked up once."""
    return ZoneInfo(name)


def closes_at(hours: Hours, at: datetime, place: tzinfo) -> datetime | None:
    """The end of the window that holds `at`; None when it is in none."""
    local = at.astimezone(place)
    minute = local.hour * 60 + local.minute
    for first, end in _windows(hours, local).spans:
        if first <= minute < end:
            return _instant(local, end, place)
    return None


def opens_at(hours: Hours, at: datetime, place: tzinfo) -> datetime | None:
    """The first permitted moment not before `at`, on the clock of `place`; None when there is none."""
    local = at.astimezone(place)
    if closes_at(hours, at, place) is not None:
        return local
    for ahead in range(_LOOK_AHEAD_DAYS):
        day = datetime.combine(local.date() + ahead * ONE_DAY, time(), place)
        for first, _ in _windows(hours, day).spans:
            opening = _instant(day, first, place)
            if opening >= local:
                return opening
    return None


def closing(all_hours: Sequence[Hours], zones: Sequence[tzinfo], at: datetime) -> datetime | None:
    """The first end of all windows that hold `at`; None when one of them is closed in one of the zones."""
    ends = [closes_at(hours, at, place) for hours in all_hours for place in zones]
    return None if None in ends else min((end for end in ends if end is not None), default=FOREVER)


def next_opening(all_hours: Sequence[Hours], zones: Sequence[tzinfo], at: datetime) -> datetime | None:
    """The first moment not before `at` at which all hours allow in all zones, in the zone that opens last."""
    moment = at.astimezone(zones[0])
    for _ in range(_ROUNDS):
        openings = [opens_at(hours, moment, place) for hours in all_hours for place in zones]
        known = [opening for opening in openings if opening is not None]
        if len(known) < len(openings):
            return None
        latest = max(known, default=moment)
        if latest <= moment:
            return moment
        moment = latest
    return None


def free_at(cap: Cap, contacts: Sequence[datetime], at: datetime) -> datetime | None:
    """When a cap lets one more contact through: None for now, `FOREVER` for never.

    `contacts` are the earlier contacts over the cap's channels.
    """
    if cap.window is None:
        return FOREVER if len(contacts) >= cap.most else None
    begin = at - cap.window
    recent = sorted(contact for contact in contacts if contact > begin)
    return recent[-cap.most] + cap.window if len(recent) >= cap.most else None


def _windows(hours: Hours, local: datetime) -> Windows:
    if is_holiday(hours.calendar, local.date()):
        return hours.holidays
    return hours.days[local.weekday()]


def _instant(local: datetime, minute: int, place: tzinfo) -> datetime:
    """That minute of the day of `local`; minute 1440 is the next day's midnight."""
    day = local.date() + ONE_DAY * (minute // 1440)
    return datetime.combine(day, time(minute % 1440 // 60, minute % 60), place)
