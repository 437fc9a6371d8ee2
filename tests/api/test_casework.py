"""The calls on privacy requests, around commits in two databases."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy.orm import Session

from api import casework
from api.context import Service
from api.restoring import orphans
from governance.errors import (
    IdentityInvalidError,
    RequestClosedError,
    RequestExistsError,
    RequestUnknownError,
)
from governance.requests.tables import RequestRow
from governance.requests.vocabulary import PauseReason, Regime, RequestType
from governance.vault.keys import destroy
from tests.conftest import Clock
from tests.governance.requests.desk import a_known_lead, a_request, described

T = TypeVar("T")
ANNA = "anna.berg@example.com"
ID = "7b1d1f4e-3f0b-4d62-9a61-6e6a0c6f5b11"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def asked(kind: RequestType = RequestType.ERASURE) -> casework.Asked:
    """What Anna asks, under an id that her program chose."""
    return casework.Asked(ID, kind, references=[{"email": ANNA}])


def take_in(
    service: Service,
    what: casework.Asked,
    commit: Callable[[Callable[[Session], str]], str] | None = None,
) -> str:
    """The status of the request as its call answers."""

    def answer(session: Session) -> str:
        return session.get_one(RequestRow, what.id).status

    return casework.take_in(service, what, actor="tester", answer=answer, commit=commit or service.main.write)


def test_what_is_not_said_is_derived(service: Service) -> None:
    """The regime from the lead's country, the moment from the clock."""
    a_known_lead(service, ANNA, country="US", region="US-CA")

    assert take_in(service, asked()) == "awaiting_verification"
    with service.main.read() as session:
        row = session.get_one(RequestRow, ID)
        assert (row.regime, row.received_at) == (Regime.CCPA, service.clock())


def test_an_id_is_used_once(service: Service) -> None:
    """Whatever the second one asks."""
    take_in(service, asked())
    with pytest.raises(RequestExistsError):
        take_in(service, asked(RequestType.ACCESS))

    assert described(service, ID)["type"] == "erasure"


def test_of_two_calls_at_once_the_second_learns_that_the_id_is_taken(service: Service) -> None:
    """It finds out in its own transaction, where the first one was quicker."""

    def commit(work: Callable[[Session], str]) -> str:
        take_in(service, asked(RequestType.ACCESS))
        return service.main.write(work)

    with pytest.raises(RequestExistsError):
        take_in(service, asked(), commit)

    assert described(service, ID)["type"] == "access"


def test_a_request_that_never_came_leaves_only_a_key_to_be_swept(service: Service, clock: Clock) -> None:
    """Key first: a crash in between seals nothing, and is tidied up a day later."""

    def commit(_: Callable[[Session], str]) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_in(service, asked(), commit)
    clock.now += timedelta(days=2)

    assert orphans(service, clock.now) == (ID,)


def test_a_broken_reference_leaves_nothing(service: Service, clock: Clock) -> None:
    """It is read before a key is made."""
    with pytest.raises(IdentityInvalidError):
        take_in(service, casework.Asked(ID, RequestType.ACCESS, references=[{"email": "anna"}]))
    clock.now += timedelta(days=2)

    assert orphans(service, clock.now) == ()


@pytest.mark.parametrize("call", [casework.approve, casework.request_key])
def test_a_request_that_does_not_exist_is_told_apart_from_one_that_is_closed(
    service: Service, call: Callable[..., object]
) -> None:
    """404 is not 410."""
    actor = {} if call is casework.request_key else {"actor": "tester"}
    take_in(service, asked())
    service.keys.write(lambda keys: destroy(keys, ID, now=service.clock()))

    with pytest.raises(RequestUnknownError):
        call(service, UNKNOWN, **actor)
    with pytest.raises(RequestClosedError):
        call(service, ID, **actor)


def test_pausing_moves_the_date_and_extending_moves_it_again(service: Service, clock: Clock) -> None:
    """Each of the calls sets the deadlines anew, in its own transaction."""
    request_id = a_request(service, ANNA, RequestType.ACCESS, regime=Regime.GDPR)
    due = [described(service, request_id)["deadlines"]["respond_by"]]
    casework.pause(service, request_id, PauseReason.CLARIFICATION, actor="tester")
    clock.now += timedelta(days=10)
    casework.resume(service, request_id, PauseReason.CLARIFICATION, actor="tester")
    due.append(described(service, request_id)["deadlines"]["respond_by"])
    casework.extend(service, request_id, "many systems", actor="tester")
    due.append(described(service, request_id)["deadlines"]["respond_by"])

    assert due == sorted(set(due))
