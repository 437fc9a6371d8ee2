"""Every second: letters that are due are written, sealed under the keys of their requests, and queued."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy.orm import Session

from api.background.request_batches import request_keys
from api.context import Service
from api.webpages import company
from governance.errors import GovernanceError
from governance.requests import letters, notices
from governance.requests.letters import Sender
from governance.requests.notices import Place
from governance.stores import register
from governance.stores.mapping import StoreDocument

T = TypeVar("T")
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
    keys, by = request_keys(service, set(due.values())), sender(service)

    def write(session: Session, entry_ids: Sequence[str]) -> object:
        return letters.write(session, keys, by, documents, entry_ids, now=now)

    _each_alone_if_need_be(service, list(due), write, partial(letters.give_up, now=now))
    return len(due)


def _notices(service: Service, documents: Sequence[StoreDocument], now: datetime) -> None:
    reachable = notices.reachable(documents)
    if not reachable:
        return
    with service.main.read() as session:
        places = notices.due(session, reachable, limit=LETTERS_A_BATCH)
    keys, by = request_keys(service, {request_id for request_id, _ in places}), sender(service)

    def write(session: Session, some: Sequence[Place]) -> object:
        return notices.write(session, keys, by, reachable, some, now=now)

    if places:
        _each_alone_if_need_be(service, places, write, notices.give_up)


def _each_alone_if_need_be(
    service: Service,
    items: Sequence[T],
    write: Callable[[Session, Sequence[T]], object],
    give_up: Callable[[Session, T], None],
) -> None:
    """All in one commit; where that fails each alone, so that one that can not be written holds up none."""
    try:
        service.main.write(lambda session: write(session, items))
    except (GovernanceError, ValueError) as error:
        if len(items) > 1:
            for item in items:
                _each_alone_if_need_be(service, [item], write, give_up)
            return
        structlog.get_logger().warning("letter_not_written", error=type(error).__name__)
        service.main.write(lambda session: give_up(session, items[0]))
