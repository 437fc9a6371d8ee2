"""Pauses and the extension, and the dates that follow them."""

from datetime import timedelta

import pytest

from api import casework
from api.context import Service
from governance.errors import IllegalChangeError
from governance.requests.vocabulary import PauseReason
from tests.conftest import Clock
from tests.governance.requests.desk import ACTOR, a_request, described

ANNA = "anna.berg@example.com"


def deadlines(service: Service, request_id: str) -> dict[str, str]:
    """The dates of a request."""
    return dict(described(service, request_id)["deadlines"])


def test_a_pause_adds_its_days_when_it_ends(service: Service, clock: Clock) -> None:
    """GDPR: four days asked, four days more."""
    request_id = a_request(service, ANNA)
    assert deadlines(service, request_id)["respond_by"] == "2026-12-24"

    casework.pause(service, request_id, PauseReason.IDENTITY, actor=ACTOR)
    clock.now += timedelta(days=4)
    casework.resume(service, request_id, PauseReason.IDENTITY, actor=ACTOR)

    assert deadlines(service, request_id)["respond_by"] == "2026-12-28"
    assert deadlines(service, request_id)["safe_by"] == "2026-12-24"


def test_a_pause_ends_for_the_reason_that_it_began_for(service: Service) -> None:
    """An answer to another question is none."""
    request_id = a_request(service, ANNA)
    casework.pause(service, request_id, PauseReason.IDENTITY, actor=ACTOR)

    with pytest.raises(IllegalChangeError):
        casework.resume(service, request_id, PauseReason.CLARIFICATION, actor=ACTOR)
    with pytest.raises(IllegalChangeError):
        casework.pause(service, request_id, PauseReason.CLARIFICATION, actor=ACTOR)


def test_there_is_one_extension(service: Service) -> None:
    """Three months in all, and no more."""
    request_id = a_request(service, ANNA)
    casework.extend(service, request_id, "many systems", actor=ACTOR)

    assert deadlines(service, request_id)["respond_by"] == "2027-02-24"
    with pytest.raises(IllegalChangeError):
        casework.extend(service, request_id, "even more systems", actor=ACTOR)
