"""How much may be opened: counted before anything is resolved, refused with a time, told once."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from audit.tables import Base as AuditBase
from audit.tables import PendingRow
from governance.messages.tables import MessageRow
from governance.openings import DAY, HOUR, Opener, Refused, admit
from governance.scopes import AS_SET, Allowance
from governance.tables import Base
from tests.conftest import NOW

MINUTE = timedelta(minutes=1)
KEY = Opener("key-1", Allowance(3, 5))


@contextmanager
def sessions() -> Iterator[Session]:
    """An empty database in memory."""
    engine = create_engine("sqlite://")
    for base in (AuditBase, Base):
        base.metadata.create_all(engine)
    with Session(engine) as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def session() -> Iterator[Session]:
    """A database for one test."""
    with sessions() as opened:
        yield opened


def opened(session: Session, at: datetime, people: int = 1, by: Opener = KEY) -> timedelta | None:
    """How long to wait; None where the opening goes on."""
    refused = admit(session, by, people=people, now=at)
    return refused.wait if isinstance(refused, Refused) else None


def test_the_hour_slides(session: Session) -> None:
    """Three an hour: the fourth waits until the first is an hour old, not until the clock strikes."""
    for minute in (0, 20, 40):
        assert opened(session, NOW + minute * MINUTE) is None

    assert opened(session, NOW + 50 * MINUTE) == 10 * MINUTE
    assert opened(session, NOW + HOUR) is None
    assert opened(session, NOW + 70 * MINUTE) == 10 * MINUTE


def test_the_day_counts_what_the_hours_let_through(session: Session) -> None:
    """Five a day; after that an hour more or less does not help."""
    assert [opened(session, NOW + hour * HOUR) for hour in range(0, 10, 2)] == [None] * 5

    assert opened(session, NOW + 12 * HOUR) == 12 * HOUR
    assert opened(session, NOW + DAY) is None


def test_people_are_counted_not_calls(session: Session) -> None:
    """A package of two is two; more at once than is ever allowed has no better moment than a whole span."""
    assert opened(session, NOW, people=2) is None
    assert opened(session, NOW, people=2) == HOUR
    assert opened(session, NOW, people=1) is None
    assert opened(session, NOW + 2 * HOUR, people=4) == HOUR


def test_one_actor_does_not_use_up_anothers(session: Session) -> None:
    """And who owns the machine is not counted at all."""
    assert [opened(session, NOW) for _ in range(3)] == [None] * 3

    assert opened(session, NOW, by=Opener("key-2", Allowance(3, 5))) is None
    assert [opened(session, NOW, by=Opener("command_line", AS_SET)) for _ in range(9)] == [None] * 9


def test_nothing_may_be_opened_by_a_key_that_may_open_none(session: Session) -> None:
    """Zero is a number like any other."""
    assert opened(session, NOW, by=Opener("key-3", Allowance(0, None))) == HOUR


def test_each_refusal_is_in_the_trail_and_the_operator_is_told_once_an_hour(session: Session) -> None:
    """A program that goes on asking does not send a mail a call; nothing in either names anybody."""
    for _ in range(3):
        opened(session, NOW)
    for minute in (1, 2, 3):
        opened(session, NOW + minute * MINUTE)
    for minute in range(62, 66):
        opened(session, NOW + minute * MINUTE, people=2)
    session.flush()
    refusals = [
        json.loads(body)["facts"]
        for body in session.scalars(select(PendingRow.body).where(PendingRow.action == "opening.refused"))
    ]
    told = [json.loads(facts or "") for facts in session.scalars(select(MessageRow.facts))]

    assert refusals[:3] == [{"per": "hour", "most": 3}] * 3
    assert refusals[3:] == [{"per": "hour", "most": 3}] * 3
    assert [(facts["actor"], facts["per"], facts["most"]) for facts in told] == [("key-1", "hour", 3)] * 2


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 3)), min_size=1, max_size=30))
def test_no_hour_and_no_day_ever_holds_more(steps: list[tuple[int, int]]) -> None:
    """Whatever the calls: no sliding span holds more people than allowed, and no wait is too short."""
    let_in: list[tuple[datetime, int]] = []
    now = NOW
    with sessions() as session:
        for minutes, people in steps:
            now += minutes * MINUTE
            wait = opened(session, now, people)
            if wait is None:
                let_in.append((now, people))
            else:
                now += wait - timedelta.resolution
                assert opened(session, now, people) is not None
    for at, _ in let_in:
        for span, most in ((HOUR, 3), (DAY, 5)):
            assert sum(people for other, people in let_in if at - span < other <= at) <= most
