"""The file of a request is kept for its time, and no longer."""

from datetime import timedelta

import pytest
from sqlalchemy import func, inspect, select

from api.background import request_files, request_letters, request_lookbacks
from api.context import Service
from governance.messages.tables import MessageRow
from governance.requests import lookback, retention, tables
from governance.requests.tables import RequestRow
from governance.requests.vocabulary import RequestType
from governance.tables import Base
from tests.conftest import Clock
from tests.governance.requests.desk import (
    MemoryStore,
    a_known_lead,
    a_request,
    an_approved,
    opener,
    refuse,
    work,
)

ANNA = "anna@example.com"
THREE_YEARS = timedelta(days=36 * retention.DAYS_A_MONTH)


def rows(service: Service) -> dict[str, int]:
    """How many rows each table of requests holds."""
    with service.main.read() as session:
        return {
            part.__tablename__: session.scalar(select(func.count()).select_from(part)) or 0
            for part in (*retention.PARTS, RequestRow, MessageRow)
        }


def pass_time(service: Service, clock: Clock, by: timedelta, *stores: MemoryStore) -> None:
    """What the duties do when so much time has passed."""
    clock.now += by
    request_letters.step(service, clock.now)
    request_lookbacks.look_back(service, opener(*stores))
    request_files.step(service, clock.now)


def test_a_closed_file_goes_when_its_time_is_over(service: Service, clock: Clock) -> None:
    """Every row of it; the identities have gone long before."""
    a_known_lead(service, ANNA)
    crm = MemoryStore("crm", {1: {"email": ANNA}})
    an_approved(service, ANNA, ["crm"])
    work(service, crm)
    closed = clock.now
    pass_time(service, clock, timedelta(days=40), crm)
    clock.now = closed
    pass_time(service, clock, THREE_YEARS - timedelta(microseconds=1), crm)
    assert rows(service)["privacy_request"] == 1
    assert rows(service)["privacy_request_certificate"] == 1

    pass_time(service, clock, timedelta(microseconds=1), crm)
    assert set(rows(service).values()) == {0}


def test_what_still_has_identities_is_kept(service: Service, clock: Clock) -> None:
    """An open request; a restriction that stands; a refusal within its year."""
    a_known_lead(service, ANNA)
    a_request(service, "open@example.com")
    an_approved(service, ANNA, [], RequestType.RESTRICTION)
    work(service)
    pass_time(service, clock, 2 * THREE_YEARS)
    assert rows(service)["privacy_request"] == 2

    refuse(service, a_request(service, "no@example.com"))
    pass_time(service, clock, timedelta(days=300))
    assert rows(service)["privacy_request"] == 3


def test_every_table_of_requests_is_one_of_its_parts() -> None:
    """A table added later is not forgotten."""
    named = {
        row.__tablename__
        for row in vars(tables).values()
        if isinstance(row, type)
        and issubclass(row, Base)
        and row is not Base
        and "request_id" in inspect(row).columns
    }

    assert {part.__tablename__ for part in retention.PARTS} == named


@pytest.mark.parametrize("times", [1, 2])
def test_forgetting_twice_changes_nothing(service: Service, clock: Clock, times: int) -> None:
    """Two workers at once."""
    request_id = a_request(service, ANNA)
    refuse(service, request_id)
    service.main.write(lambda session: lookback.forget(session, [request_id], now=clock.now))
    for _ in range(times):
        service.main.write(lambda session: retention.forget(session, [request_id], now=clock.now))

    assert set(rows(service).values()) == {0}
