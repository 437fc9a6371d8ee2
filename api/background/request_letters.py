"""Every second: letters that are due are written, sealed under the keys of their requests, and queued."""

from collections.abc import Sequence
from datetime import datetime

from api.background.request_batches import request_keys
from api.context import Service
from api.webpages import company
from governance.requests import letters, notices
from governance.requests.letters import Sender
from governance.stores import register
from governance.stores.mapping import StoreDocument

EVERY_SECONDS = 1.0
LETTERS_A_BATCH = 200
MOST_BATCHES = 25
"""After so many the loop is left for once, so that a stopping service is not kept waiting."""


def step(service: Service, now: datetime) -> None:
    """Write what is due: to the people first, then to recipients."""
    with service.main.read() as session:
        documents = register.active_stores(session)
    for _ in range(MOST_BATCHES):
        if not _letters(service, documents, now):
            break
    _notices(service, documents, now)


def sender(service: Service) -> Sender:
    """Who writes, as things are set now."""
    settings = service.settings
    return Sender(company(settings), settings.smtp_url is not None and settings.mail_from is not None)


def _letters(service: Service, documents: Sequence[StoreDocument], now: datetime) -> int:
    with service.main.read() as session:
        due = letters.due(session, limit=LETTERS_A_BATCH)
    if not due:
        return 0
    keys = request_keys(service, set(due.values()))
    return service.main.write(
        lambda session: letters.write(session, keys, sender(service), documents, list(due), now=now)
    )


def _notices(service: Service, documents: Sequence[StoreDocument], now: datetime) -> None:
    reachable = notices.reachable(documents)
    if not reachable:
        return
    with service.main.read() as session:
        places = notices.due(session, reachable, limit=LETTERS_A_BATCH)
    if not places:
        return
    keys = request_keys(service, {request_id for request_id, _ in places})
    service.main.write(
        lambda session: notices.write(session, keys, sender(service), reachable, places, now=now)
    )
