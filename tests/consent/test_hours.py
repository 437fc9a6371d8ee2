"""Windows on the recipient's clock: closed at the start, open at the end."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as some

from consent.calendars import Calendar
from consent.hours import FOREVER, closes_at, closing, free_at, next_opening, opens_at
from consent.rows import Cap, Hours, RuleRef, Windows

RULE = RuleRef("X-1", 1, "a law")
DAYTIME = Windows(((9 * 60, 20 * 60),))
CLOSED = Windows(())
WEEKDAYS = Hours(RULE, (DAYTIME,) * 5 + (CLOSED,) * 2, Calendar("FR"), CLOSED)
NIGHTS = Hours(RULE, (Windows(((0, 60), (1380, 1440))),) * 7)
NEVER = Hours(RULE, (CLOSED,) * 7)
PARIS, SYDNEY = ZoneInfo("Europe/Paris"), ZoneInfo("Australia/Sydney")
TUESDAY = datetime(2026, 11, 24, tzinfo=PARIS)


def test_the_first_moment_is_in_and_the_last_is_out() -> None:
    """9:00 is open, 20:00 is not."""
    assert closes_at(WEEKDAYS, TUESDAY.replace(hour=9), PARIS) == TUESDAY.replace(hour=20)
    assert closes_at(WEEKDAYS, TUESDAY.replace(hour=8, minute=59, second=59), PARIS) is None
    assert closes_at(WEEKDAYS, TUESDAY.replace(hour=20), PARIS) is None


def test_midnight_is_the_next_day() -> None:
    """A window may end with the day."""
    assert closes_at(NIGHTS, TUESDAY.replace(hour=23, minute=30), PARIS) == TUESDAY + timedelta(days=1)


def test_weekends_and_holidays_are_passed_over() -> None:
    """From Friday evening to Monday; over Christmas 2026, a Friday, to the Monday after."""
    friday = datetime(2026, 11, 27, 21, tzinfo=PARIS)
    christmas_eve = datetime(2026, 12, 24, 21, tzinfo=PARIS)

    assert opens_at(WEEKDAYS, friday, PARIS) == datetime(2026, 11, 30, 9, tzinfo=PARIS)
    assert opens_at(WEEKDAYS, christmas_eve, PARIS) == datetime(2026, 12, 28, 9, tzinfo=PARIS)


def test_an_opening_that_never_comes_is_none() -> None:
    """Hours that are closed all week, and two zones that never meet."""
    assert opens_at(NEVER, TUESDAY, PARIS) is None
    assert next_opening([NEVER], [PARIS], TUESDAY) is None
    assert next_opening([WEEKDAYS, NIGHTS], [PARIS], TUESDAY) is None


def test_the_clocks_going_forward_do_not_move_an_opening() -> None:
    """Sunday 29 March 2026 has 23 hours; Monday still opens at nine there."""
    saturday = datetime(2026, 3, 28, 21, tzinfo=PARIS)
    opening = next_opening([WEEKDAYS], [PARIS], saturday)

    assert opening is not None
    assert opening.isoformat() == "2026-03-30T09:00:00+02:00"


@given(some.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))  # noqa: DTZ001 - given a zone below
def test_every_zone_allows_at_the_next_opening(moment: datetime) -> None:
    """Paris and Sydney meet for an hour or so a day in some seasons; at that moment both are open."""
    at = moment.replace(tzinfo=UTC)
    opening = next_opening([WEEKDAYS], [PARIS, SYDNEY], at)

    assert opening is None or (opening >= at and closing([WEEKDAYS], [PARIS, SYDNEY], opening) is not None)


def test_a_cap_frees_when_the_oldest_leaves_its_window() -> None:
    """Two in 24 hours: the third may come a day after the last but one."""
    cap = Cap(RULE, 2, timedelta(hours=24), frozenset({"email"}))
    contacts = [TUESDAY, TUESDAY + timedelta(hours=5), TUESDAY + timedelta(hours=10)]

    assert free_at(cap, contacts, TUESDAY + timedelta(hours=12)) == TUESDAY + timedelta(hours=29)
    assert free_at(cap, contacts, TUESDAY + timedelta(hours=29)) is None


def test_a_cap_without_a_window_never_frees() -> None:
    """Once is once."""
    cap = Cap(RULE, 1, None, frozenset({"email"}))

    assert free_at(cap, [], TUESDAY) is None
    assert free_at(cap, [TUESDAY], TUESDAY + timedelta(days=4000)) == FOREVER
