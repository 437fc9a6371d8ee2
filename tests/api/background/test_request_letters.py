"""The duty that writes letters: nothing lies in clear, and one who waits is found by the next process."""

from dataclasses import replace

from api.background import deliveries, request_letters
from api.context import Service
from tests.api.receivers import mail_server
from tests.canaries import files_under, planted_in
from tests.governance.requests.correspondence import letters_of
from tests.governance.requests.desk import a_request, refuse

CANARY = "canary.anna@example.com"


def test_letters_leave_and_nothing_of_them_lies_in_clear(service: Service) -> None:
    """Written, sent, and searched for in every file of the service."""
    with mail_server() as box:
        settings = replace(service.settings, smtp_url=box.url, mail_from="privacy@example.com")
        ready = replace(service, settings=settings)
        request_id = a_request(ready, CANARY)
        refuse(ready, request_id)
        request_letters.step(ready, ready.clock())
        deliveries.step(ready, ready.clock())

    assert box.recipients == [CANARY]
    assert {state for _, state, _ in letters_of(ready, request_id)} == {"sent"}
    assert planted_in(files_under(service.settings.home.parent), [CANARY, "third time this week"]) == []


def test_more_than_a_batch_is_written_in_one_turn(service: Service) -> None:
    """A bulk of requests does not wait a second for each batch."""
    ids = [a_request(service, f"person{number}@example.com") for number in range(5)]
    request_letters.step(service, service.clock())

    assert [letters_of(service, each) for each in ids] == [
        [("letter.received", "failed", "not_configured")]
    ] * 5
