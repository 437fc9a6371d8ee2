"""Which consents count, which row answers, and which day it is there."""

from datetime import date, datetime
from typing import Any

import pytest

from consent.hours import zone
from consent.reasons import Reason
from consent.weighing import _today, newest_check
from tests.consent.cases import case_of

DOI = {"channels": ["email"], "given_on": "2026-06-01", "proof": "double_opt_in"}


@pytest.mark.parametrize(
    ("changes", "failures"),
    [
        ({}, ()),
        ({"proof": None}, (Reason.CONSENT_NOT_DEMONSTRABLE,)),
        ({"channels": ["sms"], "proof": None}, (Reason.CONSENT_SCOPE_MISMATCH,)),
        ({"purposes": ["research"]}, (Reason.CONSENT_SCOPE_MISMATCH,)),
        (
            {"given_on": "2020-01-01", "expires_on": "2021-01-01"},
            (Reason.CONSENT_EXPIRED, Reason.CONSENT_STALE),
        ),
        ({"withdrawn_on": "2026-07-01"}, ()),
    ],
)
def test_a_consent_counts_or_says_why_not(changes: dict[str, Any], failures: tuple[Reason, ...]) -> None:
    """Scope first, then proof, then age; a withdrawn one is not on file any more."""
    case = case_of(consents=[DOI | changes])

    assert case.failures == failures
    assert bool(case.valid) == (not failures and "withdrawn_on" not in changes)


def test_too_weak_a_form_counts_as_none() -> None:
    """An oral consent to a robocall; courts differ, so a person should look."""
    oral = {"channels": ["phone_automated"], "given_on": "2026-06-01", "proof": "oral_note"}
    case = case_of(jurisdiction="US-NY", channel="phone_automated", consents=[oral])

    assert (case.valid, case.failures, case.contested) == ([], (), True)


def test_the_day_is_that_of_the_recipient() -> None:
    """Late in New York it is tomorrow in Tokyo; of several zones the latest day counts."""
    late = {"now": "2026-11-24T22:00:00-05:00"}

    assert case_of(**late, jurisdiction="JP").today == date(2026, 11, 25)
    assert case_of(**late, jurisdiction="US").today == date(2026, 11, 24)
    assert case_of(**late, jurisdiction="ZA").today == date(2026, 11, 24)
    assert case_of(**late, recipient_tz="Asia/Tokyo").today == date(2026, 11, 25)


def test_an_instant_that_is_written_otherwise_is_another_day_only_without_a_zone() -> None:
    """Where no zone is known the day is the asker's own, whoever asked before."""
    early = datetime.fromisoformat("2025-12-31T22:30:00+00:00")
    late = datetime.fromisoformat("2026-01-01T00:30:00+02:00")

    for first, second in ((early, late), (late, early)):
        assert [_today(one, ()) for one in (first, second)] == [first.date(), second.date()]
        assert _today(first, (zone("Asia/Tokyo"),)) == _today(second, (zone("Asia/Tokyo"),)) == late.date()


def test_conditions_choose_the_row() -> None:
    """What is unknown chooses the strict one."""
    rows = {
        kind: case_of(jurisdiction="US-OH", channel="phone_live", number_type=kind).row.rule.id
        for kind in ("business_landline", "mobile", "unknown", None)
    }

    assert rows.pop("business_landline") == "US-TSR-310-6-B7"
    assert set(rows.values()) == {"US-TCPA-64-1200-C"}


def test_the_newest_check_counts_and_listed_wins_a_tie() -> None:
    """A check without a result, of another register, or to come is none."""

    def check(day: str, *, listed: bool | None, register: str = "tps") -> dict[str, Any]:
        return {"register": register, "checked_on": day, "listed": listed}

    checks = [
        check("2026-11-01", listed=True),
        check("2026-11-20", listed=False),
        check("2026-11-20", listed=True),
        check("2026-11-22", listed=None),
        check("2026-11-23", listed=False, register="CTPS"),
        check("2026-12-24", listed=False),
    ]
    case = case_of(jurisdiction="GB", channel="phone_live", register_checks=checks)
    tps = next(register for register in case.row.registers if "TPS" in register.names)
    newest = newest_check(case, tps)

    assert newest is not None
    assert (newest.checked_on, newest.listed) == (date(2026, 11, 20), True)
