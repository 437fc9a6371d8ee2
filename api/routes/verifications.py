"""Showing who asks: an officer's judgement, a code to an address, and a login at the controller."""

from typing import Any

from flask import Blueprint

from api import casework, verification
from api.auth import needs
from api.changed import changed
from api.context import caller, current
from api.schemas.privacy_requests import RequestChanged
from api.schemas.request_bodies import EmptyBody, LoginBody, VerifyBody
from api.shapes import accepts, returns

blueprint = Blueprint("verifications", __name__)


@blueprint.post("/v1/privacy-requests/<request_id>/verify")
@needs("requests:review")
@accepts(VerifyBody)
@returns(RequestChanged)
def verify(request_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Keep the result of an attempt to show who asks; the third that fails refuses the request.

    With `ask_person` an agent's permission is kept, and the person is sent a code to confirm it.
    """
    service, passed, actor = current(), body["result"] == "verified", caller().id
    if "statement" in body:
        told = verification.permitted(
            service,
            request_id,
            body["statement"],
            ask_person=body["ask_person"],
            passed=passed,
            actor=actor,
        )
    else:
        told = casework.verify(service, request_id, body["method"], passed=passed, actor=actor)
    return changed(service, request_id, told)


@blueprint.post("/v1/privacy-requests/<request_id>/code")
@needs("requests:review")
@accepts(EmptyBody)
@returns(RequestChanged)
def send_code(request_id: str, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - nothing to say
    """Send the person a code to enter on `/privacy/confirm`; an earlier one is worth nothing any more."""
    service = current()
    told = verification.send_code(service, request_id, actor=caller().id)
    return changed(service, request_id, told)


@blueprint.post("/v1/privacy-requests/<request_id>/login")
@needs("requests:create")
@accepts(LoginBody)
@returns(RequestChanged)
def log_in(request_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Hand over a login at the controller: a signed token that is good for minutes, and once."""
    service = current()
    _, told = verification.hand_over(service, body["token"], actor=caller().id, request_id=request_id)
    return changed(service, request_id, told)
