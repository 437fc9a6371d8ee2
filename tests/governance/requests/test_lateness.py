"""Which requests are due soon or late, and that the operator is told once."""

import json
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from api import casework, rights
from api.context import Service
from governance.messages.tables import MessageRow
from governance.requests import lateness
from governance.requests.appeals import Result
from governance.requests.lateness import Stage, stage_of
from governance.requests.vocabulary import Regime, RequestType
from tests.conftest import Clock
from tests.governance.requests.desk import ACTOR, a_request, described, refuse

DAYS = st.dates(date(2026, 1, 1), date(2027, 1, 1))


def dates_of(service: Service, request_id: str) -> tuple[datetime, datetime]:
    """Noon of the safe date and of the legal one."""
    found = described(service, request_id)["deadlines"]
    safe, legal = (f"{found[name]}T12:00:00+00:00" for name in ("safe_by", "respond_by"))
    return datetime.fromisoformat(safe), datetime.fromisoformat(legal)


def seen(service: Service) -> list[tuple[str, Stage]]:
    """Who is watched now."""
    with service.main.read() as session:
        return [(each.request_id, each.stage) for each in lateness.watched(session, now=service.clock())]


def warn(service: Service) -> int:
    """One turn of the duty."""
    now = service.clock()
    return service.main.write(lambda session: lateness.warn(session, now=now))


def notices(service: Service) -> list[tuple[str, dict[str, object]]]:
    """Topic and facts of every notice, the oldest first."""
    with service.main.read() as session:
        rows = session.scalars(select(MessageRow).where(MessageRow.owner.is_(None)))
        return [
            (row.topic, json.loads(row.facts or "")) for row in sorted(rows, key=lambda row: row.created_at)
        ]


@given(DAYS, st.integers(0, 60), DAYS)
def test_a_stage_never_goes_back(safe: date, more: int, today: date) -> None:
    """As days pass: nothing, due soon, late; late begins the day after the legal date."""
    order = [None, Stage.DUE_SOON, Stage.LATE]
    legal = safe + timedelta(days=more)
    now, then = stage_of(safe, legal, today), stage_of(safe, legal, today + timedelta(days=1))

    assert order.index(now) <= order.index(then)
    assert stage_of(safe, legal, legal) is Stage.DUE_SOON
    assert stage_of(safe, legal, legal + timedelta(days=1)) is Stage.LATE
    assert stage_of(safe, legal, safe - timedelta(days=4)) is None


def test_the_operator_is_told_once_for_each_stage(service: Service, clock: Clock) -> None:
    """Nothing while there is time; then one notice before the safe date, and one after the legal one."""
    request_id = a_request(service, "anna@example.com")
    safe, legal = dates_of(service, request_id)

    assert (seen(service), warn(service)) == ([], 0)
    clock.now = safe - timedelta(days=3)
    assert [warn(service), warn(service)] == [1, 0]
    clock.now = legal
    assert [seen(service), warn(service)] == [[(request_id, Stage.DUE_SOON)], 0]
    clock.now = legal + timedelta(days=1)
    assert [warn(service), warn(service)] == [1, 0]
    assert notices(service) == [
        (
            "requests.due_soon",
            {"count": 1, "first": safe.date().isoformat(), "requests": [request_id]},
        ),
        ("requests.late", {"count": 1, "first": legal.date().isoformat(), "requests": [request_id]}),
    ]


def test_many_late_requests_are_one_notice(service: Service, clock: Clock) -> None:
    """A mailbox that overflows is read by nobody."""
    ids = [a_request(service, f"person{number}@example.com") for number in range(5)]
    clock.now = dates_of(service, ids[0])[1] + timedelta(days=2)

    assert warn(service) == 5
    [(topic, facts)] = notices(service)
    assert (topic, facts["count"]) == ("requests.late", 5)


def test_a_date_that_moved_is_warned_of_anew(service: Service, clock: Clock) -> None:
    """After an extension the request is in time again, until it is not."""
    request_id = a_request(service, "anna@example.com", RequestType.ACCESS)
    clock.now = dates_of(service, request_id)[0]
    warn(service)
    casework.extend(service, request_id, "many systems", actor=ACTOR)

    assert seen(service) == []
    clock.now = dates_of(service, request_id)[0]
    assert warn(service) == 1


def test_whoever_is_answered_is_late_no_more(service: Service, clock: Clock) -> None:
    """Closed requests are not watched."""
    request_id = a_request(service, "anna@example.com")
    clock.now = dates_of(service, request_id)[1] + timedelta(days=9)
    with service.main.read() as session:
        assert lateness.by_stage(session, now=clock.now) == {"due_soon": 0, "late": 1}
    refuse(service, request_id)

    assert seen(service) == []


@pytest.mark.parametrize(
    ("zone", "is_late"), [("Pacific/Kiritimati", True), ("Pacific/Honolulu", False)], ids=str
)
def test_late_is_judged_on_the_controllers_clock(
    service: Service, clock: Clock, *, zone: str, is_late: bool
) -> None:
    """Half a day after midnight of the legal date's end: late in the east, not yet in the west."""
    request_id = a_request(service, "anna@example.com", time_zone=zone)
    legal = dates_of(service, request_id)[1]
    clock.now = legal.replace(hour=11) if is_late else legal + timedelta(hours=20)

    assert seen(service) == [(request_id, Stage.LATE if is_late else Stage.DUE_SOON)]


def test_an_appeal_has_a_date_of_its_own(service: Service, clock: Clock) -> None:
    """The request is closed; the appeal against its refusal is warned of, until it is decided."""
    request_id = a_request(service, "anna@example.com", regime=Regime.US_STATE)
    refuse(service, request_id)
    rights.appeal(service, request_id, "I asked once.", received_at=None, actor=ACTOR)
    due = described(service, request_id)["appeals"][0]["respond_by"]
    clock.now = datetime.fromisoformat(f"{due}T12:00:00+00:00") + timedelta(days=1)

    assert seen(service) == [(request_id, Stage.LATE)]
    assert warn(service) == 1
    rights.decide_appeal(service, request_id, Result.REJECTED, "We looked again.", actor=ACTOR)
    assert seen(service) == []
