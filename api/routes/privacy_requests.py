"""Privacy requests: taken in, verified, reviewed, carried out, certified; and the legal holds."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from api import casework, verification
from api.auth import needs
from api.changed import changed, described
from api.context import Service, caller, current
from api.idempotency import idempotent, write_once
from api.openings import opener, too_many
from api.paging import filtered, page, page_arguments, page_of, paged
from api.receipts import audited
from api.schemas.privacy_requests import (
    CertificateAnswer,
    CompleteBody,
    DecideBody,
    EmptyBody,
    ExtendBody,
    HoldBody,
    HoldLifted,
    HoldPage,
    HoldPlaced,
    NewRequestBody,
    PauseBody,
    RefuseBody,
    RequestAnswer,
    RequestChanged,
    RequestPage,
    StepHistory,
    VerifyBody,
)
from api.shapes import accepts, invalid, returns
from consent.documents import EARLIEST_YEAR
from governance import holds
from governance.requests import certifying, descriptions, handing_out, records
from governance.requests.vocabulary import Status
from governance.vault.sealing import DataKey

blueprint = Blueprint("privacy_requests", __name__)

CLOCKS_DIFFER = timedelta(minutes=5)  # how far ahead of ours a caller's clock may be
ZIP = "application/zip"


def check_received(received_at: datetime | None, now: datetime) -> None:
    """Passes an instant from which clocks can be counted.

    Raises:
        Problem: 422, it lies ahead, or before the years that calendars know.
    """
    if received_at is not None and received_at > now + CLOCKS_DIFFER:
        raise invalid({"received_at": ["Lies in the future."]})
    if received_at is not None and received_at.year <= EARLIEST_YEAR + 1:
        raise invalid({"received_at": ["Lies too long ago."]})


@blueprint.post("/v1/privacy-requests")
@needs("requests:create")
@idempotent
@accepts(NewRequestBody)
@returns(RequestChanged, 201)
def create(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Take a request in; an objection takes effect in the same commit."""
    service = current()
    received_at: datetime | None = body.get("received_at")
    check_received(received_at, service.clock())
    asked = casework.Asked(
        id=str(body.get("id") or uuid.uuid4()),
        type=body["type"],
        references=body["identities"],
        regime=body.get("regime"),
        received_at=received_at,
        time_zone=body.get("time_zone"),
        submitted_by=body["submitted_by"],
        note=body.get("note"),
    )

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


@blueprint.get("/v1/privacy-requests/<request_id>/history")
@needs("requests:read")
@returns(StepHistory)
def history(request_id: str) -> dict[str, Any]:
    """Every change of every step, the oldest first; nothing in it is ever rewritten."""
    with current().main.read() as session:
        descriptions.describe(session, request_id)
        return {"items": descriptions.history(session, request_id)}


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


@blueprint.post("/v1/privacy-requests/<request_id>/retry")
@needs("requests:review")
@accepts(EmptyBody)
@returns(RequestChanged)
def retry(request_id: str, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - nothing to say
    """Queue again what failed or waits."""
    service = current()
    told = casework.retry(service, request_id, actor=caller().id)
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


@blueprint.get("/v1/privacy-requests/<request_id>/certificate")
@needs("requests:read")
@returns(CertificateAnswer)
def certificate(request_id: str) -> dict[str, Any]:
    """The signed certificate, with the proofs of those of its entries that are sequenced."""
    with current().main.read() as session:
        return certifying.handed_out(session, request_id)


@blueprint.get("/v1/privacy-requests/<request_id>/package")
@needs("requests:export")
@returns(None, media=ZIP)
def package(request_id: str) -> Response:
    """The person's data as a zip; that it was opened is in the trail before it is."""
    service, now, who = current(), current().clock(), opener()
    refused = service.main.write(
        lambda session: handing_out.announce(session, request_id, now=now, opener=who)
    )
    if refused is not None:
        raise too_many(refused)
    key = casework.request_key(service, request_id)
    headers = {
        "Content-Disposition": f'attachment; filename="{request_id}.zip"',
        "Cache-Control": "no-store",
    }
    return Response(_zip(service, key, now), mimetype=ZIP, headers=headers)


@blueprint.put("/v1/legal-holds/<key>")
@needs("requests:review")
@accepts(HoldBody)
@returns(HoldPlaced, 200)
@returns(HoldPlaced, 201)
def place_hold(key: str, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Stop an erasure before it happens, and say why; a hold of the same name is replaced."""
    service = current()
    if len(key) > holds.LONGEST_NAME:
        raise invalid({"key": [f"At most {holds.LONGEST_NAME} characters."]})
    is_new, told = casework.place_hold(
        service,
        key,
        body["reason"],
        lead=body.get("lead"),
        store=body.get("store"),
        query=body.get("query", {}),
        until=body.get("until"),
        actor=caller().id,
    )
    audit = audited(service, told, service.clock())
    with service.main.read() as session:
        shown = holds.shown(session, key)
    return shown | {"audit": audit}, HTTPStatus.CREATED if is_new else HTTPStatus.OK


@blueprint.get("/v1/legal-holds")
@needs("requests:review")
@paged
@returns(HoldPage)
def index_holds() -> dict[str, Any]:
    """The holds in force, by name; what they hold and why stays sealed."""
    service = current()
    with service.main.read() as session:
        rows = holds.active(session, now=service.clock())
        return page_of([holds.described(row) for row in rows], "key")


@blueprint.delete("/v1/legal-holds/<key>")
@needs("requests:review")
@returns(HoldLifted)
def lift_hold(key: str) -> dict[str, Any]:
    """End a hold; the erasure that it stopped may be asked for again."""
    service = current()
    told = casework.lift_hold(service, key, actor=caller().id)
    return {"key": key, "lifted": True, "audit": audited(service, told, service.clock())}


def _zip(service: Service, key: DataKey, now: datetime) -> Iterator[bytes]:
    """The package, read on one snapshot for as long as it is sent."""
    with service.main.read() as session:
        yield from handing_out.stream(session, key, now=now)
