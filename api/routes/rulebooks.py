"""Rulebooks: every version stays; one person publishes, another confirms."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint
from sqlalchemy.orm import Session

from api.active_rules import ActiveRulebook
from api.auth import needs
from api.context import Service, caller, current
from api.paging import page, page_arguments, paged
from api.receipts import audited
from api.schemas.rulebooks import (
    NewRulebook,
    PublicationDone,
    Publications,
    RulebookShown,
    Trial,
    TriedRulebook,
)
from api.shapes import accepts, returns
from consent import publishing
from consent.casebook import differences
from consent.flips import flips
from consent.publishing import Publication
from consent.rulebook import parse_rulebook
from governance.persons import person_of

blueprint = Blueprint("rulebooks", __name__)

TRIED_FOR = timedelta(days=30)  # how far back decisions are made again
MOST_FLIPS_SHOWN = 500


@blueprint.get("/v1/rulebooks")
@needs("rules:manage")
@paged
@returns(Publications)
def list_rulebooks() -> dict[str, Any]:
    """What was published, the newest first."""
    limit, cursor = page_arguments()
    now = current().clock()
    with current().main.read() as session:
        found = publishing.publications(session, limit=limit + 1, after=cursor)
        active = publishing.active_hash(session, now)
    items = [_shown(one, active, now) for one in found[:limit]]
    return page(items, items[-1]["id"] if len(found) > limit else None)


@blueprint.get("/v1/rulebooks/<content_hash>")
@needs("rules:manage")
@returns(RulebookShown)
def show_rulebook(content_hash: str) -> dict[str, Any]:
    """The content of a rulebook, by the hash that decisions name it by."""
    with current().main.read() as session:
        return {"hash": content_hash, "document": publishing.document_of(session, content_hash)}


@blueprint.post("/v1/rulebooks")
@needs("rules:manage")
@accepts(NewRulebook)
@returns(PublicationDone, 201)
def publish(body: dict[str, Any]) -> dict[str, Any]:
    """Publish a rulebook that passes; it counts once another person has confirmed it."""
    service, who = current(), caller()
    now = service.clock()

    def work(session: Session) -> dict[str, Any]:
        made = publishing.publish(
            session,
            body["document"],
            effective_at=body.get("effective_from"),
            actor=who.id,
            now=now,
            person=person_of(session, who.id),
        )
        return _done(service, made, publishing.active_hash(session, now), now)

    return service.main.write(work)


@blueprint.post("/v1/rulebooks/check")
@needs("rules:manage")
@accepts(TriedRulebook)
@returns(Trial)
def check(body: dict[str, Any]) -> dict[str, Any]:
    """Try a rulebook: on the case table, and on the decisions of the last thirty days. Nothing is stored."""
    service = current()
    rulebook = parse_rulebook(body["document"])
    with service.main.read() as session:
        tried = flips(session, rulebook, since=service.clock() - TRIED_FOR)
    return {
        "hash": rulebook.hash,
        "version": rulebook.version,
        "differences": [asdict(one) for one in differences(rulebook)],
        "decisions_tried": tried.decisions,
        "flips": [asdict(one) for one in tried.flips[:MOST_FLIPS_SHOWN]],
    }


@blueprint.post("/v1/rulebooks/<publication_id>/confirm")
@needs("rules:manage")
@returns(PublicationDone)
def confirm(publication_id: str) -> dict[str, Any]:
    """Let a published rulebook count, as a second person."""
    service, who = current(), caller()
    now = service.clock()

    def work(session: Session) -> dict[str, Any]:
        person = person_of(session, who.id)
        made = publishing.confirm(session, publication_id, actor=who.id, now=now, person=person)
        return _done(service, made, publishing.active_hash(session, now), now)

    shown = service.main.write(work)
    if isinstance(service.rulebook, ActiveRulebook):
        service.rulebook.forget()
    return shown


def _done(service: Service, one: Publication, active: str | None, now: datetime) -> dict[str, Any]:
    """A publication that was just made or confirmed, with its entry."""
    if one.appended is None:
        raise AssertionError("what was just published or confirmed has its entry")
    return _shown(one, active, now) | {"audit": audited(service, one.appended, now)}


def _shown(one: Publication, active: str | None, now: datetime) -> dict[str, Any]:
    return {
        "id": one.id,
        "hash": one.hash,
        "version": one.version,
        "title": one.title,
        "state": publishing.state_of(one, active, now),
        "effective_from": one.effective_at,
        "published_by": one.published_by,
        "published_at": one.published_at,
        "confirmed_by": one.confirmed_by,
        "confirmed_at": one.confirmed_at,
    }
