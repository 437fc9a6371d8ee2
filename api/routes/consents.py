"""Consents and objections: what people said about being contacted."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from flask import Blueprint
from sqlalchemy.orm import Session

from api.auth import needs
from api.context import Service, caller, current
from api.idempotency import idempotent, write_once
from api.paging import page, page_arguments
from api.receipts import audited
from api.schemas.consents import (
    ConsentAnswer,
    ConsentPage,
    ConsentRecord,
    ConsentTaken,
    NewConsentBody,
    NewObjectionBody,
    ObjectionTaken,
)
from api.shapes import accepts, invalid, returns
from consent.errors import ConsentUnknownError
from consent.events import ConsentStatus, EventKind, Recorded
from consent.ledger import history, recorded
from consent.notices import Notice, shown
from consent.records import consent_record
from consent.stops import stop_kind
from governance.contact import NewConsent, NewObjection, object_to, record_consent
from governance.identity import ById, Reference, parse_reference
from governance.resolve import resolve, sole
from governance.vault.keys import load
from governance.vault.sealing import DataKey

blueprint = Blueprint("consents", __name__)

CLOCKS_DIFFER = timedelta(minutes=5)  # how far ahead of ours a caller's clock may be


@blueprint.post("/v1/consents")
@needs("consents:write")
@idempotent
@accepts(NewConsentBody)
@returns(ConsentTaken, 201)
def create_consent(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Record a consent, refusal, withdrawal or renewal; nothing is ever changed in place."""
    service, now, actor = current(), current().clock(), caller().id
    _refuse_future("occurred_at", body["occurred_at"], now)
    reference, consent = parse_reference(body["lead"]), _new_consent(body)
    data_key = _data_key(service, reference) if consent.evidence else None

    def work(session: Session) -> tuple[dict[str, Any], int]:
        kept = record_consent(session, service.keyring, data_key, reference, consent, now=now, actor=actor)
        answer = {
            "consent_id": kept.id,
            "status": consent.status.value,
            "lead_id": kept.lead_id,
            "audit": audited(service, kept.appended, now),
        }
        return answer, HTTPStatus.CREATED

    return write_once(work)


@blueprint.post("/v1/objections")
@needs("consents:write")
@idempotent
@accepts(NewObjectionBody)
@returns(ObjectionTaken, 201)
def create_objection(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Record an objection; the very next decision sees it, known person or not."""
    service, now, actor = current(), current().clock(), caller().id
    _refuse_future("received_at", body["received_at"], now)
    reference = parse_reference(body["lead"])
    objection = NewObjection(
        kind=stop_kind(body["kind"]),
        received_at=body["received_at"],
        via=body["via"],
        channels=body["channels"],
        purposes=body["purposes"],
    )

    def work(session: Session) -> tuple[dict[str, Any], int]:
        kept = object_to(session, service.keyring, reference, objection, now=now, actor=actor)
        answer = {
            "objection_id": kept.id,
            "kind": objection.kind.value,
            "lead_id": kept.lead_id,
            "audit": audited(service, kept.appended, now),
        }
        return answer, HTTPStatus.CREATED

    return write_once(work)


@blueprint.get("/v1/leads/<lead_id>/consents")
@needs("consents:read")
@returns(ConsentPage)
def consents_of_lead(lead_id: str) -> dict[str, Any]:
    """The consents of a lead, newest first."""
    service = current()
    limit, cursor = page_arguments()
    with service.main.read() as session:
        sole(session, service.keyring, ById(lead_id))
        found = history(session, lead_id, EventKind.CONSENT, before=cursor, limit=limit + 1)
    items = [_answer(one) for one in found]
    return page(items[:limit], items[limit - 1]["consent_id"] if len(items) > limit else None)


@blueprint.get("/v1/consents/<consent_id>")
@needs("consents:read")
@returns(ConsentAnswer)
def get_consent(consent_id: str) -> dict[str, Any]:
    """One consent."""
    with current().main.read() as session:
        return _answer(_consent(session, consent_id))


@blueprint.get("/v1/consents/<consent_id>/receipt")
@needs("consents:read")
@returns(ConsentRecord)
def consent_receipt(consent_id: str) -> dict[str, Any]:
    """One consent as an ISO/IEC TS 27560 record."""
    service = current()
    with service.main.read() as session:
        found = _consent(session, consent_id)
        notice = shown(session, str(found.event.details["notice"]))
    return consent_record(found, notice, service.settings.controller)


def _new_consent(body: dict[str, Any]) -> NewConsent:
    return NewConsent(
        status=ConsentStatus(body["status"]),
        channels=body["channels"],
        purposes=body["purposes"],
        source_key=body["source_key"],
        method=body["method"],
        notice=Notice(**body["notice"]),
        occurred_at=body["occurred_at"],
        expires_at=body.get("expires_at"),
        initiative=body.get("initiative"),
        evidence=body.get("evidence"),
    )


def _data_key(service: Service, reference: Reference) -> DataKey | None:
    """The key of the lead that the reference means, read before the write begins: it is another database."""
    with service.main.read() as session:
        lead_ids = resolve(session, service.keyring, reference)
    if len(lead_ids) != 1:
        return None
    with service.keys.read() as keys:
        return load(keys, service.keyring, lead_ids).get(lead_ids[0])


def _consent(session: Session, consent_id: str) -> Recorded:
    found = recorded(session, consent_id)
    if found is None or found.event.kind is not EventKind.CONSENT:
        raise ConsentUnknownError("there is no such consent")
    return found


def _answer(found: Recorded) -> dict[str, Any]:
    event, details = found.event, found.event.details
    return {
        "consent_id": event.id,
        "lead_id": event.lead_id,
        **{
            name: details[name]
            for name in ("status", "channels", "purposes", "source_key", "method", "proof")
        },
        "notice_version": details["wording_version"],
        "occurred_at": event.occurred_at.isoformat(),
        "recorded_at": found.recorded_at.isoformat(),
        "expires_at": details.get("expires_at"),
        "initiative": details.get("initiative"),
        "evidence": event.sealed is not None,
        "audit": {"entry_id": found.entry_id},
    }


def _refuse_future(name: str, instant: datetime, now: datetime) -> None:
    if instant > now + CLOCKS_DIFFER:
        raise invalid({name: ["Must not lie ahead."]})
