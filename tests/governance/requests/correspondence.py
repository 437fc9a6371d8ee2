"""Letters of a service to test with: written, listed, opened."""

from typing import Any

from sqlalchemy.orm import Session

from api import casework
from api.background import request_letters
from api.context import Service
from governance.messages import queue
from governance.messages.tables import MessageRow
from governance.requests import letter_file
from governance.stores import register
from tests.governance.requests.desk import ACTOR

MAILED: dict[str, Any] = {
    "smtp_url": "smtp://127.0.0.1:9",
    "mail_from": "privacy@example.com",
    "controller": "Example GmbH",
}
"""Settings with which letters wait to be sent."""

PRINT_SHOP = {
    "store": "prints",
    "kind": "manual",
    "active": True,
    "purposes": ["direct_marketing"],
    "instructions": "Ask for Mr Beck.",
    "recipient": {
        "name": "Print Shop",
        "role": "processor",
        "country": "DE",
        "contact": "beck@prints.example",
    },
}


def a_print_shop(service: Service, **changes: Any) -> None:
    """A store without an interface, behind which somebody reads mail."""
    document, now = {**PRINT_SHOP, **changes}, service.clock()
    service.main.write(lambda session: register.put(session, "prints", document, now=now, actor=ACTOR))


def write(service: Service) -> None:
    """One turn of the duty."""
    request_letters.step(service, service.clock())


def letters_of(service: Service, request_id: str) -> list[tuple[str, str, str | None]]:
    """Topic, state and code of each, by topic."""
    with service.main.read() as session:
        found = letter_file.listed(session, request_id)
    return sorted((each["topic"], each["state"], each["code"]) for each in found)


def read(service: Service, request_id: str, topic: str) -> dict[str, str | None]:
    """The newest letter of a topic, opened."""
    key = casework.request_key(service, request_id)

    def opened(session: Session) -> dict[str, str | None]:
        ids = [each["id"] for each in letter_file.listed(session, request_id) if each["topic"] == topic]
        row = session.get_one(MessageRow, ids[0])
        return queue.open_letter(key, row.id, row.sealed or b"")

    with service.main.read() as session:
        return opened(session)
