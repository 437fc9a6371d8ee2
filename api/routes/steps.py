"""The steps of a request: what became of each, what a store leaves open, and what a person says of it."""

from typing import Any

from flask import Blueprint

from api import case_openings, casework
from api.auth import needs
from api.changed import changed
from api.context import caller, current
from api.openings import opener
from api.schemas.candidates import CandidatesAnswer
from api.schemas.privacy_requests import RequestChanged, StepHistory
from api.schemas.request_bodies import CompleteBody, DecideBody, EmptyBody
from api.shapes import accepts, returns
from governance.requests import descriptions

blueprint = Blueprint("steps", __name__)


@blueprint.get("/v1/privacy-requests/<request_id>/history")
@needs("requests:read")
@returns(StepHistory)
def history(request_id: str) -> dict[str, Any]:
    """Every change of every step, the oldest first; nothing in it is ever rewritten."""
    with current().main.read() as session:
        descriptions.describe(session, request_id)
        return {"items": descriptions.history(session, request_id)}


@blueprint.post("/v1/privacy-requests/<request_id>/retry")
@needs("requests:review")
@accepts(EmptyBody)
@returns(RequestChanged)
def retry(request_id: str, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - nothing to say
    """Queue again what failed or waits."""
    service = current()
    told = casework.retry(service, request_id, actor=caller().id)
    return changed(service, request_id, told)


@blueprint.post("/v1/privacy-requests/<request_id>/steps/<store>/candidates")
@needs("requests:review")
@accepts(EmptyBody)
@returns(CandidatesAnswer)
def candidates(request_id: str, store: str, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - nothing to say
    """The rows that wait for `decide`, beside who is asked for; in the trail before they are opened."""
    return case_openings.candidates_of(current(), request_id, store, opener=opener())


@blueprint.post("/v1/privacy-requests/<request_id>/steps/<store>/decide")
@needs("requests:review")
@accepts(DecideBody)
@returns(RequestChanged)
def decide(request_id: str, store: str, body: dict[str, Any]) -> dict[str, Any]:
    """Say which candidates are the same person."""
    service = current()
    answers = {each["id"]: each["same_person"] for each in body["candidates"]}
    told = casework.decide(service, request_id, store, answers, actor=caller().id)
    return changed(service, request_id, told)


@blueprint.post("/v1/privacy-requests/<request_id>/steps/<store>/complete")
@needs("requests:review")
@accepts(CompleteBody)
@returns(RequestChanged)
def complete(request_id: str, store: str, body: dict[str, Any]) -> dict[str, Any]:
    """A person did the step by hand, and answers for it; `answer` is what the store's recipient said."""
    service = current()
    told = casework.complete(service, request_id, store, actor=caller().id, answer=body.get("answer"))
    return changed(service, request_id, told)
