"""The letters in a request's file."""

import pytest

from api.context import Service
from governance.errors import MessageUnknownError, RequestUnknownError
from governance.openings import Opener
from governance.requests import letter_file
from governance.scopes import Allowance
from tests.governance.requests.correspondence import write
from tests.governance.requests.desk import ACTOR, a_request

OFFICER = Opener(ACTOR, Allowance(an_hour=1, a_day=1))


def test_only_a_letter_of_the_request_can_be_opened(service: Service) -> None:
    """Not one of another, nor one that is none; an unknown request has none."""
    request_id, now = a_request(service, "anna@example.com"), service.clock()
    with pytest.raises(MessageUnknownError):
        service.main.write(
            lambda session: letter_file.announce(session, request_id, "none", now=now, opener=OFFICER)
        )
    with service.main.read() as session, pytest.raises(RequestUnknownError):
        letter_file.listed(session, "none")


def test_openings_of_letters_count_towards_the_limit(service: Service) -> None:
    """Whoever may open one person an hour reads one letter."""
    request_id, now = a_request(service, "anna@example.com"), service.clock()
    write(service)
    with service.main.read() as session:
        [letter] = letter_file.listed(session, request_id)
    refused = [
        service.main.write(
            lambda session: letter_file.announce(session, request_id, letter["id"], now=now, opener=OFFICER)
        )
        for _ in range(2)
    ]

    assert [each is None for each in refused] == [True, False]
