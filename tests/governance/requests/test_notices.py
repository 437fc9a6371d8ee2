"""Mails to recipients without an interface: once, for the person, to them alone, and never a lie."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from api import casework, rights
from api.background import deliveries, request_lifts
from api.context import Service
from consent.vocabulary import IdentifierKind
from governance.messages import settling
from governance.requests import certifying, notices, recipients
from governance.requests.lifting import NOTICE
from governance.requests.recipients import Answer
from governance.requests.vocabulary import RequestType
from governance.stores import register
from governance.stores.protocol import Identity
from governance.stores.reading import parse
from tests.api.receivers import Mailbox, mail_server
from tests.conftest import Clock
from tests.governance.requests.correspondence import MAILED, PRINT_SHOP, a_print_shop, letters_of, read, write
from tests.governance.requests.desk import ACTOR, MemoryStore, an_approved, refuse, step_in, work

ANNA = "anna@example.com"
BY_HAND = MemoryStore("prints", by_hand=True)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A mail server."""
    with mail_server() as found:
        yield found


@pytest.fixture
def mailed(service: Service, box: Mailbox) -> Service:
    """A service that can send mail, and a print shop that reads it."""
    settings = replace(service.settings, **(MAILED | {"smtp_url": box.url}))
    ready = replace(service, settings=settings)
    a_print_shop(ready)
    return ready


def how(service: Service, request_id: str) -> list[tuple[str, Answer | None]]:
    """How each recipient was told, and what they answered."""
    with service.main.read() as session:
        found = recipients.informed(session, [request_id], register.active_stores(session))
    return [(each.how.value, each.answer) for each in found[request_id]]


def test_a_recipient_is_written_to_and_their_answer_recorded(mailed: Service, box: Mailbox) -> None:
    """Asked once; the step waits until an officer says what they answered."""
    request_id = an_approved(mailed, ANNA, ["prints"])
    work(mailed, BY_HAND)
    for _ in range(3):
        write(mailed)
    deliveries.step(mailed, mailed.clock())
    notice = next(mail for mail in box.mails if mail["To"] == "beck@prints.example")

    assert box.recipients.count("beck@prints.example") == 1
    assert "- anna@example.com" in notice.get_content()
    assert "Ask for Mr Beck." in notice.get_content()
    assert step_in(mailed, request_id, "prints")["status"] == "waiting_for_person"
    assert how(mailed, request_id) == [("mail", None)]
    casework.complete(mailed, request_id, "prints", actor=ACTOR, answer=Answer.DONE)
    assert how(mailed, request_id) == [("mail", Answer.DONE)]
    work(mailed)
    write(mailed)
    assert "- Print Shop" in str(read(mailed, request_id, "letter.completed")["text"])


def test_a_correction_and_a_restriction_are_told_too(mailed: Service, box: Mailbox) -> None:
    """By the same mail, with another sentence."""
    request_id = an_approved(mailed, ANNA, ["prints"], RequestType.RESTRICTION)
    work(mailed, BY_HAND)
    write(mailed)

    assert ("recipient.told", "queued", None) in letters_of(mailed, request_id)


def test_the_end_of_a_restriction_is_told_to_whoever_was_told_of_it(
    mailed: Service, box: Mailbox, clock: Clock
) -> None:
    """By a mail of its own, whose answer the officer records; the new certificate lists them."""
    request_id = an_approved(mailed, ANNA, ["prints"], RequestType.RESTRICTION)
    work(mailed, BY_HAND)
    write(mailed)
    deliveries.step(mailed, mailed.clock())
    casework.complete(mailed, request_id, "prints", actor=ACTOR, answer=Answer.DONE)
    work(mailed)
    rights.lift(mailed, request_id, "corrected", at=None, told_otherwise=True, actor=ACTOR)
    clock.now += NOTICE
    assert request_lifts.lift_due(mailed) == 1
    assert how(mailed, request_id) == [("not_told", None)]

    work(mailed, BY_HAND)
    for _ in range(2):
        write(mailed)
    deliveries.step(mailed, mailed.clock())
    texts = [mail.get_content() for mail in box.mails if mail["To"] == "beck@prints.example"]
    assert ["That has ended" in text for text in texts] == [False, True]
    assert how(mailed, request_id) == [("mail", None)]

    casework.complete(mailed, request_id, "prints", actor=ACTOR, answer=Answer.NOTHING_HELD)
    work(mailed)
    with mailed.main.read() as session:
        certificate = certifying.handed_out(session, request_id)
    assert (certificate["number"], certificate["recipients"][0]["answer"]) == (2, "nothing_held")


def test_whom_no_mail_of_the_restriction_reached_is_not_told_of_its_end(
    service: Service, clock: Clock
) -> None:
    """They would learn of a person who is nothing to them any more."""
    a_print_shop(service)
    request_id = an_approved(service, ANNA, ["prints"], RequestType.RESTRICTION)
    work(service, BY_HAND)
    write(service)
    rights.lift(service, request_id, "corrected", at=None, told_otherwise=True, actor=ACTOR)
    clock.now += NOTICE
    assert request_lifts.lift_due(service) == 1
    work(service, BY_HAND)
    write(service)

    told = [topic for topic, _, _ in letters_of(service, request_id)]
    assert told.count("recipient.told") == 1


def test_without_a_mail_server_nobody_is_said_to_be_told(service: Service) -> None:
    """The mail is kept as failed, and the step waits for somebody who calls."""
    a_print_shop(service)
    request_id = an_approved(service, ANNA, ["prints"])
    work(service, BY_HAND)
    write(service)

    assert ("recipient.told", "failed", "not_configured") in letters_of(service, request_id)
    assert how(service, request_id) == [("not_told", None)]


def test_a_mail_that_was_posted_by_hand_counts_as_told(service: Service) -> None:
    """By an officer, who answers for it; the step still waits for the answer."""
    a_print_shop(service)
    request_id = an_approved(service, ANNA, ["prints"])
    work(service, BY_HAND)
    write(service)
    with service.main.read() as session:
        [informed] = recipients.informed(session, [request_id], register.active_stores(session))[request_id]
    message_id, now = str(informed.message_id), service.clock()
    service.main.write(lambda session: settling.done(session, message_id, now=now, actor=ACTOR))

    assert how(service, request_id) == [("by_hand", None)]


def test_nobody_is_asked_for_a_request_that_ended(mailed: Service, box: Mailbox) -> None:
    """Refused before the duty came by."""
    request_id = an_approved(mailed, ANNA, ["prints"])
    work(mailed, BY_HAND)
    refuse(mailed, request_id)
    write(mailed)

    assert [topic for topic, _, _ in letters_of(mailed, request_id)] == ["letter.refused"]


def test_a_recipient_learns_nothing_that_they_do_not_know_the_person_by() -> None:
    """No shared number, no other system's id."""
    known = notices.known_to(
        parse(PRINT_SHOP),
        [
            Identity(IdentifierKind.EMAIL, ANNA),
            Identity(IdentifierKind.PHONE, "+4930123456", shared=True),
            Identity(IdentifierKind.EXTERNAL, "17", system="crm"),
            Identity(IdentifierKind.EXTERNAL, "P-3", system="prints"),
        ],
    )

    assert known == [ANNA, "P-3"]


def test_only_manual_stores_with_an_address_are_written_to() -> None:
    """Behind an interface stands nobody who reads mail."""
    silent = parse({**PRINT_SHOP, "store": "silent", "recipient": {"name": "Silent", "role": "processor"}})

    assert list(notices.reachable([parse(PRINT_SHOP), silent])) == ["prints"]
