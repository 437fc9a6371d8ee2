"""What the person is told: whenever the trail says it, to their own address, or visibly not at all."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import casework
from api.background import deliveries
from api.context import Service
from consent.vocabulary import IdentifierKind
from governance.requests import letters, lookback, review
from governance.requests.letters import Sender, address_of
from governance.requests.tables import LetterDueRow
from governance.requests.vocabulary import Ground, Method, RequestType, Submitter
from governance.stores.protocol import Identity
from governance.vault import keys as vault
from tests.governance.requests.correspondence import MAILED, letters_of, read, write
from tests.governance.requests.desk import (
    ACTOR,
    MemoryStore,
    a_known_lead,
    a_request,
    an_approved,
    described,
    refuse,
    work,
)

ANNA, ELSEWHERE = "anna@example.com", "elsewhere@example.net"


@pytest.fixture
def mailed(service: Service) -> Service:
    """A service that can send mail."""
    return replace(service, settings=replace(service.settings, **MAILED))


def mail(value: str, *, shared: bool = False) -> Identity:
    """A mail address."""
    return Identity(IdentifierKind.EMAIL, value, shared=shared)


def test_an_erasure_is_acknowledged_and_its_end_told(mailed: Service) -> None:
    """Two letters to the address that was asked with; the last one says what was done."""
    a_known_lead(mailed, ANNA, country="DE")
    request_id = an_approved(mailed, ANNA, ["crm"])
    write(mailed)
    work(mailed, MemoryStore("crm", {1: {"email": ANNA}}))
    write(mailed)

    assert letters_of(mailed, request_id) == [
        ("letter.completed", "queued", None),
        ("letter.received", "queued", None),
    ]
    completed = read(mailed, request_id, "letter.completed")
    assert completed["to"] == ANNA
    assert completed["subject"] == "Your request is done"
    assert "Your data are erased." in str(completed["text"])
    assert "Example GmbH" in str(completed["text"])


@pytest.mark.parametrize(
    ("asked", "to"),
    [
        ([{"email": ELSEWHERE}, {"external": {"system": "crm", "id": "17"}}], {"old@example.com", ANNA}),
        ([{"email": ELSEWHERE}, {"email": ANNA}], {ANNA}),
        ([{"email": ANNA}], {ANNA}),
        ([{"email": ELSEWHERE}], {ELSEWHERE}),
    ],
    ids=["the lead's own", "asked and known", "the one that was asked", "of nobody known"],
)
def test_the_end_is_told_to_an_address_of_the_lead(
    mailed: Service, asked: list[dict[str, object]], to: set[str]
) -> None:
    """Before one that whoever asked has only named; first to one that was asked with, where a code goes."""
    identifiers = [{"type": "email", "value": value} for value in ("old@example.com", ANNA)]
    identifiers.append({"type": "external", "system": "crm", "value": "17"})
    a_known_lead(mailed, ANNA, identifiers=identifiers)
    request_id = a_request(mailed, ANNA, references=asked)
    casework.verify(mailed, request_id, Method.DOCUMENT_SEEN, passed=True, actor=ACTOR)
    casework.approve(mailed, request_id, actor=ACTOR, stores=[])
    work(mailed)
    write(mailed)

    assert read(mailed, request_id, "letter.completed")["to"] in to


def test_a_refusal_says_what_the_officer_wrote(mailed: Service) -> None:
    """By whichever way the request was refused."""
    request_id = a_request(mailed, ANNA)
    refuse(mailed, request_id)
    write(mailed)

    assert "third time this week" in str(read(mailed, request_id, "letter.refused")["text"])


def test_a_third_failed_verification_is_told_too(mailed: Service) -> None:
    """Nobody wrote an explanation; the ground stands for itself."""
    request_id = a_request(mailed, ANNA)
    for _ in range(3):
        casework.verify(mailed, request_id, Method.DOCUMENT_SEEN, passed=False, actor=ACTOR)
    write(mailed)

    assert "could not make sure that it was you" in str(read(mailed, request_id, "letter.refused")["text"])


def test_an_extension_tells_the_new_date_and_why(mailed: Service) -> None:
    """GDPR, Article 12(3)."""
    request_id = a_request(mailed, ANNA, RequestType.ACCESS)
    casework.extend(mailed, request_id, "nine systems", actor=ACTOR)
    write(mailed)
    text = str(read(mailed, request_id, "letter.extended")["text"])

    assert "Why: nine systems" in text
    assert "will answer by 2027-02-2" in text


def test_who_has_the_answer_needs_no_receipt(mailed: Service) -> None:
    """Refused before the duty came by."""
    request_id = a_request(mailed, ANNA)
    refuse(mailed, request_id)
    write(mailed)

    assert [topic for topic, _, _ in letters_of(mailed, request_id)] == ["letter.refused"]


def test_no_letter_promises_a_day_that_is_past(mailed: Service) -> None:
    """A request that came in late."""
    long_ago = mailed.clock() - timedelta(days=90)
    request_id = a_request(mailed, ANNA, received_at=long_ago)
    write(mailed)

    assert "We will answer as soon as we can." in str(read(mailed, request_id, "letter.received")["text"])


def test_letters_are_written_once(mailed: Service) -> None:
    """However often the duty turns, and whoever comes second."""
    request_id = a_request(mailed, ANNA)
    with mailed.main.read() as session:
        due = list(letters.due(session, limit=9))
    key, sender, now = casework.request_key(mailed, request_id), Sender("x", has_post=True), mailed.clock()

    for expected in (1, 0):
        assert expected == mailed.main.write(
            lambda session: letters.write(session, {request_id: key}, sender, (), due, now=now)
        )
    assert len(letters_of(mailed, request_id)) == 1


def test_what_was_rolled_back_is_told_to_nobody(service: Service) -> None:
    """The letter falls due in the transaction of its entry."""
    request_id = a_request(service, ANNA)
    write(service)
    key, now = casework.request_key(service, request_id), service.clock()

    def refuse_and_break(session: Session) -> None:
        review.refuse(session, key, request_id, Ground.EXCESSIVE, "no", now=now, actor=ACTOR)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        service.main.write(refuse_and_break)
    with service.main.read() as session:
        assert session.scalars(select(LetterDueRow)).all() == []


def test_without_a_mail_server_letters_are_kept_as_failed(service: Service) -> None:
    """To be seen, and sent when there is one; nothing says that they were."""
    request_id = a_request(service, ANNA)
    write(service)
    refuse(service, request_id)
    write(service)

    assert letters_of(service, request_id) == [
        ("letter.received", "failed", "not_configured"),
        ("letter.refused", "failed", "not_configured"),
    ]


def test_an_answer_to_whom_no_address_is_known_is_for_a_person_to_post(mailed: Service) -> None:
    """The answer is kept to print; a receipt, which nobody needs on paper, is not."""
    request_id = a_request(mailed, "info@example.com")
    refuse(mailed, request_id)
    write(mailed)

    assert letters_of(mailed, request_id) == [("letter.refused", "failed", "no_address")]
    assert read(mailed, request_id, "letter.refused")["to"] is None


@pytest.mark.parametrize(
    ("identities", "address"),
    [
        ([mail("info@example.com"), mail(ANNA), mail("other@example.com")], ANNA),
        ([mail(ANNA, shared=True)], None),
        ([Identity(IdentifierKind.PHONE, "+491701234567")], None),
        ([], None),
    ],
    ids=["first of one person", "shared", "no mail", "forgotten"],
)
def test_a_letter_goes_to_one_person_or_nobody(identities: list[Identity], address: str | None) -> None:
    """A mailbox that colleagues read would tell them."""
    assert address_of(identities) == address


def test_a_letter_whose_key_is_gone_is_seen_to_have_failed(mailed: Service) -> None:
    """Never dropped silently."""
    request_id, now = a_request(mailed, ANNA), mailed.clock()
    mailed.keys.write(lambda keys: vault.destroy(keys, request_id, now=now))
    write(mailed)

    assert letters_of(mailed, request_id) == [("letter.received", "failed", "key_destroyed")]


def test_a_key_lives_while_a_letter_waits(mailed: Service) -> None:
    """The look-back is due, but a letter is queued: the identities die when it has ended."""
    request_id = a_request(mailed, ANNA)
    refuse(mailed, request_id)
    write(mailed)
    later = mailed.clock() + timedelta(days=400)
    with mailed.main.read() as session:
        assert lookback.due(session, now=later, limit=9) == []
    unsent = replace(mailed, settings=replace(mailed.settings, smtp_url=None))
    deliveries.step(unsent, unsent.clock())
    with mailed.main.read() as session:
        assert [each for each, _ in lookback.due(session, now=later, limit=9)] == [request_id]


def test_an_agents_list_leaves_no_answer_to_post_where_the_person_has_no_address(mailed: Service) -> None:
    """Whoever sent it has its results; ten thousand letters to nobody would hide the one that counts."""
    request_id = a_request(mailed, "info@example.com", submitted_by=Submitter.AUTHORISED_AGENT)
    casework.verify(mailed, request_id, Method.AGENT_PERMISSION, passed=True, actor=ACTOR)
    casework.approve(mailed, request_id, actor=ACTOR, stores=[])
    work(mailed)
    write(mailed)
    refused = a_request(mailed, "info@example.com", submitted_by=Submitter.AUTHORISED_AGENT)
    refuse(mailed, refused)
    write(mailed)

    assert described(mailed, request_id)["status"] == "completed"
    assert letters_of(mailed, request_id) == []
    assert letters_of(mailed, refused) == [("letter.refused", "failed", "no_address")]
