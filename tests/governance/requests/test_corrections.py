"""What a rectification corrects, and how that reaches every store."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from api import casework
from api.context import Service
from governance.errors import FactInvalidError, IllegalChangeError
from governance.requests import corrections, records
from governance.requests.vocabulary import Method, RequestType
from governance.stores.protocol import Correction
from tests.conftest import Clock
from tests.governance.requests.desk import (
    ACTOR,
    MemoryStore,
    a_known_lead,
    a_request,
    described,
    step_in,
    work,
)
from tests.governance.requests.writable import WritableStore

ANNA, RIGHT = "ana@example.com", "anna@example.com"
WRONG_NAME = [{"name": "first_name", "value": "Anna", "was": "Ana"}]
WRONG_MAIL = [{"name": "email", "value": RIGHT, "was": ANNA}]


def a_rectification(service: Service, wanted: list[dict[str, Any]], stores: list[str]) -> str:
    """The id of an approved one."""
    request_id = a_request(service, ANNA, RequestType.RECTIFICATION)
    keep(service, request_id, wanted)
    casework.verify(service, request_id, Method.LOGIN, passed=True, actor=ACTOR)
    casework.approve(service, request_id, actor=ACTOR, stores=stores)
    return request_id


def keep(service: Service, request_id: str, wanted: list[dict[str, Any]]) -> None:
    """As the route does."""
    key, read = casework.request_key(service, request_id), corrections.read(wanted)
    service.main.write(lambda session: corrections.keep(session, key, read, now=service.clock(), actor=ACTOR))


def test_a_correction_reaches_every_store_that_can_and_the_service_itself(service: Service) -> None:
    """By itself; what the trail and the certificate say is counted, and read back."""
    a_known_lead(service, ANNA, profile={"first_name": "Ana"})
    crm = WritableStore("crm", {1: {"email": ANNA, "first_name": "Ana"}, 2: {"email": "x@example.com"}})
    request_id = a_rectification(service, [*WRONG_NAME, *WRONG_MAIL], ["crm"])
    work(service, crm)

    assert crm.rows[1] == {"email": RIGHT, "first_name": "Anna"}
    assert crm.rows[2] == {"email": "x@example.com"}
    done = described(service, request_id)
    assert done["status"] == "completed"
    step = step_in(service, request_id, "crm")
    assert (step["changed"], step["remaining"]) == (2, 0)
    assert step_in(service, request_id, "leadwarden")["found"] == 2
    found = a_request(service, RIGHT)
    with service.main.read() as session:
        assert len(records.leads_of(session, found)) == 1


def test_a_store_that_can_not_write_waits_for_a_person_and_keeps_the_request_open(service: Service) -> None:
    """Nothing is called done; the other store is corrected all the same."""
    crm = WritableStore("crm", {1: {"email": ANNA, "first_name": "Ana"}})
    old = MemoryStore("old", {1: {"email": ANNA, "first_name": "Ana"}})
    request_id = a_rectification(service, WRONG_NAME, ["crm", "old"])
    work(service, crm, old)

    assert crm.rows[1]["first_name"] == "Anna"
    assert step_in(service, request_id, "old")["last_error"] == "not_automatic"
    assert described(service, request_id)["status"] == "needs_attention"
    casework.complete(service, request_id, "old", actor=ACTOR)
    work(service, crm, old)
    assert described(service, request_id)["status"] == "completed"


def test_what_a_store_has_no_place_for_is_named(service: Service) -> None:
    """A person sees to it; the name of a field is no personal data."""
    crm = WritableStore("crm", {1: {"email": ANNA}}, places=frozenset({"email"}))
    request_id = a_rectification(service, WRONG_NAME, ["crm"])
    work(service, crm)

    step = step_in(service, request_id, "crm")
    assert (step["status"], step["last_error"]) == ("waiting_for_person", "unplaced")
    assert step["reason"] == "unplaced:first_name"


def test_a_store_that_says_so_and_does_not_is_tried_again(service: Service, clock: Clock) -> None:
    """What counts is what reading back sees."""
    crm = WritableStore("crm", {1: {"email": ANNA, "first_name": "Ana"}}, stubborn=1)
    request_id = a_rectification(service, WRONG_NAME, ["crm"])
    work(service, crm)
    assert step_in(service, request_id, "crm")["last_error"] == "rows_remain"

    clock.now += timedelta(seconds=2)
    work(service, crm)
    assert step_in(service, request_id, "crm")["status"] == "succeeded"


def test_without_corrections_only_a_person_knows_what_is_right(service: Service) -> None:
    """The note says it; no worker reads notes."""
    request_id = a_request(service, ANNA, RequestType.RECTIFICATION)
    casework.verify(service, request_id, Method.LOGIN, passed=True, actor=ACTOR)
    casework.approve(service, request_id, actor=ACTOR, stores=["crm"])

    assert described(service, request_id)["status"] == "needs_attention"


def test_an_address_that_is_another_leads_is_a_persons_to_sort_out(service: Service) -> None:
    """Nobody is merged by a correction."""
    a_known_lead(service, ANNA)
    a_known_lead(service, RIGHT)
    request_id = a_rectification(service, WRONG_MAIL, [])
    work(service)

    own = step_in(service, request_id, "leadwarden")
    assert (own["status"], own["last_error"]) == ("waiting_for_person", "not_correctable")


def test_corrections_are_set_before_the_approval_only(service: Service) -> None:
    """And belong to a rectification; set again they are replaced."""
    request_id = a_request(service, ANNA, RequestType.RECTIFICATION)
    keep(service, request_id, WRONG_MAIL)
    keep(service, request_id, WRONG_NAME)
    key = casework.request_key(service, request_id)
    with service.main.read() as session:
        row = records.read(session, request_id)
        assert corrections.opened(key, row) == (Correction("first_name", "Anna", "Ana"),)
        assert b"Anna" not in (row.corrections or b"")

    casework.verify(service, request_id, Method.LOGIN, passed=True, actor=ACTOR)
    casework.approve(service, request_id, actor=ACTOR, stores=[])
    for other in (request_id, a_request(service, ANNA, RequestType.ERASURE)):
        with pytest.raises(IllegalChangeError):
            keep(service, other, WRONG_NAME)


@pytest.mark.parametrize(
    "wanted",
    [
        [{"name": "First Name", "value": "x"}],
        [{"name": "email", "value": "x@example.com"}],
        [{"name": "email", "value": None, "was": "x@example.com"}],
        [{"name": "email", "value": "secret", "was": "x@example.com"}],
        [{"name": "phone", "value": "+4930123456", "was": "secret"}],
        [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}],
    ],
)
def test_corrections_that_can_not_be_meant_are_refused(wanted: list[dict[str, Any]]) -> None:
    """By place; no value is repeated."""
    with pytest.raises(FactInvalidError) as refused:
        corrections.read(wanted)

    assert "secret" not in str(refused.value.errors)


def test_identifiers_are_corrected_in_their_normal_form() -> None:
    """As stores and the service know them."""
    given = {"name": "email", "value": " Anna@Example.COM ", "was": "ANA@example.com"}

    assert corrections.read([given]) == (Correction("email", RIGHT, ANNA),)


def test_what_one_person_approved_is_not_changed_by_the_other(service: Service) -> None:
    """Other corrections need both approvals anew."""
    two = replace(service, settings=replace(service.settings, second_approval=frozenset({"rectification"})))
    request_id = a_request(two, ANNA, RequestType.RECTIFICATION)
    keep(two, request_id, WRONG_NAME)
    casework.verify(two, request_id, Method.LOGIN, passed=True, actor=ACTOR)
    casework.approve(two, request_id, actor="first", stores=[])
    keep(two, request_id, WRONG_MAIL)
    casework.approve(two, request_id, actor="second", stores=[])
    assert described(two, request_id)["status"] == "awaiting_review"

    casework.approve(two, request_id, actor="first", stores=[])
    assert described(two, request_id)["status"] == "in_progress"
