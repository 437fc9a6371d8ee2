"""Reading a request's file."""

import pytest

from api import casework
from api.context import Service
from governance.errors import RequestUnknownError
from governance.openings import Opener, Refused
from governance.requests import opening
from governance.requests.vocabulary import RequestType
from governance.scopes import Allowance
from tests.governance.requests.desk import a_request

ANNA = "anna@example.com"
NOBODY, ONE = Opener("officer", Allowance(0, 0)), Opener("officer", Allowance(1, 1))


def announced(service: Service, request_id: str, opener: Opener) -> Refused | None:
    """Whether it may be opened."""
    return service.main.write(
        lambda session: opening.announce(session, request_id, now=service.clock(), opener=opener)
    )


def test_the_file_says_what_was_said(service: Service) -> None:
    """Nothing that was not."""
    request_id = a_request(service, ANNA, RequestType.ACCESS, note="Please hurry.")
    assert announced(service, request_id, ONE) is None
    key = casework.request_key(service, request_id)
    with service.main.read() as session:
        found = opening.opened(session, key)

    assert found == {
        "identities": [{"type": "email", "value": ANNA}],
        "note": "Please hurry.",
        "statements": [],
        "appeals": [],
    }


def test_whoever_may_open_nobody_opens_no_file(service: Service) -> None:
    """The limit is the same as for look-ups."""
    assert isinstance(announced(service, a_request(service, ANNA), NOBODY), Refused)


def test_an_unknown_request_has_no_file(service: Service) -> None:
    """And costs nothing of the allowance."""
    with pytest.raises(RequestUnknownError):
        announced(service, "nothing", ONE)
    assert announced(service, a_request(service, ANNA), ONE) is None
