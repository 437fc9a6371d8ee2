"""Who had the data, how each was told, and what they answered (GDPR, Article 19)."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from api import casework
from api.context import Service
from governance.requests import certifying, recipients
from governance.requests.recipients import Answer
from governance.requests.vocabulary import RequestType
from governance.stores import register
from tests.governance.requests.correspondence import a_print_shop, write
from tests.governance.requests.desk import ACTOR, MemoryStore, an_approved, described, work

ANNA = "anna@example.com"
CRM = {
    "kind": "sql",
    "url": "env:LEADWARDEN_STORE_CRM",
    "active": True,
    "purposes": ["direct_marketing"],
    "recipient": {"name": "Example CRM Ltd", "role": "processor"},
    "tables": {"contacts": {"identity": {"email": "email"}, "erase": "delete"}},
}


def told(service: Service, request_id: str) -> list[dict[str, Any]]:
    """The recipients as the resource names them."""
    with service.main.read() as session:
        found = recipients.informed(session, [request_id], register.active_stores(session))
    return [recipients.out(each) for each in found[request_id]]


@pytest.fixture
def approved(service: Service) -> str:
    """An erasure over a CRM and a print shop, each worked as far as it goes by itself."""
    now = service.clock()
    service.main.write(lambda session: register.put(session, "crm", CRM, now=now, actor=ACTOR))
    a_print_shop(service)
    request_id = an_approved(service, ANNA, ["crm", "prints"])
    work(service, MemoryStore("crm", {1: {"email": ANNA}}), MemoryStore("prints", by_hand=True))
    return request_id


def test_a_store_with_an_interface_is_told_by_what_is_done_in_it(service: Service, approved: str) -> None:
    """The one that a person works is not told before they did."""
    assert told(service, approved) == [
        {"store": "crm", "name": "Example CRM Ltd", "role": "processor", "told": "interface"},
        {"store": "prints", "name": "Print Shop", "role": "processor", "country": "DE", "told": "not_told"},
    ]


def test_the_certificate_lists_who_was_told_and_what_they_answered(service: Service, approved: str) -> None:
    """Signed with the rest; mail could not be sent, so an officer called."""
    write(service)
    casework.complete(service, approved, "prints", actor=ACTOR, answer=Answer.NOTHING_HELD)
    work(service, MemoryStore("crm"))
    with service.main.read() as session:
        certificate = certifying.handed_out(session, approved)

    assert described(service, approved)["status"] == "completed"
    assert certificate["recipients"][1] == {
        "store": "prints",
        "name": "Print Shop",
        "role": "processor",
        "country": "DE",
        "told": "by_hand",
        "answer": "nothing_held",
        "answered_at": service.clock().isoformat(),
    }
    assert [each["told"] for each in certificate["recipients"]] == ["interface", "by_hand"]


def test_an_answer_may_be_kept_of_somebody_who_was_never_written_to(service: Service) -> None:
    """They were called, for instance; once more, the last answer counts."""
    a_print_shop(service, recipient={"name": "Print Shop", "role": "processor"})
    request_id = an_approved(service, ANNA, ["prints"])
    now = service.clock()

    def answered(session: Session) -> None:
        for answer in (Answer.DONE, Answer.NOTHING_HELD):
            recipients.record_answer(session, request_id, "prints", answer, now=now)

    service.main.write(answered)
    assert [each.get("answer") for each in told(service, request_id)] == ["nothing_held"]


def test_what_changes_nothing_is_told_to_nobody(service: Service) -> None:
    """Whoever asks for access does not have recipients written to."""
    a_print_shop(service)
    request_id = an_approved(service, ANNA, ["prints"], RequestType.ACCESS)

    assert told(service, request_id) == []
