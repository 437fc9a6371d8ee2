"""What follows on a request: the end of a restriction, and appeals against a refusal."""

from datetime import timedelta
from typing import Any

from flask import Blueprint

from api import rights
from api.auth import needs
from api.changed import changed
from api.context import caller, current
from api.routes.privacy_requests import CLOCKS_DIFFER, check_received
from api.schemas.privacy_requests import RequestChanged
from api.schemas.rights import AppealBody, AppealDecisionBody, LiftBody
from api.shapes import accepts, invalid, returns
from governance.requests.lifting import NOTICE

blueprint = Blueprint("rights", __name__)

LATEST_LIFT = timedelta(days=366)


@blueprint.post("/v1/privacy-requests/<request_id>/lift")
@needs("requests:review")
@accepts(LiftBody)
@returns(RequestChanged)
def lift(request_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Tell the person that a restriction will end; it ends, here and in the stores, once they were told."""
    service, at = current(), body.get("at")
    now = service.clock()
    if at is not None and not now + NOTICE - CLOCKS_DIFFER <= at <= now + LATEST_LIFT:
        raise invalid({"at": [f"Must lie {NOTICE.days} to {LATEST_LIFT.days} days ahead."]})
    told = rights.lift(
        service,
        request_id,
        body["explanation"],
        at=at,
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
    service, received_at = current(), body.get("received_at")
    check_received(received_at, service.clock())
    told = rights.appeal(service, request_id, body["said"], received_at=received_at, actor=caller().id)
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
