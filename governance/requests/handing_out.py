"""Handing the package of an access request to the person: told to the trail first, then opened."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from audit.actions import Action as Told
from governance.errors import PackageMissingError
from governance.requests import machine, package, records, spool
from governance.requests.vocabulary import RequestType, Status
from governance.vault.sealing import DataKey

WITH_PACKAGE = frozenset({RequestType.ACCESS, RequestType.PORTABILITY})


def announce(session: Session, request_id: str, *, now: datetime, actor: str) -> None:
    """The entry that stands before anything is opened; the caller commits it.

    Raises:
        RequestUnknownError: there is no such request.
        PackageMissingError: it has no package, not yet, or no longer.
    """
    row = records.load(session, request_id)
    if row.type not in WITH_PACKAGE or Status(row.status) not in machine.FINISHED:
        raise PackageMissingError("the request has no package")
    if not spool.stores_in(session, request_id):
        raise PackageMissingError("the package is deleted")
    records.tell(session, row.id, Told.REQUEST_PACKAGE_OPENED, actor=actor, now=now)


def stream(session: Session, key: DataKey, *, now: datetime) -> Iterator[bytes]:
    """The zip in pieces, opened as it is read."""
    about: Mapping[str, Any] = json.loads(b"".join(spool.read(session, key, spool.ABOUT)) or b"{}")
    stores: dict[str, Callable[[], Iterator[bytes]]] = {
        store: partial(spool.read, session, key, store) for store in spool.stores_in(session, key.owner)
    }
    yield from package.stream(stores, about, now=now)
