"""What a person may do about a step that is stuck, and what not."""

import pytest

from api import casework
from api.context import Service
from governance.errors import CandidateError, IllegalChangeError, StepUnknownError
from governance.requests.vocabulary import RequestType
from governance.stores.errors import StoreCode
from tests.governance.requests.desk import (
    ACTOR,
    MemoryStore,
    an_approved,
    described,
    step_in,
    work,
)

ANNA = "anna.berg@example.com"


def stuck(service: Service) -> str:
    """A request with one failed step, one done, and the service's own in waiting."""
    request_id = an_approved(service, ANNA, ["crm", "mail"])
    crm = MemoryStore("crm", {1: {"email": ANNA}}, faults=[StoreCode.TABLE_MISSING])
    work(service, crm, MemoryStore("mail", {1: {"email": ANNA}}))
    return request_id


@pytest.mark.parametrize("store", ["mail", "leadwarden"])
def test_only_what_is_stuck_is_completed_by_hand(service: Service, store: str) -> None:
    """Neither what is done nor what has not begun."""
    request_id = stuck(service)

    with pytest.raises(IllegalChangeError):
        casework.complete(service, request_id, store, actor=ACTOR)
    assert described(service, request_id)["status"] == "needs_attention"


def test_a_store_that_the_request_does_not_know_is_an_error(service: Service) -> None:
    """And leaves everything as it was."""
    request_id = stuck(service)

    with pytest.raises(StepUnknownError):
        casework.complete(service, request_id, "shop", actor=ACTOR)
    assert described(service, request_id)["status"] == "needs_attention"


def test_a_failed_step_may_be_completed_by_hand(service: Service) -> None:
    """The store is gone for good; a person answers for it."""
    request_id = stuck(service)
    casework.complete(service, request_id, "crm", actor=ACTOR)
    work(service)

    assert described(service, request_id)["status"] == "completed"


def test_a_retry_does_not_pretend_that_a_person_is_not_needed(service: Service) -> None:
    """A rectification waits for a person however often it is retried."""
    request_id = an_approved(service, ANNA, ["crm"], RequestType.RECTIFICATION)
    casework.retry(service, request_id, actor=ACTOR)

    assert step_in(service, request_id, "crm")["status"] == "waiting_for_person"
    assert described(service, request_id)["status"] == "needs_attention"


def test_a_rectification_is_completed_store_by_store(service: Service) -> None:
    """Each system by a person, the service's own too."""
    request_id = an_approved(service, ANNA, ["crm"], RequestType.RECTIFICATION)
    for store in ("crm", "leadwarden"):
        casework.complete(service, request_id, store, actor=ACTOR)
    work(service)

    assert described(service, request_id)["status"] == "completed"


@pytest.mark.parametrize("answers", [{}, {"c2": True, "c9": False}, {"c9": True}])
def test_every_candidate_needs_its_answer(service: Service, answers: dict[str, bool]) -> None:
    """Half an answer is a guess."""
    request_id = an_approved(service, ANNA, ["crm"])
    crm = MemoryStore("crm", {1: {"email": ANNA}, 2: {"email": ANNA}}, doubtful={2})
    work(service, crm)

    with pytest.raises(CandidateError):
        casework.decide(service, request_id, "crm", answers, actor=ACTOR)
    assert len(crm.rows) == 2


def test_attending_to_one_step_leaves_the_other_in_need(service: Service) -> None:
    """The status is what the steps amount to."""
    request_id = an_approved(service, ANNA, ["crm", "mail"])
    work(service)
    casework.complete(service, request_id, "crm", actor=ACTOR)

    assert described(service, request_id)["status"] == "needs_attention"
