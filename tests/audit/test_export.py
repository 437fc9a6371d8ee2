"""`audit.export`: what a transcript of a period holds."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from audit import export
from audit.errors import SizeUnknownError
from audit.export import ENTRIES_A_PAGE, Period, Plan
from audit.note import Signer
from audit.transcript import Header, Part
from tests.audit.conftest import NOW, ORIGIN, fill


def minute(number: int) -> datetime:
    """When the entry of that number was made."""
    return NOW + timedelta(minutes=number)


def test_an_unsigned_log_has_no_transcript(session: Session) -> None:
    """There is nothing to prove yet."""
    with pytest.raises(SizeUnknownError):
        export.plan(session)


def test_the_whole_log_is_no_part(session: Session, signer: Signer) -> None:
    """From the first entry to the signed size, under the log's name and keys."""
    fill(session, 10, signer)

    plan = export.plan(session)

    assert (plan.first, plan.end, plan.header.part) == (0, 10, None)
    assert (plan.header.origin, plan.header.keys) == (ORIGIN, (signer.vkey,))


@pytest.mark.parametrize(
    ("period", "first", "count"),
    [
        (Period(since=minute(3)), 3, 7),
        (Period(until=minute(3)), 0, 3),
        (Period(minute(3), minute(4)), 3, 1),
        (Period(minute(4), minute(4)), 0, 0),
        (Period(since=minute(99)), 0, 0),
    ],
)
def test_a_part_is_the_run_of_a_period(
    session: Session, signer: Signer, period: Period, first: int, count: int
) -> None:
    """From is included, until is not; an empty period gives an empty part of the same log."""
    fill(session, 10, signer)

    part = export.plan(session, period).header.part

    assert part is not None
    assert (part.first, part.count) == (first, count)


def test_pages_cover_just_the_plan() -> None:
    """No entry twice, none left out."""
    plan = Plan(Header("log", "note", (), Part(5, 0, (), ())), 5, 5 + 2 * ENTRIES_A_PAGE + 1)

    pages = list(plan.pages())

    assert [index for start, end in pages for index in range(start, end)] == list(range(5, plan.end))
    assert list(Plan(plan.header, 5, 5).pages()) == []
