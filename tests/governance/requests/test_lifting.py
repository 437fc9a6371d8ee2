"""A restriction, and its end: told before, then carried out everywhere."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import update

from api import casework, rights
from api.background import request_lifts, request_lookbacks
from api.context import Service
from consent import ledger
from governance.errors import IllegalChangeError
from governance.messages.tables import MessageRow, MessageState
from governance.requests import lifting
from governance.requests.tables import RequestRow
from governance.requests.vocabulary import RequestType
from tests.api.letters import letters, writing
from tests.conftest import Clock
from tests.governance.requests.desk import (
    ACTOR,
    MemoryStore,
    a_known_lead,
    an_approved,
    described,
    opener,
    step_in,
    work,
)
from tests.governance.requests.writable import WritableStore

ANNA = "anna@example.com"
WHY = "The mistake is corrected."


@pytest.fixture
def service(service: Service) -> Service:
    """A service that can write."""
    return writing(service)


def restrictions(service: Service, lead: str) -> int:
    """How many are in force."""
    with service.main.read() as session:
        return len(ledger.facts_of(session, [lead])[lead].get("restrictions", []))


def sent(service: Service, state: MessageState = MessageState.SENT) -> None:
    """What became of every letter, and that it ends now."""
    ended = update(MessageRow).values(state=state, ended_at=service.clock())
    service.main.write(lambda session: session.execute(ended))


def lift(service: Service, request_id: str, *, told_otherwise: bool = False) -> None:
    """Set its end."""
    rights.lift(service, request_id, WHY, at=None, told_otherwise=told_otherwise, actor=ACTOR)


def test_a_restriction_is_marked_and_taken_away_in_the_stores(service: Service, clock: Clock) -> None:
    """On approval here, a moment later there; and back, three days after the person was told."""
    lead = a_known_lead(service, ANNA)
    crm = WritableStore("crm", {1: {"email": ANNA}, 2: {"email": "x@example.com"}})
    request_id = an_approved(service, ANNA, ["crm"], RequestType.RESTRICTION)
    work(service, crm)
    assert (described(service, request_id)["status"], crm.restricted) == ("completed", {1})

    lift(service, request_id)
    assert described(service, request_id)["lift_at"] == (clock.now + lifting.NOTICE).isoformat()
    [letter] = letters(service)
    assert letter["to"] == ANNA
    assert WHY in (letter["text"] or "")
    sent(service)
    assert request_lifts.lift_due(service) == 0
    assert restrictions(service, lead) == 1

    clock.now += lifting.NOTICE
    assert request_lifts.lift_due(service) == 1
    assert (restrictions(service, lead), described(service, request_id)["status"]) == (0, "in_progress")
    work(service, crm)
    done = described(service, request_id)
    assert (done["status"], crm.restricted, done["certificate"]["number"]) == ("completed", set(), 2)
    assert crm.asked.count("lift") == 1
    assert request_lifts.lift_due(service) == 0


@pytest.mark.parametrize("state", [MessageState.QUEUED, MessageState.FAILED])
def test_whom_no_letter_reached_stays_restricted(service: Service, clock: Clock, state: MessageState) -> None:
    """Prior notice is a condition, not a courtesy; a person sends it again, or tells them otherwise."""
    lead = a_known_lead(service, ANNA)
    request_id = an_approved(service, ANNA, [], RequestType.RESTRICTION)
    work(service)
    lift(service, request_id)
    sent(service, state)
    clock.now += timedelta(days=30)
    assert request_lifts.lift_due(service) == 0
    assert restrictions(service, lead) == 1

    sent(service)
    assert request_lifts.lift_due(service) == 0
    clock.now += lifting.NOTICE
    assert request_lifts.lift_due(service) == 1
    assert restrictions(service, lead) == 0


def test_an_officer_may_have_told_the_person_otherwise(service: Service, clock: Clock) -> None:
    """On the phone, say; then no letter is needed, nor possible where no address is known."""
    a_known_lead(service, ANNA)
    request_id = an_approved(service, ANNA, [], RequestType.RESTRICTION)
    work(service)
    lift(service, request_id, told_otherwise=True)
    clock.now += lifting.NOTICE

    assert letters(service) == []
    assert request_lifts.lift_due(service) == 1


def test_a_store_that_can_not_mark_people_waits_for_a_person_both_times(
    service: Service, clock: Clock
) -> None:
    """Nothing is called done by itself."""
    old = MemoryStore("old", {1: {"email": ANNA}})
    request_id = an_approved(service, ANNA, ["old"], RequestType.RESTRICTION)
    for _ in range(2):
        work(service, old)
        assert step_in(service, request_id, "old")["last_error"] == "not_automatic"
        casework.complete(service, request_id, "old", actor=ACTOR)
        work(service, old)
        assert described(service, request_id)["status"] == "completed"
        if "lift_at" not in described(service, request_id):
            lift(service, request_id, told_otherwise=True)
            clock.now += lifting.NOTICE
            request_lifts.lift_due(service)


def test_what_another_request_restricts_stays_restricted(service: Service, clock: Clock) -> None:
    """Each has its own end."""
    lead = a_known_lead(service, ANNA)
    first = an_approved(service, ANNA, [], RequestType.RESTRICTION)
    second = an_approved(service, ANNA, [], RequestType.RESTRICTION)
    work(service)
    for request_id in (first, second):
        lift(service, request_id, told_otherwise=True)
        assert restrictions(service, lead) >= 1
        clock.now += lifting.NOTICE
        request_lifts.lift_due(service)

    assert restrictions(service, lead) == 0


def test_identities_of_a_standing_restriction_are_kept_until_it_ends(service: Service, clock: Clock) -> None:
    """Without them no store could take its mark away; afterwards, and once the person is erased, they die."""
    a_known_lead(service, ANNA)
    request_id = an_approved(service, ANNA, [], RequestType.RESTRICTION)
    work(service)
    until = partial(key_until, service, request_id)
    assert until() is None
    lift(service, request_id, told_otherwise=True)
    clock.now += lifting.NOTICE
    request_lifts.lift_due(service)
    work(service)
    assert until() is not None

    standing = an_approved(service, ANNA, [], RequestType.RESTRICTION)
    work(service)
    an_approved(service, ANNA, [])
    work(service)
    assert key_until(service, standing) == clock.now


def test_a_restriction_whose_person_was_erased_meanwhile_is_not_put_to_work_again(
    service: Service, clock: Clock
) -> None:
    """Its end was announced, but nobody is left to be used again, and nothing to find them by."""
    a_known_lead(service, ANNA)
    crm = WritableStore("crm", {1: {"email": ANNA}})
    request_id = an_approved(service, ANNA, ["crm"], RequestType.RESTRICTION)
    work(service, crm)
    lift(service, request_id, told_otherwise=True)
    an_approved(service, ANNA, ["crm"])
    work(service, crm)
    request_lookbacks.look_back(service, opener(crm))
    clock.now += lifting.NOTICE

    assert request_lifts.lift_due(service) == 0
    assert described(service, request_id)["status"] == "completed"


def key_until(service: Service, request_id: str) -> object:
    """When the request's key dies."""
    with service.main.read() as session:
        return session.get_one(RequestRow, request_id).key_until


def test_only_a_restriction_in_force_can_be_lifted_and_only_once(service: Service) -> None:
    """Anything else is an illegal change."""
    request_id = an_approved(service, ANNA, [], RequestType.RESTRICTION)
    work(service)
    lift(service, request_id)
    with pytest.raises(IllegalChangeError, match="already"):
        lift(service, request_id)
    for other in (an_approved(service, ANNA, []), an_approved(service, ANNA, [], RequestType.ACCESS)):
        with pytest.raises(IllegalChangeError):
            lift(service, other)
