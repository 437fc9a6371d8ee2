"""Leads: taken in, looked up, corrected; facts told about them."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from api.auth import needs, refused_purpose
from api.context import Service, caller, current
from api.errors import OpeningsSpentError
from api.idempotency import Answer, idempotent, write_once
from api.imports import CSV, NDJSON, import_leads, spooled
from api.intake import take_in_one
from api.marking import mark
from api.openings import opener
from api.problems import Problem, problem
from api.receipts import audited
from api.schemas.leads import (
    EventKept,
    ImportLine,
    LeadChanged,
    LeadChanges,
    LeadTaken,
    LookupBody,
    NewEvent,
    NewLead,
    OpenedLead,
)
from api.shapes import accepts, lines, returns, streams
from governance.custody import Opened, open_lead, shown
from governance.errors import (
    IdentityAmbiguousError,
    IdentityConflictError,
    LeadUnknownError,
    SuppressedAfterErasureError,
)
from governance.identity import parse_reference
from governance.intake import note_refusal
from governance.leads import changes, new_lead
from governance.lookup import Miss, announce
from governance.openings import Refused
from governance.placement import Placed, Verdict
from governance.rectify import rectify
from governance.scopes import Scope
from governance.told import keep, told
from governance.vault.keys import load
from governance.vault.sealing import DataKey

blueprint = Blueprint("leads", __name__)

REFUSED = "refused"
"""What a key that may not know of erasures is told instead of `suppressed_after_erasure`."""


@blueprint.post("/v1/leads")
@needs("leads:write")
@idempotent
@accepts(NewLead)
@returns(LeadTaken, 201)
@returns(LeadTaken, 200)
def create(body: dict[str, Any]) -> Answer:
    """Take a lead in: a new one, or into the one that an identifier already belongs to."""
    service, now, lead = current(), current().clock(), new_lead(body)
    try:
        return take_in_one(
            service,
            lead,
            now=now,
            actor=caller().id,
            commit=lambda work: write_once(lambda session: _taken(service, work(session), now)),
        )
    except (IdentityConflictError, SuppressedAfterErasureError) as error:
        raise _turned_away(service, error) from error


@blueprint.post("/v1/leads/import")
@needs("leads:write")
@streams(NDJSON, CSV)
@returns(ImportLine, 200, media=NDJSON)
def import_file() -> Response:
    """Take in a file of leads, NDJSON or CSV; a result a line, the summary last."""
    results = import_leads(
        current(),
        lines(),
        request.mimetype,
        actor=caller().id,
        hidden=None if _may_know_of_erasures() else REFUSED,
    )
    return Response(spooled(results), mimetype=NDJSON)


@blueprint.post("/v1/leads/lookup")
@needs("leads:read")
@accepts(LookupBody)
@returns(OpenedLead)
def look_up(body: dict[str, Any]) -> dict[str, Any]:
    """Open a lead. The trail says who asked, and what for, before anything is decrypted."""
    service, now, who = current(), current().clock(), opener()
    reference, purpose = parse_reference(body["lead"]), body["purpose"]
    if not caller().may_look_up(purpose):
        raise refused_purpose("leads:read")
    found = service.main.write(
        lambda session: announce(session, service.keyring, reference, purpose=purpose, now=now, opener=who)
    )
    if isinstance(found, Refused):
        raise OpeningsSpentError(found.wait)
    if found is Miss.UNKNOWN:
        raise LeadUnknownError("the reference fits no lead")
    if found is Miss.AMBIGUOUS:
        raise IdentityAmbiguousError("the reference fits several leads")
    key = _key_of(service, found.lead_id)
    with service.main.read() as session:
        opened = open_lead(session, key, found.appended.entry_id)
    return _opened(opened, audited(service, found.appended, now))


@blueprint.patch("/v1/leads/<lead_id>")
@needs("leads:write")
@accepts(LeadChanges)
@returns(LeadChanged)
def change(lead_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Correct a lead: identifiers, attributes, profile fields."""
    service, now, actor = current(), current().clock(), caller().id
    wanted, key = changes(body), _key_of(service, lead_id)
    try:
        done = service.main.write(
            lambda session: rectify(session, service.keyring, key, wanted, now=now, actor=actor)
        )
    except (IdentityConflictError, SuppressedAfterErasureError) as error:
        raise _turned_away(service, error) from error
    mark(service, [lead_id])
    return {
        "lead_id": lead_id,
        "changed": list(done.changed),
        "audit": audited(service, done.appended, now),
    }


@blueprint.post("/v1/leads/<lead_id>/events")
@needs("leads:write")
@idempotent
@accepts(NewEvent)
@returns(EventKept, 201)
def tell(lead_id: str, body: dict[str, Any]) -> Answer:
    """Add a fact that decisions may rest on."""
    service, now, actor = current(), current().clock(), caller().id
    fact, key = told(body), _key_of(service, lead_id)

    def work(session: Session) -> Answer:
        kept = keep(session, key, fact, now=now, actor=actor)
        return {"event_id": kept.event_id, "audit": audited(service, kept.appended, now)}, 201

    return write_once(work)


def _taken(service: Service, placed: list[Placed], now: datetime) -> Answer:
    """The answer for one lead.

    Raises:
        IdentityConflictError, SuppressedAfterErasureError: It was turned away; nothing must be committed.
    """
    [one] = placed
    if one.verdict is Verdict.CONFLICT:
        raise IdentityConflictError("the identifiers belong to two leads")
    if one.verdict is Verdict.ERASED:
        raise SuppressedAfterErasureError("an identifier belongs to somebody who was erased")
    if one.appended is None:
        raise AssertionError("a lead that was taken in has its entry")
    created = one.verdict is Verdict.CREATED
    answer = {
        "lead_id": one.lead_id,
        "created": created,
        "audit": audited(service, one.appended, now),
    }
    return answer, 201 if created else 200


def _turned_away(service: Service, error: IdentityConflictError | SuppressedAfterErasureError) -> Problem:
    """A 409 to raise, once the refusal is written to the trail."""
    code, now, actor = error.code, service.clock(), caller().id
    service.main.write(lambda session: note_refusal(session, code, now=now, actor=actor))
    if isinstance(error, SuppressedAfterErasureError) and not _may_know_of_erasures():
        return problem(409, REFUSED, HTTPStatus(409).phrase, "The lead is refused.")
    return problem(409, code, HTTPStatus(409).phrase, f"{error}.")


def _may_know_of_erasures() -> bool:
    return Scope.REQUESTS_READ in caller().scopes


def _key_of(service: Service, lead_id: str) -> DataKey:
    """The lead's data key.

    Raises:
        LeadUnknownError: It is destroyed, or never was.
    """
    with service.keys.read() as session:
        keys = load(session, service.keyring, [lead_id])
    if lead_id not in keys:
        raise LeadUnknownError("there is no such lead")
    return keys[lead_id]


def _opened(lead: Opened, audit: dict[str, str]) -> dict[str, Any]:
    """A lead in the contract's shape."""
    return {
        "lead_id": lead.lead_id,
        "identifiers": [shown(one) for one in lead.identifiers],
        "profile": dict(lead.profile),
        "attributes": dict(lead.attributes),
        "sources": [dict(source) for source in lead.sources],
        "audit": audit,
    }
