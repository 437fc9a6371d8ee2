"""What the tables of deadlines do not show: pauses that meet, calendars of the law, safe dates, refusals."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from consent.deadlines import Deadline, DeadlineCall, deadlines
from consent.errors import DeadlineError
from consent.rulebook import starting_rulebook

DAYS = some.dates(date(2020, 1, 1), date(2040, 1, 1))


def computed(**call: Any) -> dict[str, Deadline]:
    """The deadlines by name."""
    return {one.name: one for one in deadlines(starting_rulebook(), DeadlineCall(**call))}


def test_days_that_wait_for_two_things_count_once() -> None:
    """Identity from the 3rd to the 10th, clarification from the 5th to the 12th: nine days, not fourteen."""
    found = computed(
        regime="gdpr",
        event="request_received",
        occurred_on=date(2026, 6, 1),
        identity_asked=date(2026, 6, 3),
        identity_received=date(2026, 6, 10),
        clarification_asked=date(2026, 6, 5),
        clarification_received=date(2026, 6, 12),
    )

    assert found["respond"].due == date(2026, 7, 10)
    assert found["respond"].safe == date(2026, 7, 1)
    assert "9 days of waiting" in found["respond"].explanation


def test_a_pause_that_is_still_open_adds_nothing() -> None:
    """What has not come can not be counted."""
    found = computed(
        regime="gdpr",
        event="request_received",
        occurred_on=date(2026, 6, 1),
        identity_asked=date(2026, 6, 3),
    )

    assert found["respond"].due == date(2026, 7, 1)


def test_the_extension_is_told_only_when_it_was_taken() -> None:
    """Under the GDPR; California's 90 days always stand beside the 45."""
    asked = {"regime": "gdpr", "event": "request_received", "occurred_on": date(2026, 6, 1)}

    assert set(computed(**asked)) == {"respond", "extension_notice"}
    assert set(computed(**asked, extended=True)) == {"respond", "extension_notice", "respond_extended"}


def test_only_the_holidays_of_the_law_count() -> None:
    """A German calendar takes nothing from California's business days, its own only the federal days."""
    asked = {"regime": "ccpa", "event": "request_received", "occurred_on": date(2026, 11, 20)}

    assert computed(**asked, calendar="DE-BE")["acknowledge"].due == date(2026, 12, 4)
    assert computed(**asked, calendar="US-CA")["acknowledge"].due == date(2026, 12, 7)


def test_a_breach_on_a_day_counts_from_its_first_moment() -> None:
    """The earliest that can be meant, on the controller's clock."""
    found = computed(
        regime="gdpr", event="breach_aware", occurred_on=date(2026, 11, 20), time_zone="Europe/Berlin"
    )

    assert found["notify_authority"].due == datetime.fromisoformat("2026-11-23T00:00:00+01:00")


@given(DAYS, some.booleans())
def test_the_safe_date_is_never_later(day: date, extended: bool) -> None:  # noqa: FBT001 - drawn
    """Of any clock of any law on any day; and no clock ends before it begins."""
    rulebook = starting_rulebook()
    for regime, event in rulebook.clocks:
        call = DeadlineCall(
            regime,
            event,
            occurred_at=datetime.fromisoformat(f"{day}T12:00:00+00:00"),
            extended=extended,
            calendar="DE-BE",
        )
        for one in deadlines(rulebook, call):
            first = one.due.date() if isinstance(one.due, datetime) else one.due
            assert one.safe <= one.due
            assert first >= day
            assert one.law
            assert one.explanation


@given(DAYS, some.integers(0, 60))
def test_a_later_receipt_is_never_due_earlier(day: date, later: int) -> None:
    """Months clamp, weekends roll, but order stays."""
    asked = {"regime": "gdpr", "event": "request_received", "calendar": "GB-ENG"}
    after = date.fromordinal(day.toordinal() + later)

    assert (
        computed(**asked, occurred_on=day)["respond"].due
        <= computed(**asked, occurred_on=after)["respond"].due
    )


def test_a_law_that_is_not_known_is_named() -> None:
    """By place, with what there is."""
    with pytest.raises(DeadlineError) as refused:
        computed(regime="roman", event="request_received", occurred_on=date(2026, 1, 1))

    assert "gdpr" in refused.value.errors["regime"][0]
