"""The calls on what a request brought about."""

from datetime import timedelta

import pytest

from api import casework, rights
from api.context import Service
from governance.errors import IllegalChangeError, RequestClosedError
from governance.messages.tables import MessageRow
from governance.requests import lifting
from governance.requests.appeals import Result
from governance.requests.vocabulary import Ground, Regime, RequestType
from governance.vault import keys as vault
from tests.api.letters import letters, writing
from tests.conftest import Clock
from tests.governance.requests.desk import ACTOR, a_request, an_approved, described, work

ANNA = "anna@example.com"


def test_the_letter_names_the_day_on_the_controllers_clock(service: Service, clock: Clock) -> None:
    """Not in UTC, where it may be another day."""
    service = writing(service)
    request_id = an_approved(service, ANNA, [], RequestType.RESTRICTION)
    work(service)
    at = clock.now + timedelta(days=5)
    rights.lift(service, request_id, "done", at=at, told_otherwise=False, actor=ACTOR)

    assert f"from {at.date()} on" in (letters(service)[0]["text"] or "")
    assert described(service, request_id)["lift_at"] == at.isoformat()


def test_whoever_has_no_address_is_told_otherwise(service: Service) -> None:
    """No letter can be sent to a phone."""
    service = writing(service)
    request_id = a_request(service, "x", RequestType.RESTRICTION, references=[{"phone": "+4930123456"}])
    with pytest.raises(IllegalChangeError, match="other means"):
        rights.lift(service, request_id, "done", at=None, told_otherwise=False, actor=ACTOR)


def test_an_appeal_is_counted_from_its_receipt(service: Service, clock: Clock) -> None:
    """A letter that lay there for a week has a week less."""
    request_id = a_request(service, ANNA, regime=Regime.US_STATE)
    casework.refuse(service, request_id, Ground.EXCESSIVE, "no", actor=ACTOR)
    week_ago = clock.now - timedelta(days=7)
    rights.appeal(service, request_id, "said", received_at=week_ago, actor=ACTOR)

    due = week_ago.date() + timedelta(days=45)
    assert described(service, request_id)["appeals"][0]["respond_by"] == due.isoformat()


def test_a_decision_that_no_mail_can_tell_is_seen_to_have_failed(service: Service) -> None:
    """The message is kept, failed, for somebody to tell the person."""
    request_id = a_request(service, ANNA, regime=Regime.US_STATE)
    casework.refuse(service, request_id, Ground.EXCESSIVE, "no", actor=ACTOR)
    rights.appeal(service, request_id, "said", received_at=None, actor=ACTOR)
    rights.decide_appeal(service, request_id, Result.REJECTED, "no", actor=ACTOR)
    with service.main.read() as session:
        [row] = [each for each in session.query(MessageRow) if each.topic == "appeal.decided"]

    assert (row.state, row.code) == ("failed", "not_configured")


def test_what_is_forgotten_can_not_be_appealed(service: Service) -> None:
    """Its key is gone, and with it who it was."""
    request_id = a_request(service, ANNA, regime=Regime.US_STATE)
    casework.refuse(service, request_id, Ground.EXCESSIVE, "no", actor=ACTOR)
    service.keys.write(lambda session: vault.destroy(session, request_id, now=service.clock()))
    with pytest.raises(RequestClosedError):
        rights.appeal(service, request_id, "said", received_at=None, actor=ACTOR)
    assert timedelta(days=3) == lifting.NOTICE
