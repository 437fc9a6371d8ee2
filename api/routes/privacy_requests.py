"""Privacy requests: taken in, seen, decided, certified."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, request
from sqlalchemy.orm import Session

from api import casework
from api.auth import needs
from api.changed import changed, described
from api.context import caller, current
from api.idempotency import idempotent, write_once
from api.paging import filtered, page, page_arguments, paged
from api.receipts import audited
from api.schemas.privacy_requests import CertificateAnswer, RequestAnswer, RequestChanged, RequestPage
from api.schemas.request_bodies import EmptyBody, ExtendBody, NewRequestBody, PauseBody, RefuseBody
from api.shapes import accepts, invalid, returns
from governance.requests import certifying, descriptions, records
from governance.requests.vocabulary import Status

blueprint = Blueprint("privacy_requests", __name__)


@blueprint.post("/v1/privacy-requests")
@needs("requests:create")
@idempotent
@accepts(NewRequestBody)
@returns(RequestChanged, 201)
def create(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Take a request in; an objection takes effect in the same commit."""
    service, asked = current(), casework.asked_for(body)

    def answer(session: Session) -> tuple[dict[str, Any], int]:
        session.flush()
        told = audited(service, records.opening_of(session, asked.id), service.clock())
        return descriptions.describe(session, asked.id) | {"audit": told}, HTTPStatus.CREATED

    return casework.take_in(service, asked, actor=caller().id, answer=answer, commit=write_once)


@blueprint.get("/v1/privacy-requests")
@needs("requests:read")
@paged
@filtered(status="Only requests of this status.")
@returns(RequestPage)
def index() -> dict[str, Any]:
    """Requests, the newest first; `status` narrows the list."""
    limit, cursor = page_arguments()
    status = request.args.get("status")
    if status is not None and status not in set(Status):
        raise invalid({"status": ["Not a status of a request."]})
    with current().main.read() as session:
        items, following = descriptions.listed(session, limit=limit, before=cursor, status=status)
    return page(items, following)


@blueprint.get("/v1/privacy-requests/<request_id>")
@needs("requests:read")
@returns(RequestAnswer)
def show(request_id: str) -> dict[str, Any]:
    """One request."""
    return described(current(), request_id)


@blueprint.post("/v1/privacy-requests/<request_id>/approve")
@needs("requests:review")
@accepts(EmptyBody)
@returns(RequestChanged)
def approve(request_id: str, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - nothing to say
    """Let the steps run; of an erasure the person is restricted and suppressed at once."""
    service = current()
    told = casework.approve(service, request_id, actor=caller().id)
    return changed(service, request_id, told)


@blueprint.post("/v1/privacy-requests/<request_id>/refuse")
@needs("requests:review")
@accepts(RefuseBody)
@returns(RequestChanged)
def refuse(request_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Turn a request down, on one of the grounds."""
    service = current()
    told = casework.refuse(service, request_id, body["ground"], body["explanation"], actor=caller().id)
    return changed(service, request_id, told)


@blueprint.post("/v1/privacy-requests/<request_id>/cancel")
@needs("requests:review")
@accepts(EmptyBody)
@returns(RequestChanged)
def cancel(request_id: str, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - nothing to say
    """The person took the request back."""
    service = current()
    told = casework.cancel(service, request_id, actor=caller().id)
    return changed(service, request_id, told)


@blueprint.post("/v1/privacy-requests/<request_id>/extend")
@needs("requests:review")
@accepts(ExtendBody)
@returns(RequestChanged)
def extend(request_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Use the one extension that the regime grants."""
    service = current()
    told = casework.extend(service, request_id, body["reason"], actor=caller().id)
    return changed(service, request_id, told)


@blueprint.post("/v1/privacy-requests/<request_id>/pause")
@needs("requests:review")
@accepts(PauseBody)
@returns(RequestChanged)
def pause(request_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """More was asked of the person."""
    service = current()
    told = casework.pause(service, request_id, body["reason"], actor=caller().id)
    return changed(service, request_id, told)


@blueprint.post("/v1/privacy-requests/<request_id>/resume")
@needs("requests:review")
@accepts(PauseBody)
@returns(RequestChanged)
def resume(request_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """The person's answer came."""
    service = current()
    told = casework.resume(service, request_id, body["reason"], actor=caller().id)
    return changed(service, request_id, told)


@blueprint.get("/v1/privacy-requests/<request_id>/certificate")
@needs("requests:read")
@returns(CertificateAnswer)
def certificate(request_id: str) -> dict[str, Any]:
    """The signed certificate, with the proofs of those of its entries that are sequenced."""
    with current().main.read() as session:
        return certifying.handed_out(session, request_id)
