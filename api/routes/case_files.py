"""What an officer reads before deciding: a request's file and plan; and what a rectification corrects."""

from typing import Any

from flask import Blueprint

from api import casework, previewing
from api.auth import needs
from api.context import caller, current
from api.openings import opener, too_many
from api.receipts import audited
from api.schemas.case_files import CorrectionsBody, FileAnswer, PlanAnswer
from api.schemas.privacy_requests import EmptyBody, RequestChanged
from api.shapes import accepts, returns
from governance.requests import corrections, descriptions, opening

blueprint = Blueprint("case_files", __name__)


@blueprint.post("/v1/privacy-requests/<request_id>/file")
@needs("requests:review")
@accepts(EmptyBody)
@returns(FileAnswer)
def show_file(request_id: str, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - nothing to say
    """Who is asked for, and what was said; in the trail before it is opened."""
    service, now, who = current(), current().clock(), opener()
    key = casework.request_key(service, request_id)
    refused = service.main.write(lambda session: opening.announce(session, request_id, now=now, opener=who))
    if refused is not None:
        raise too_many(refused)
    with service.main.read() as session:
        return opening.opened(session, key)


@blueprint.post("/v1/privacy-requests/<request_id>/plan")
@needs("requests:review")
@accepts(EmptyBody)
@returns(PlanAnswer)
def show_plan(request_id: str, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - nothing to say
    """Search every store now, and say what an approval would erase, redact and keep, and why."""
    return previewing.plan_of(current(), request_id, actor=caller().id)


@blueprint.post("/v1/privacy-requests/<request_id>/corrections")
@needs("requests:review")
@accepts(CorrectionsBody)
@returns(RequestChanged)
def correct(request_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Say what a rectification corrects to what; stores that can are corrected by themselves."""
    service, now, actor = current(), current().clock(), caller().id
    wanted = corrections.read(body["corrections"])
    key = casework.request_key(service, request_id)
    told = service.main.write(lambda session: corrections.keep(session, key, wanted, now=now, actor=actor))
    with service.main.read() as session:
        described = descriptions.describe(session, request_id)
    return described | {"audit": audited(service, told, service.clock())}
