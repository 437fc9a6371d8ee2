"""The link by which a person fetches their package: made by an officer, used once on a public page.

Looking at the page uses nothing up, for mail programs look at every link; pressing its button does. The page
is the same whatever the token.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response

from api import casework
from api.auth import needs, public
from api.context import Service, current
from api.openings import opener, too_many
from api.receipts import audited
from api.schemas.package_links import PackageLinkBody, PackageLinkMade
from api.shapes import accepts, returns
from api.throttle import Throttle
from api.webpages import error_page, page, shows_errors, takes_form
from governance.errors import RequestClosedError
from governance.openings import Refused
from governance.requests import handing_out, package_links
from governance.requests.package_links import Taken
from governance.vault.sealing import DataKey

blueprint = Blueprint("package_links", __name__)
pages = Blueprint("package_pages", __name__)
shows_errors(pages)

ZIP = "application/zip"
MISSES = Throttle(30, timedelta(minutes=1))
"""A link that does not work is followed now and then; thirty a minute are somebody who guesses."""


@blueprint.post("/v1/privacy-requests/<request_id>/package/link")
@needs("requests:export")
@accepts(PackageLinkBody)
@returns(PackageLinkMade, 201)
def make(request_id: str, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Make the link and the passphrase; send one, and tell the other by another way."""
    service, now, who = current(), current().clock(), opener()
    key, good_for = casework.request_key(service, request_id), timedelta(hours=body["hours"])
    made = service.main.write(
        lambda session: package_links.make(session, key, good_for=good_for, now=now, opener=who)
    )
    if isinstance(made, Refused):
        raise too_many(made)
    return {
        "url": f"{service.settings.public_url}/privacy/package/{made.token}",
        "passphrase": made.passphrase,
        "good_until": made.good_until,
        "audit": audited(service, made.told, now),
    }, HTTPStatus.CREATED


@pages.get("/privacy/package/<token>")
@public
@returns(None, media="text/html")
def show(token: str) -> Response:  # noqa: ARG001 - the page is the same for every token
    """What the person will get, and a button."""
    return page("package.html")


@pages.post("/privacy/package/<token>")
@public
@takes_form
@returns(None, media=ZIP)
def fetch(token: str) -> Response:
    """The package, once; every link that opens nothing is answered alike."""
    service, now = current(), current().clock()
    if MISSES.is_closed(now):
        return error_page(HTTPStatus.TOO_MANY_REQUESTS)
    taken = service.main.write(lambda session: package_links.take(session, token, now=now))
    if taken is None:
        MISSES.miss(now)
        return page("package_gone.html", HTTPStatus.NOT_FOUND)
    try:
        key = casework.request_key(service, taken.request_id)
    except RequestClosedError:
        return page("package_gone.html", HTTPStatus.NOT_FOUND)
    headers = {"Content-Disposition": 'attachment; filename="your-data.zip"', "Cache-Control": "no-store"}
    return Response(_locked(service, key, taken, now), mimetype=ZIP, headers=headers)


def _locked(service: Service, key: DataKey, taken: Taken, now: datetime) -> Iterator[bytes]:
    """The package, read on one snapshot for as long as it is sent."""
    passphrase = package_links.passphrase_of(key, taken)
    with service.main.read() as session:
        yield from handing_out.stream(session, key, now=now, passphrase=passphrase)
