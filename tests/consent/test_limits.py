"""Stages 8 to 10, each by itself."""

from typing import Any

import pytest

from consent.limits import THIRD_PARTIES, judge_content, judge_notice, judge_time
from consent.reasons import Reason
from consent.vocabulary import SourceKind
from tests.consent.cases import case_of


@pytest.mark.parametrize("source", list(SourceKind))
def test_which_notice_is_asked_depends_on_the_source(source: SourceKind) -> None:
    """Article 14 where the data came from others, 13 where they came from the person."""
    expected = Reason.NOTICE_ART14_OVERDUE if source in THIRD_PARTIES else Reason.NOTICE_ART13_MISSING

    assert judge_notice(case_of(source=source.value, notice_given_on=None)) == (expected,)
    assert judge_notice(case_of(source=source.value, notice_given_on="2026-11-01")) == ()


def test_a_notice_to_come_is_none() -> None:
    """It has to have been given."""
    assert judge_notice(case_of(source="data_broker", notice_given_on="2026-12-01")) == (
        Reason.NOTICE_ART14_OVERDUE,
    )


def test_a_card_may_be_answered_with_the_notice() -> None:
    """At hand-over or with the first mail; a form has shown its notice or not."""
    promise: dict[str, Any] = {"notice_given_on": None, "notice_in_first_message": True}

    assert judge_notice(case_of(source="business_card", **promise)) == ()
    assert judge_notice(case_of(source="web_form", **promise)) == (Reason.NOTICE_ART13_MISSING,)


def test_hours_and_caps_are_told_together() -> None:
    """And it may be tried again when both allow."""
    case = case_of(
        jurisdiction="FR",
        recipient_kind="consumer",
        channel="phone_live",
        now="2026-11-24T21:00:00+01:00",
        contacts={"phone_live": [f"2026-11-{day}T11:00:00+01:00" for day in (16, 17, 18, 19)]},
    )

    assert judge_time(case) == (Reason.OUTSIDE_PERMITTED_HOURS, Reason.FREQUENCY_CAP_REACHED)
    assert case.retry is not None
    assert case.retry.isoformat() == "2026-12-16T11:00:00+01:00"


def test_a_fraction_of_a_second_is_rounded_up() -> None:
    """Not before, in whole seconds."""
    case = case_of(
        jurisdiction="US-FL",
        recipient_tz="America/New_York",
        channel="phone_live",
        now="2026-11-24T11:00:00-05:00",
        contacts={"phone_live": ["2026-11-24T10:00:00.5-05:00"] * 3},
    )

    assert judge_time(case) == (Reason.FREQUENCY_CAP_REACHED,)
    assert case.retry is not None
    assert case.retry.isoformat() == "2026-11-25T10:00:01-05:00"


def test_what_was_used_up_for_good_says_no_moment() -> None:
    """One message for a referral, ever."""
    case = case_of(source="referral", contacts={"email": ["2020-01-01T10:00:00Z"]})

    assert judge_time(case) == (Reason.FREQUENCY_CAP_REACHED,)
    assert case.retry is None


@pytest.mark.parametrize(
    ("place", "content", "denied"),
    [
        ("US", {"postal_address": False}, True),
        ("CA", {"postal_address": False}, True),
        ("DE", {"postal_address": False}, False),
        ("DE", {"unsubscribe": False}, True),
        ("DE", {"accurate_header": False}, True),
        ("US", {"postal_address": None, "unsubscribe": True}, False),
        ("US", {}, False),
    ],
)
def test_only_what_is_known_to_be_missing_denies(place: str, content: dict[str, Any], denied: bool) -> None:  # noqa: FBT001 - a case
    """And only where the row asks for it."""
    found = judge_content(case_of(jurisdiction=place, content=content))

    assert found == ((Reason.MANDATORY_CONTENT_MISSING,) if denied else ())
