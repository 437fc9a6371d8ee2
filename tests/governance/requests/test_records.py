"""A request's rows: found or refused, moved by their steps, told to the trail."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.context import Service
from audit.actions import Action as Told
from audit.tables import LinkRow, PendingRow
from governance.errors import RequestUnknownError, StepUnknownError
from governance.requests import machine, records
from governance.requests.tables import RequestEntryRow, RequestRow, StepHistoryRow, StepRow
from governance.requests.vocabulary import OWN_STORE, RequestType, Status, StepStatus
from tests.conftest import NOW
from tests.governance.requests.desk import ACTOR, a_known_lead, a_request, an_approved

ANNA = "anna.berg@example.com"
STATUSES = st.lists(st.sampled_from(StepStatus), min_size=1, max_size=4)


def a_row(status: Status) -> RequestRow:
    """A request where it stands."""
    return RequestRow(id="r", type=RequestType.ERASURE, status=status, due_at=NOW)


def with_steps(statuses: Sequence[StepStatus]) -> list[StepRow]:
    """Steps of those statuses, the last of them the service's own."""
    stores = [f"store{number}" for number in range(len(statuses) - 1)]
    return [
        StepRow(store=store, status=status)
        for store, status in zip([*stores, OWN_STORE], statuses, strict=True)
    ]


@pytest.mark.parametrize("find", [records.load, records.read])
def test_a_request_that_is_not_there_is_said_to_be_unknown(service: Service, find: object) -> None:
    """Under its lock, and without."""
    assert callable(find)
    with service.main.read() as session, pytest.raises(RequestUnknownError):
        find(session, "nothing")


def test_a_step_is_that_of_its_store() -> None:
    """Of a store that the request does not know there is none, and not another's."""
    steps = with_steps([StepStatus.QUEUED, StepStatus.FAILED])

    assert [records.step_of(steps, store).status for store in ("store0", OWN_STORE)] == ["queued", "failed"]
    with pytest.raises(StepUnknownError):
        records.step_of(steps, "shop")


@given(STATUSES, st.sampled_from(sorted(machine.AT_WORK)))
def test_settling_never_calls_a_request_finished(statuses: list[StepStatus], status: Status) -> None:
    """`completed` is written with its certificate alone; what is stuck waits for nobody but a person."""
    row, steps = a_row(status), with_steps(statuses)

    records.settle(row, steps, now=NOW)

    stuck = bool(set(statuses) & machine.STUCK)
    assert row.status == (Status.NEEDS_ATTENTION if stuck else Status.IN_PROGRESS)
    assert (row.due_at is None) == (stuck or not records.ready_to_finish(steps))


@given(STATUSES, st.sampled_from(sorted(set(Status) - machine.AT_WORK)))
def test_what_is_not_at_work_is_not_settled(statuses: list[StepStatus], status: Status) -> None:
    """A worker that comes late opens no request that is closed, and starts none that nobody approved."""
    row = a_row(status)

    records.settle(row, with_steps(statuses), now=NOW)

    assert (row.status, row.due_at) == (status, NOW)


@given(STATUSES)
def test_the_own_data_go_when_all_else_is_done_and_they_are_not_stuck(statuses: list[StepStatus]) -> None:
    """Whether they were begun before a crash or not."""
    *others, own = statuses

    assert records.ready_to_finish(with_steps(statuses)) == (
        set(others) <= machine.DONE and own not in machine.STUCK
    )


def test_an_entry_of_a_request_names_its_one_lead_by_a_link(service: Service) -> None:
    """The trail finds it by lead and by request; its text holds neither."""
    lead, request_id = a_known_lead(service, ANNA), a_request(service, ANNA)

    told = service.main.write(
        lambda session: records.tell(
            session, request_id, Told.REQUEST_RETRIED, actor=ACTOR, now=NOW, facts={"store": "crm"}
        )
    )

    with service.main.read() as session:
        link = session.get_one(LinkRow, told.entry_id)
        entry = session.get_one(RequestEntryRow, told.entry_id)
        body = session.get_one(PendingRow, told.entry_id).body
    assert (link.lead_id, link.object_id) == (lead, request_id)
    assert (entry.request_id, entry.action, entry.leaf_hash) == (
        request_id,
        "request.retried",
        told.leaf_hash,
    )
    assert lead.encode() not in body
    assert request_id.encode() not in body


def test_the_opening_entry_is_the_one_of_its_creation(service: Service) -> None:
    """However much was told since; and there is none of a request that is not there."""
    request_id = an_approved(service, ANNA, ["crm"])

    with service.main.read() as session:
        told = records.opening_of(session, request_id)
        action = session.get_one(PendingRow, told.entry_id).action
        with pytest.raises(RequestUnknownError):
            records.opening_of(session, "nothing")
    assert action == "request.created"


def test_a_history_is_numbered_and_keeps_what_stood_before(service: Service) -> None:
    """Every change is a row of its own; the older ones stay as they were."""
    request_id = an_approved(service, ANNA, ["crm"])

    for error in ("locked", "timed_out"):

        def fail(session: Session, error: str = error) -> None:
            step = records.step_of(records.steps_of(session, request_id), "crm")
            step.last_error = error
            records.keep_history(session, step, actor=ACTOR, now=NOW)

        service.main.write(fail)

    with service.main.read() as session:
        kept = session.scalars(
            select(StepHistoryRow).where(StepHistoryRow.store == "crm").order_by(StepHistoryRow.number)
        ).all()
    assert [(row.number, row.error) for row in kept] == [(1, None), (2, "locked"), (3, "timed_out")]
