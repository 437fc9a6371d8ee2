"""The duty that writes letters: nothing lies in clear, and one who waits is found by the next process."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from api import casework
from api.background import deliveries, late_requests, request_letters, sequencer
from api.context import Service
from api.settings import read_settings
from api.startup import open_migrated
from audit import published
from governance.requests import lateness, lookback, recipients
from governance.requests.recipients import How
from governance.requests.vocabulary import Ground
from governance.stores import register
from tests.api.receivers import mail_server
from tests.canaries import files_under, planted_in
from tests.conftest import Clock
from tests.governance.requests.correspondence import a_print_shop, letters_of
from tests.governance.requests.desk import ACTOR, MemoryStore, a_request, an_approved, refuse, work

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


def test_letters_warnings_and_publications_work_on_a_server(
    fresh_postgres: str, tmp_path: Path, clock: Clock
) -> None:
    """The same statements over PostgreSQL: written once, warned of once, published once, awaited."""
    home = {"LEADWARDEN_HOME": str(tmp_path / "home"), "LEADWARDEN_DATABASE_URL": fresh_postgres}
    service = open_migrated(read_settings(home), clock)
    a_print_shop(service)
    request_id = an_approved(service, CANARY, ["prints"])
    work(service, MemoryStore("prints", by_hand=True))
    for _ in range(2):
        request_letters.step(service, service.clock())
    sequencer.step(service, clock.now)
    claims = [
        service.main.write(lambda session: published.claim(session, "mail", now=clock.now)) for _ in range(2)
    ]
    found = letters_of(service, request_id)
    refuse(service, request_id)
    a_request(service, "bo@example.com")
    clock.now += timedelta(days=400)
    late_requests.step(service, clock.now)
    with service.main.read() as session:
        due = lookback.due(session, now=clock.now, limit=9)
        late = lateness.by_stage(session, now=clock.now)
    service.close()

    assert [topic for topic, _, _ in found] == ["letter.received", "recipient.told"]
    assert [claimed is not None for claimed in claims] == [True, False]
    assert late == {"due_soon": 0, "late": 1}
    assert due == [(request_id, False)]


def test_a_letter_that_can_not_be_written_holds_up_no_other(service: Service) -> None:
    """An explanation as long as a book, from a terminal: seen to have failed; the next one is written."""
    first, second = a_request(service, CANARY), a_request(service, "bo@example.com")
    casework.refuse(service, first, Ground.OTHER, "no " * 40_000, actor=ACTOR)
    refuse(service, second)
    for _ in range(2):
        request_letters.step(service, service.clock())

    assert letters_of(service, first) == [("letter.refused", "failed", "unexpected")]
    assert letters_of(service, second) == [("letter.refused", "failed", "not_configured")]


def test_instructions_that_fit_no_mail_are_left_to_a_person(service: Service) -> None:
    """The step waits as before; nobody is said to be told."""
    a_print_shop(service, instructions="call " * 20_000)
    request_id = an_approved(service, CANARY, ["prints"])
    work(service, MemoryStore("prints", by_hand=True))
    for _ in range(2):
        request_letters.step(service, service.clock())
    with service.main.read() as session:
        found = recipients.informed(session, [request_id], register.active_stores(session))[request_id]

    assert [each.how for each in found] == [How.NOT_TOLD]
    assert [topic for topic, _, _ in letters_of(service, request_id)] == ["letter.received"]


def test_more_than_a_batch_is_written_in_one_turn(service: Service) -> None:
    """A bulk of requests does not wait a second for each batch."""
    ids = [a_request(service, f"person{number}@example.com") for number in range(5)]
    request_letters.step(service, service.clock())

    assert [letters_of(service, each) for each in ids] == [
        [("letter.received", "failed", "not_configured")]
    ] * 5
