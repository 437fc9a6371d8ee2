"""Handing the package of an access request to the person: told to the trail first, then opened."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from audit.actions import Action as Told
from governance import openings
from governance.errors import PackageMissingError
from governance.openings import Opener, Refused
from governance.requests import machine, package, records, spool
from governance.requests.tables import RequestRow
from governance.requests.vocabulary import RequestType, Status
from governance.vault.sealing import DataKey

WITH_PACKAGE = frozenset({RequestType.ACCESS, RequestType.PORTABILITY})


def announce(session: Session, request_id: str, *, now: datetime, opener: Opener) -> Refused | None:
    """The entry that stands before anything is opened, or why nothing is; the caller commits it.

    Raises:
        RequestUnknownError: there is no such request.
        PackageMissingError: it has no package, not yet, or no longer.
    """
    row = require_package(session, request_id)
    leads = records.leads_of(session, row.id)
    refused = openings.admit(session, opener, people=max(len(leads), 1), now=now)
    if refused is not None:
        return refused
    records.tell_opening(session, row.id, Told.REQUEST_PACKAGE_OPENED, actor=opener.id, now=now)
    return None


def require_package(session: Session, request_id: str) -> RequestRow:
    """The request, if it has a package.

    Raises:
        RequestUnknownError: there is no such request.
        PackageMissingError: it has no package, not yet, or no longer.
    """
    row = records.load(session, request_id)
    if row.type not in WITH_PACKAGE or Status(row.status) not in machine.FINISHED:
        raise PackageMissingError("the request has no package")
    if not spool.stores_in(session, request_id):
        raise PackageMissingError("the package is deleted")
    return row


def stream(
    session: Session, key: DataKey, *, now: datetime, passphrase: str | None = None
) -> Iterator[bytes]:
    """The zip in pieces, opened as it is read; locked where there is a passphrase."""
    about: Mapping[str, Any] = json.loads(b"".join(spool.read(session, key, spool.ABOUT)) or b"{}")
    stores: dict[str, Callable[[], Iterator[bytes]]] = {
        store: partial(spool.read, session, key, store) for store in spool.stores_in(session, key.owner)
    }
    yield from package.stream(stores, about, now=now, passphrase=passphrase)
