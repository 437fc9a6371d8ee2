"""The package of an access request: for an officer, and by a link that the person uses once.

Looking at the page uses nothing up, for mail programs look at every link; pressing its button does. The page
is the same whatever the token.
"""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response

from api import case_openings, casework
from api.auth import needs, public
from api.context import current
from api.openings import opener
from api.receipts import audited
from api.schemas.packages import PackageLinkBody, PackageLinkMade
from api.shapes import accepts, returns
from api.webpages import page, shows_errors, takes_form
from governance.errors import RequestClosedError
from governance.requests import package_links

blueprint = Blueprint("packages", __name__)
pages = Blueprint("package_pages", __name__)
shows_errors(pages)

ZIP = "application/zip"


@blueprint.get("/v1/privacy-requests/<request_id>/package")
@needs("requests:export")
@returns(None, media=ZIP)
def download(request_id: str) -> Response:
    """The person's data as a zip; that it was opened is in the trail before it is."""
    pieces = case_openings.package_of(current(), request_id, opener=opener())
    return _attached(pieces, f"{request_id}.zip")


@blueprint.post("/v1/privacy-requests/<request_id>/package/link")
@needs("requests:export")
@accepts(PackageLinkBody)
@returns(PackageLinkMade, 201)
def make(request_id: str, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Make the link and the passphrase; send one, and tell the other by another way."""
    service, good_for = current(), timedelta(hours=body["hours"])
    url, made = case_openings.link_to(service, request_id, good_for=good_for, opener=opener())
    return {
        "url": url,
        "passphrase": made.passphrase,
        "good_until": made.good_until,
        "audit": audited(service, made.told, service.clock()),
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
    with service.main.read() as session:
        known = package_links.is_known(session, token)
    taken = None
    if known:  # a token that somebody made up costs no write
        taken = service.main.write(lambda session: package_links.take(session, token, now=now))
    if taken is None:
        return page("package_gone.html", HTTPStatus.NOT_FOUND)
    try:
        key = casework.request_key(service, taken.request_id)
    except RequestClosedError:
        return page("package_gone.html", HTTPStatus.NOT_FOUND)
    passphrase = package_links.passphrase_of(key, taken)
    return _attached(case_openings.zipped(service, key, now, passphrase=passphrase), "your-data.zip")


def _attached(pieces: Iterator[bytes], name: str) -> Response:
    """A zip that is kept where the reader wants it, and nowhere on the way."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(pieces, mimetype=ZIP, headers=headers)
