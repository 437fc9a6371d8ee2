"""Messages to test with: put into the queue of a service, looked at, delivered."""

from typing import Any

from sqlalchemy import select

from api.context import Service
from audit.tables import PendingRow
from governance.messages import queue
from governance.messages.tables import MessageRow
from governance.messages.topics import Topic
from governance.vault import keys as vault
from governance.vault.sealing import DataKey
from governance.vault.tables import KeyKind

ANNA = "anna.canary@example.com"


def a_key(service: Service, owner: str = "request-1") -> DataKey:
    """The key of a request."""
    now = service.clock()
    return service.keys.write(
        lambda keys: vault.mint(keys, service.keyring, [owner], kind=KeyKind.REQUEST, now=now)
    )[owner]


def a_letter(service: Service, owner: str = "request-1", to: str = ANNA) -> str:
    """The id of a letter to Anna."""
    key, now = a_key(service, owner), service.clock()
    return service.main.write(
        lambda session: queue.post(
            session, key, Topic.REQUESTS_LATE, to=to, subject="For Anna", text="Dear Anna Canary", now=now
        )
    )


def a_notice(service: Service, **facts: Any) -> str:
    """The id of a notice to the operator."""
    now = service.clock()
    return service.main.write(
        lambda session: queue.announce(session, Topic.REQUESTS_LATE, facts=facts, now=now)
    )


def state_of(service: Service, message_id: str) -> tuple[str, int, str | None]:
    """State, tries and code of a message."""
    with service.main.read() as session:
        row = session.get_one(MessageRow, message_id)
        return row.state, row.tries, row.code


def told(service: Service) -> list[str]:
    """The actions of the trail about messages, by name."""
    with service.main.read() as session:
        rows = session.scalars(select(PendingRow.action).order_by(PendingRow.action))
        return [action for action in rows if action.startswith("message.")]
