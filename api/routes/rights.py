"""What follows on a request: the end of a restriction, and appeals against a refusal."""

from typing import Any

from flask import Blueprint

from api import rights
from api.auth import needs
from api.changed import changed
from api.context import caller, current
from api.schemas.privacy_requests import RequestChanged
from api.schemas.rights import AppealBody, AppealDecisionBody, LiftBody
from api.shapes import accepts, returns

blueprint = Blueprint("rights", __name__)


@blueprint.post("/v1/privacy-requests/<request_id>/lift")
@needs("requests:review")
@accepts(LiftBody)
@returns(RequestChanged)
def lift(request_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Tell the person that a restriction will end; it ends, here and in the stores, once they were told."""
    service = current()
    told = rights.lift(
        service,
        request_id,
        body["explanation"],
        at=body.get("at"),
        told_otherwise=body["told_otherwise"],
        actor=caller().id,
    )
    return changed(service, request_id, told)


@blueprint.post("/v1/privacy-requests/<request_id>/appeal")
@needs("requests:review")
@accepts(AppealBody)
@returns(RequestChanged)
def appeal(request_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Take in what a person says against a refusal; a clock of its own runs."""
    service = current()
    told = rights.appeal(
        service, request_id, body["said"], received_at=body.get("received_at"), actor=caller().id
    )
    return changed(service, request_id, told)


@blueprint.post("/v1/privacy-requests/<request_id>/appeal/decide")
@needs("requests:review")
@accepts(AppealDecisionBody)
@returns(RequestChanged)
def decide(request_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Grant an appeal, and the request is a person's to decide again; or reject it. The person is told."""
    service = current()
    told = rights.decide_appeal(service, request_id, body["result"], body["explanation"], actor=caller().id)
    return changed(service, request_id, told)
