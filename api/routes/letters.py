"""What the person and the recipients of their data were told about a request."""

from typing import Any

from flask import Blueprint

from api import case_openings
from api.auth import needs
from api.context import current
from api.openings import opener
from api.schemas.letters import LetterOpened, Letters
from api.schemas.request_bodies import EmptyBody
from api.shapes import accepts, returns
from governance.requests import letter_file, recipients
from governance.stores import register

blueprint = Blueprint("letters", __name__)


@blueprint.get("/v1/privacy-requests/<request_id>/letters")
@needs("requests:read")
@returns(Letters)
def index(request_id: str) -> dict[str, Any]:
    """What became of each letter, and how each recipient of the data was told; no address, no text."""
    with current().main.read() as session:
        found = letter_file.listed(session, request_id)
        told = recipients.informed(session, [request_id], register.active_stores(session))
    return {"items": found, "recipients": [recipients.out(each) for each in told[request_id]]}


@blueprint.post("/v1/privacy-requests/<request_id>/letters/<letter_id>")
@needs("requests:review")
@accepts(EmptyBody)
@returns(LetterOpened)
def show(request_id: str, letter_id: str, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - nothing to say
    """One letter with address and text; in the trail before it is opened."""
    return case_openings.letter_of(current(), request_id, letter_id, opener=opener())
