"""What an officer reads before deciding: a request's file and plan; and what a rectification corrects."""

from typing import Any

from flask import Blueprint

from api import case_openings, casework, previewing
from api.auth import needs
from api.changed import changed
from api.context import caller, current
from api.openings import opener
from api.schemas.case_files import CorrectionsBody, FileAnswer, PlanAnswer
from api.schemas.privacy_requests import RequestChanged
from api.schemas.request_bodies import EmptyBody
from api.shapes import accepts, returns

blueprint = Blueprint("case_files", __name__)


@blueprint.post("/v1/privacy-requests/<request_id>/file")
@needs("requests:review")
@accepts(EmptyBody)
@returns(FileAnswer)
def show_file(request_id: str, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - nothing to say
    """Who is asked for, and what was said; in the trail before it is opened."""
    return case_openings.file_of(current(), request_id, opener=opener())


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
    service = current()
    told = casework.correct(service, request_id, body["corrections"], actor=caller().id)
    return changed(service, request_id, told)
