"""Which steps a request has."""

import pytest

from governance.requests import machine
from governance.requests.planning import planned
from governance.requests.vocabulary import RequestType, Status, StepStatus


@pytest.mark.parametrize("kind", RequestType)
def test_the_services_own_data_are_always_a_step(kind: RequestType) -> None:
    """The service is a system that holds the person, like any other."""
    assert planned(kind, ["crm"])[-1].store == "leadwarden"


@pytest.mark.parametrize(("kind", "action"), [("erasure", "erase"), ("access", "export")])
def test_every_store_has_its_step(kind: str, action: str) -> None:
    """No store is left out, and each is queued for a worker."""
    steps = planned(RequestType(kind), ["crm", "mail"])

    assert [(step.store, step.action, step.status) for step in steps] == [
        (store, action, StepStatus.QUEUED) for store in ("crm", "mail", "leadwarden")
    ]


@pytest.mark.parametrize("kind", ["rectification", "complaint"])
def test_what_is_not_automatic_waits_for_a_person(kind: str) -> None:
    """Nothing is called done because nobody wrote the code for it."""
    steps = planned(RequestType(kind), ["crm"])

    assert {step.status for step in steps} == {StepStatus.WAITING_FOR_PERSON}
    assert machine.outcome(step.status for step in steps) == Status.NEEDS_ATTENTION


def test_a_restriction_is_in_force_here_and_goes_to_the_stores() -> None:
    """The decision says no at once; a store that can not mark people leaves it to a person."""
    steps = {step.store: step.status for step in planned(RequestType.RESTRICTION, ["crm"])}

    assert steps == {"crm": StepStatus.QUEUED, "leadwarden": StepStatus.SUCCEEDED}


def test_a_rectification_runs_by_itself_once_it_is_written_down_what_is_right() -> None:
    """In the stores and here."""
    steps = planned(RequestType.RECTIFICATION, ["crm"], corrected=True)

    assert {step.status for step in steps} == {StepStatus.QUEUED}


@pytest.mark.parametrize("kind", ["objection", "opt_out_sale_sharing", "limit_sensitive"])
def test_an_objection_is_done_where_contact_is_decided(kind: str) -> None:
    """It took effect when it was received; review closes the case."""
    steps = planned(RequestType(kind), ["crm"])

    assert [step.store for step in steps] == ["leadwarden"]
    assert machine.outcome(step.status for step in steps) == Status.COMPLETED
