"""What an officer sees before saying which candidates are the person."""

from typing import Any

from flask import Blueprint

from api import casework
from api.auth import needs
from api.context import current
from api.openings import opener, too_many
from api.schemas.candidates import CandidatesAnswer
from api.schemas.privacy_requests import EmptyBody
from api.shapes import accepts, returns
from governance.requests import candidates

blueprint = Blueprint("candidates", __name__)


@blueprint.post("/v1/privacy-requests/<request_id>/steps/<store>/candidates")
@needs("requests:review")
@accepts(EmptyBody)
@returns(CandidatesAnswer)
def show(request_id: str, store: str, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - nothing to say
    """The rows that wait for `decide`, beside who is asked for; in the trail before they are opened."""
    service, now, who = current(), current().clock(), opener()
    refused = service.main.write(
        lambda session: candidates.announce(session, request_id, store, now=now, opener=who)
    )
    if refused is not None:
        raise too_many(refused)
    key = casework.request_key(service, request_id)
    with service.main.read() as session:
        return candidates.opened(session, key, store)
