"""What deciding on a request does at once, and what undoes it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from api import casework
from api.context import Service
from consent import ledger
from governance.custody import require_open
from governance.errors import IllegalChangeError, LeadLockedError, SameApproverError
from governance.requests.tables import RequestRow
from governance.requests.vocabulary import Method, RequestType
from tests.conftest import Clock
from tests.governance.requests.desk import (
    ACTOR,
    a_known_lead,
    a_request,
    an_approved,
    described,
    refuse,
)

ANNA = "anna.berg@example.com"


def restrictions(service: Service, lead: str) -> list[object]:
    """The restrictions in force on a lead."""
    with service.main.read() as session:
        return list(ledger.facts_of(session, [lead])[lead].get("restrictions", []))


def is_open(service: Service, lead: str) -> bool:
    """Whether the lead may be opened and changed."""
    with service.main.read() as session:
        try:
            require_open(session, lead)
        except LeadLockedError:
            return False
    return True


def test_an_approved_erasure_restricts_and_locks_at_once(service: Service) -> None:
    """Between approval and erasure nobody works with the person."""
    lead = a_known_lead(service, ANNA)
    an_approved(service, ANNA, ["crm"])

    assert len(restrictions(service, lead)) == 1
    assert not is_open(service, lead)


def test_an_approved_restriction_restricts_and_does_not_lock(service: Service) -> None:
    """The data stay, for legal claims and with consent (GDPR art. 18(2))."""
    lead = a_known_lead(service, ANNA)
    an_approved(service, ANNA, [], RequestType.RESTRICTION)

    assert len(restrictions(service, lead)) == 1
    assert is_open(service, lead)


@pytest.mark.parametrize("end", ["cancel", "refuse"])
def test_a_request_that_ends_undone_lifts_what_it_restricted(
    service: Service, clock: Clock, end: str
) -> None:
    """The lead is in use again."""
    lead = a_known_lead(service, ANNA)
    request_id = an_approved(service, ANNA, ["crm"])
    clock.now += timedelta(seconds=1)
    if end == "cancel":
        casework.cancel(service, request_id, actor=ACTOR)
    else:
        refuse(service, request_id)

    assert restrictions(service, lead) == []
    assert is_open(service, lead)


def test_what_another_request_restricts_stays_restricted(service: Service, clock: Clock) -> None:
    """Who asked for a restriction and for an erasure, and takes back one, keeps the other."""
    lead = a_known_lead(service, ANNA)
    an_approved(service, ANNA, [], RequestType.RESTRICTION)
    erasure = an_approved(service, ANNA, ["crm"])
    clock.now += timedelta(seconds=1)
    casework.cancel(service, erasure, actor=ACTOR)

    assert restrictions(service, lead) != []
    assert is_open(service, lead)


def test_what_another_request_erases_stays_locked(service: Service, clock: Clock) -> None:
    """Two erasures of one lead: taking back one does not open it for the other."""
    lead = a_known_lead(service, ANNA)
    first, _ = (an_approved(service, ANNA, ["crm"]) for _ in range(2))
    clock.now += timedelta(seconds=1)
    casework.cancel(service, first, actor=ACTOR)

    assert restrictions(service, lead) != []
    assert not is_open(service, lead)


def test_an_access_request_restricts_nothing(service: Service) -> None:
    """To ask what is held is no objection."""
    lead = a_known_lead(service, ANNA)
    an_approved(service, ANNA, ["crm"], RequestType.ACCESS)

    assert restrictions(service, lead) == []
    assert is_open(service, lead)


def test_a_request_is_approved_once(service: Service) -> None:
    """A second approval would plan a second set of steps."""
    request_id = an_approved(service, ANNA, ["crm"])

    with pytest.raises(IllegalChangeError):
        casework.approve(service, request_id, actor=ACTOR, stores=["crm"])


def test_what_people_write_is_sealed(service: Service) -> None:
    """Note and explanation name people."""
    request_id = a_request(service, ANNA, note=f"{ANNA} called")
    casework.verify(service, request_id, Method.LOGIN, passed=True, actor=ACTOR)
    refuse(service, request_id)

    with service.main.read() as session:
        row = session.scalars(select(RequestRow)).one()
    assert row.note is not None
    assert row.explanation is not None
    assert ANNA.encode() not in row.note + row.explanation + (row.identities or b"")
    assert b"third time" not in row.explanation
    assert described(service, request_id)["reason"] == "excessive"


def test_where_two_must_approve_the_first_changes_nothing_but_that(service: Service) -> None:
    """No step, no restriction, no lock; the second lets it run, and must be somebody else."""
    two = replace(service, settings=replace(service.settings, second_approval=frozenset({"erasure"})))
    lead = a_known_lead(service, ANNA)
    request_id = a_request(service, ANNA)
    casework.verify(service, request_id, Method.LOGIN, passed=True, actor=ACTOR)
    casework.approve(two, request_id, actor="first", stores=["crm"])

    waiting = described(service, request_id)
    assert (waiting["status"], waiting["steps"], waiting["approved_by"]) == ("awaiting_review", [], ["first"])
    assert is_open(service, lead)
    assert restrictions(service, lead) == []
    with pytest.raises(SameApproverError):
        casework.approve(two, request_id, actor="first", stores=["crm"])
    casework.approve(two, request_id, actor="second", stores=["crm"])

    approved = described(service, request_id)
    assert (approved["status"], approved["approved_by"]) == ("in_progress", ["first", "second"])
    assert not is_open(service, lead)


def test_an_access_needs_one_person_where_only_erasures_need_two(service: Service) -> None:
    """Types and regimes are named one by one."""
    two = replace(service, settings=replace(service.settings, second_approval=frozenset({"erasure"})))
    request_id = a_request(service, ANNA, RequestType.ACCESS)
    casework.verify(service, request_id, Method.LOGIN, passed=True, actor=ACTOR)
    casework.approve(two, request_id, actor="first", stores=[])

    assert described(service, request_id)["status"] == "in_progress"
