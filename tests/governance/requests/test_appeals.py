"""Appeals against a refusal."""

from datetime import timedelta

import pytest

from api import casework, rights
from api.context import Service
from consent import ledger
from governance.errors import IllegalChangeError, RequestClosedError
from governance.requests.appeals import Result
from governance.requests.tables import AppealRow, RequestRow
from governance.requests.vocabulary import Ground, Method, Regime, RequestType
from governance.stores.errors import StoreCode
from tests.api.letters import letters, writing
from tests.conftest import Clock
from tests.governance.requests.desk import (
    ACTOR,
    MemoryStore,
    a_known_lead,
    a_request,
    described,
    work,
)

ANNA = "anna@example.com"


def a_refused(service: Service, regime: Regime = Regime.US_STATE, *, verified: bool = True) -> str:
    """The id of a refused erasure."""
    request_id = a_request(service, ANNA, RequestType.ERASURE, regime=regime)
    if verified:
        casework.verify(service, request_id, Method.LOGIN, passed=True, actor=ACTOR)
    casework.refuse(service, request_id, Ground.EXCESSIVE, "too often", actor=ACTOR)
    return request_id


def restrictions(service: Service, lead: str) -> int:
    """How many are in force."""
    with service.main.read() as session:
        return len(ledger.facts_of(session, [lead])[lead].get("restrictions", []))


def appeal(service: Service, request_id: str) -> None:
    """As the route does."""
    rights.appeal(service, request_id, "I asked once.", received_at=None, actor=ACTOR)


def decide(service: Service, request_id: str, result: Result) -> None:
    """As the route does."""
    rights.decide_appeal(service, request_id, result, "We looked again.", actor=ACTOR)


def test_an_appeal_has_a_clock_of_its_own(service: Service, clock: Clock) -> None:
    """The shortest that a state gives: 45 days; what was said is sealed, and the key is kept for it."""
    request_id = a_refused(service)
    appeal(service, request_id)
    [shown] = described(service, request_id)["appeals"]

    assert shown["respond_by"] == (clock.now + timedelta(days=45)).date().isoformat()
    assert shown["result"] is None
    with service.main.read() as session:
        assert b"I asked once." not in (session.get_one(AppealRow, (request_id, 1)).said or b"")
        assert session.get_one(RequestRow, request_id).key_until is None


@pytest.mark.parametrize(
    ("verified", "status"), [(True, "awaiting_review"), (False, "awaiting_verification")]
)
def test_a_granted_appeal_goes_back_to_a_person(
    service: Service,
    verified: bool,  # noqa: FBT001 - of the test
    status: str,
) -> None:
    """And no further than the request had come."""
    request_id = a_refused(service, verified=verified)
    appeal(service, request_id)
    decide(service, request_id, Result.GRANTED)

    shown = described(service, request_id)
    assert (shown["status"], "reason" in shown, "refusal" in shown) == (status, False, False)
    assert shown["appeals"][0]["result"] == "granted"


def test_a_rejected_appeal_leaves_the_refusal(service: Service) -> None:
    """The person is written to, with where to turn next; another appeal may follow."""
    service = writing(service)
    request_id = a_refused(service)
    appeal(service, request_id)
    with pytest.raises(IllegalChangeError, match="waits already"):
        appeal(service, request_id)
    decide(service, request_id, Result.REJECTED)
    with pytest.raises(IllegalChangeError, match="no appeal waits"):
        decide(service, request_id, Result.GRANTED)

    assert described(service, request_id)["status"] == "refused"
    [letter] = letters(service)
    assert letter["to"] == ANNA
    assert "Attorney General" in (letter["text"] or "")
    assert "We looked again." in (letter["text"] or "")
    appeal(service, request_id)
    assert [each["result"] for each in described(service, request_id)["appeals"]] == ["rejected", None]


@pytest.mark.parametrize("regime", [Regime.GDPR, Regime.CCPA, Regime.LGPD])
def test_a_law_without_appeals_has_none(service: Service, regime: Regime) -> None:
    """There the person complains to the authority."""
    with pytest.raises(IllegalChangeError, match="no appeal"):
        appeal(service, a_refused(service, regime))


def test_only_a_refusal_is_appealed(service: Service) -> None:
    """Nothing else was said no to."""
    with pytest.raises(IllegalChangeError):
        appeal(service, a_request(service, ANNA, regime=Regime.US_STATE))


def test_what_was_approved_before_is_reviewed_again_and_carried_out(service: Service, clock: Clock) -> None:
    """Steps that had run are searched anew, and what they had erased counts; nobody runs them unreviewed."""
    lead = a_known_lead(service, ANNA)
    crm, binder = MemoryStore("crm", {1: {"email": ANNA}}), MemoryStore("binder", by_hand=True)
    shut = MemoryStore("shut", {5: {"email": ANNA}}, faults=[StoreCode.PERMISSION_DENIED])
    request_id = a_request(service, ANNA, RequestType.ERASURE, regime=Regime.US_STATE)
    casework.verify(service, request_id, Method.LOGIN, passed=True, actor=ACTOR)
    casework.approve(service, request_id, actor=ACTOR, stores=["crm", "binder", "shut"])
    work(service, crm, binder, shut)
    casework.complete(service, request_id, "binder", actor=ACTOR)
    clock.now += timedelta(days=1)
    casework.refuse(service, request_id, Ground.LEGAL_CLAIMS, "a claim came", actor=ACTOR)
    clock.now += timedelta(days=1)
    crm.rows[2] = {"email": ANNA}
    appeal(service, request_id)
    decide(service, request_id, Result.GRANTED)
    work(service, crm, binder, shut)
    assert described(service, request_id)["status"] == "awaiting_review"
    assert (sorted(crm.rows), restrictions(service, lead)) == ([2], 0)

    casework.approve(service, request_id, actor=ACTOR, stores=["crm", "binder", "shut", "new"])
    assert restrictions(service, lead) == 1
    work(service, crm, binder, shut, MemoryStore("new"))
    done = described(service, request_id)
    assert (done["status"], crm.rows, shut.rows) == ("completed", {}, {})
    assert {step["store"]: step["found"] for step in done["steps"]} == {
        "crm": 2,
        "binder": None,
        "shut": 1,
        "new": 0,
        "leadwarden": done["steps"][-1]["found"],
    }


def test_a_restriction_that_was_to_end_begins_anew(service: Service) -> None:
    """What was set before the refusal counts for nothing."""
    request_id = a_request(service, ANNA, RequestType.RESTRICTION, regime=Regime.US_STATE)
    casework.verify(service, request_id, Method.LOGIN, passed=True, actor=ACTOR)
    casework.approve(service, request_id, actor=ACTOR, stores=["binder"])
    rights.lift(service, request_id, "settled", at=None, told_otherwise=True, actor=ACTOR)
    casework.refuse(service, request_id, Ground.EXCESSIVE, "no", actor=ACTOR)
    appeal(service, request_id)
    decide(service, request_id, Result.GRANTED)

    assert "lift_at" not in described(service, request_id)
    casework.approve(service, request_id, actor=ACTOR, stores=["binder"])
    assert described(service, request_id)["status"] == "in_progress"


def test_who_is_being_forgotten_can_not_be_appealed_for(service: Service) -> None:
    """The identities are given up, the key is about to be destroyed: what it seals nobody would read."""
    request_id = a_refused(service)
    service.main.write(lambda session: setattr(session.get_one(RequestRow, request_id), "identities", None))
    with pytest.raises(RequestClosedError):
        appeal(service, request_id)
