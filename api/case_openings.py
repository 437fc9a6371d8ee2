"""What is opened of a request: told to the trail in a commit of its own, then opened under the request's key.

Calls and commands come through here alike, so that nothing is opened untold, or beyond what its opener may.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from api import casework
from api.context import Service
from api.openings import announced
from governance.openings import Opener, Refused
from governance.requests import candidates, handing_out, letter_file, opening, package_links
from governance.requests.package_links import Made
from governance.vault.sealing import DataKey


def file_of(service: Service, request_id: str, *, opener: Opener) -> dict[str, Any]:
    """Who a request is about, and what was said.

    Raises:
        RequestUnknownError, RequestClosedError: see `casework.request_key`.
        OpeningsSpentError: more people than the opener may open.
    """
    casework.request_key(service, request_id)  # a closed request has no file, so none is told of
    now = service.clock()
    return _opened(
        service,
        request_id,
        lambda session: opening.announce(session, request_id, now=now, opener=opener),
        opening.opened,
    )


def candidates_of(service: Service, request_id: str, store: str, *, opener: Opener) -> dict[str, Any]:
    """The rows of a store that wait for a person's word, beside who is asked for; raises as `file_of`.

    Raises:
        StepUnknownError, IllegalChangeError: see `candidates.announce`.
    """
    now = service.clock()
    return _opened(
        service,
        request_id,
        lambda session: candidates.announce(session, request_id, store, now=now, opener=opener),
        lambda session, key: candidates.opened(session, key, store),
    )


def letter_of(service: Service, request_id: str, letter_id: str, *, opener: Opener) -> dict[str, Any]:
    """A letter with address and text; raises as `file_of`.

    Raises:
        MessageUnknownError: see `letter_file.announce`.
    """
    now = service.clock()
    return _opened(
        service,
        request_id,
        lambda session: letter_file.announce(session, request_id, letter_id, now=now, opener=opener),
        lambda session, key: letter_file.opened(session, key, letter_id),
    )


def package_of(service: Service, request_id: str, *, opener: Opener) -> Iterator[bytes]:
    """The package as a zip that is not locked, in pieces; raises as `file_of`, before the first piece.

    Raises:
        PackageMissingError: see `handing_out.announce`.
    """
    now = service.clock()
    key = _told(
        service,
        request_id,
        lambda session: handing_out.announce(session, request_id, now=now, opener=opener),
    )
    return zipped(service, key, now)


def link_to(service: Service, request_id: str, *, good_for: timedelta, opener: Opener) -> tuple[str, Made]:
    """A one-time link to the package: its address, and the passphrase with it; raises as `package_of`."""
    now, key = service.clock(), casework.request_key(service, request_id)
    made = announced(
        service,
        lambda session: package_links.make(session, key, good_for=good_for, now=now, opener=opener),
    )
    return f"{service.settings.public_url}/privacy/package/{made.token}", made


def zipped(
    service: Service, key: DataKey, now: datetime, *, passphrase: str | None = None
) -> Iterator[bytes]:
    """The package in pieces, read on one snapshot for as long as they are taken."""
    with service.main.read() as session:
        yield from handing_out.stream(session, key, now=now, passphrase=passphrase)


def _opened(
    service: Service,
    request_id: str,
    announce: Callable[[Session], Refused | None],
    show: Callable[[Session, DataKey], dict[str, Any]],
) -> dict[str, Any]:
    """What `show` opens under the request's key, once that was told."""
    key = _told(service, request_id, announce)
    with service.main.read() as session:
        return show(session, key)


def _told(service: Service, request_id: str, announce: Callable[[Session], Refused | None]) -> DataKey:
    """The request's key, loaded once the trail says what for: a request that ends meanwhile stays shut."""
    announced(service, announce)
    return casework.request_key(service, request_id)
