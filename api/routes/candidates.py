"""What an officer sees before saying which candidates are the person."""

from typing import Any

from flask import Blueprint

from api import case_openings
from api.auth import needs
from api.context import current
from api.openings import opener
from api.schemas.candidates import CandidatesAnswer
from api.schemas.request_bodies import EmptyBody
from api.shapes import accepts, returns

blueprint = Blueprint("candidates", __name__)


@blueprint.post("/v1/privacy-requests/<request_id>/steps/<store>/candidates")
@needs("requests:review")
@accepts(EmptyBody)
@returns(CandidatesAnswer)
def show(request_id: str, store: str, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - nothing to say
    """The rows that wait for `decide`, beside who is asked for; in the trail before they are opened."""
    return case_openings.candidates_of(current(), request_id, store, opener=opener())
