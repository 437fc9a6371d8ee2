"""Routes of `audit`: what auditors ask, what a verifier needs, and what anybody may watch."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from api.auth import needs, public
from api.background import sequencer
from api.context import Service, caller, current
from api.paging import filtered, page, page_arguments, paged
from api.problems import problem
from api.questions import zones
from api.schemas.audit import ConsistencyProof, Contacts, Exposure, LogEntries, LogKeys, ProvedEntry
from api.shapes import invalid, returns
from audit import export, keys, query, stored_tree
from audit.actions import ACTIONS, Action
from audit.errors import AuditError, SizeUnknownError
from audit.export import Period
from audit.log import append
from audit.merkle import leaf_hash
from audit.note import to_base64
from audit.query import Found, Wanted
from audit.tiles import WIDTH, Tile
from consent.contacted import contacted, day_in
from governance.vault.keys import erased_among

blueprint = Blueprint("audit", __name__)

NDJSON = "application/x-ndjson"
TEXT = "text/plain; charset=utf-8"
OCTETS = "application/octet-stream"
FOR_EVER = "max-age=31536000, immutable"
SHORTLY = "max-age=60"
LONGEST_ID = 64
LARGEST = 2**63 - 1


@blueprint.get("/v1/audit/entries")
@needs("audit:read")
@paged
@filtered(
    after="Only entries after this index.",
    lead_id="Only entries about this lead.",
    actor="Only what this key did.",
    action="Only this action, such as `lead.created`.",
    from_="Only entries from this moment on.",
    until="Only entries before this moment.",
)
@returns(LogEntries)
def entries() -> dict[str, Any]:
    """Entries in the log's order, by lead, actor, action and time; asking about a lead is itself logged."""
    limit, cursor = page_arguments()
    wanted = _wanted()
    after = _number("after", cursor if cursor is not None else request.args.get("after"))
    service = current()
    if after is None:  # pages that follow would go on for ever, for each question about a lead is logged too
        _catch_up(service)
    with service.main.read() as session:
        found = query.entries(session, wanted, after=after, limit=limit)
    answer = page([_shown(each) for each in found], str(found[-1].index) if len(found) == limit else None)
    if wanted.lead_id is None:
        return answer
    _log_question(service, "entries", wanted.lead_id if found else None)
    return answer | {"erased": _erased(service, wanted.lead_id)}


@blueprint.get("/v1/audit/entries/<entry_id>")
@needs("audit:read")
@returns(ProvedEntry)
def entry(entry_id: str) -> dict[str, Any]:
    """One entry with its exact bytes, who it is about, and its proof once it has an index."""
    with current().main.read() as session:
        found = query.entry(session, entry_id)
        if found is None:
            raise problem(404, "entry_unknown", "Not Found", "The log has no such entry.")
        link = query.link(session, entry_id)
        proof = None if found.index is None else query.prove(session, found)
        size = stored_tree.size(session)
    answer = _shown(found) | {
        "bytes": to_base64(found.body),
        "leaf_hash": to_base64(leaf_hash(found.body)),
        "link": None
        if link is None
        else {"lead_id": link.lead_id, "object_id": link.object_id, "salt": to_base64(link.salt)},
    }
    if proof is None:
        return answer | {"proof": None, "checkpoint": None, "tlog_proof": None}
    path = {"index": proof.index, "size": size, "path": [to_base64(each) for each in proof.path]}
    return answer | {"proof": path, "checkpoint": proof.checkpoint, "tlog_proof": str(proof)}


@blueprint.get("/v1/audit/consistency")
@needs("audit:read")
@filtered(from_="The smaller size.", to="The larger size; the newest when not given.")
@returns(ConsistencyProof)
def consistency() -> dict[str, Any]:
    """The proof that the log of size `from` is a prefix of the log of size `to` (default: now)."""
    with current().main.read() as session:
        new = _number("to", request.args.get("to", str(stored_tree.size(session))))
        old = _number("from", request.args.get("from"))
        if old is None or new is None:
            raise invalid({"from": ["Missing data for required field."]})
        path = stored_tree.consistency(session, old, new)
        notes = {str(size): stored_tree.checkpoint_note(session, size) for size in (old, new)}
    signed = {size: note for size, note in notes.items() if note is not None}
    return {"from": old, "to": new, "path": [to_base64(each) for each in path], "checkpoints": signed}


@blueprint.get("/v1/audit/export")
@needs("audit:read")
@filtered(from_="Only entries from this moment on.", until="Only entries before this moment.")
@returns(None, media=NDJSON)
def transcript() -> Response:
    """The log, or the part that covers a period, as one file to verify offline."""
    service, period = current(), Period(_instant("from"), _instant("until"))
    _catch_up(service)
    with service.main.read() as session:
        plan = export.plan(session, period)
    who, now, facts = caller().id, service.clock(), {"first": plan.first, "count": plan.end - plan.first}
    service.main.write(
        lambda session: append(session, Action.AUDIT_EXPORTED, actor=who, now=now, facts=facts)
    )
    lines = chain([bytes(plan.header)], _pages(service, plan))
    return Response(lines, mimetype=NDJSON, headers={"Cache-Control": "no-store"})


@blueprint.get("/v1/audit/leads/<lead_id>/openings")
@needs("audit:read")
@returns(LogEntries)
def openings(lead_id: str) -> dict[str, Any]:
    """Who saw this lead and why."""
    service = current()
    with service.main.read() as session:
        found = query.openings(session, lead_id)
    _log_question(service, "openings", lead_id if found else None)
    return page([_shown(each) for each in found], None) | {"erased": _erased(service, lead_id)}


@blueprint.get("/v1/audit/leads/<lead_id>/contacts")
@needs("audit:read", "decisions:read")
@filtered(on="The day, as in 2026-11-24.", time_zone="Whose day it is; UTC if not given.")
@returns(Contacts)
def contacts(lead_id: str) -> dict[str, Any]:
    """On what ground was this lead contacted on this day: decision, facts, rules, consents and proof."""
    service, (since, until) = current(), _day()
    with service.main.read() as session:
        found = contacted(session, lead_id, since, until)
    _log_question(service, "contacts", lead_id if found else None)
    return {"lead_id": lead_id, "contacts": found, "erased": _erased(service, lead_id)}


@blueprint.get("/v1/audit/exposure")
@needs("audit:read")
@filtered(actor="The key.", from_="From this moment on.", until="Before this moment.")
@returns(Exposure)
def exposure() -> dict[str, Any]:
    """Which leads and fields a key has opened: what would be affected if it had leaked."""
    actor = _identifier("actor")
    if actor is None:
        raise invalid({"actor": ["Missing data for required field."]})
    service = current()
    with service.main.read() as session:
        found = query.exposure(session, actor, _instant("from"), _instant("until"))
    _log_question(service, "exposure", None)
    leads = [{"lead_id": lead_id, "fields": sorted(names)} for lead_id, names in sorted(found.leads.items())]
    return {"actor": actor, "openings": found.openings, "of_erased": found.of_erased, "leads": leads}


@blueprint.get("/audit/checkpoint")
@public
@returns(None, media=TEXT)
def checkpoint() -> Response:
    """The newest head of the log: a C2SP tlog-checkpoint."""
    with current().main.read() as session:
        note = stored_tree.head_note(session)
    if note is None:
        raise SizeUnknownError("nothing has been signed yet")
    return Response(note, content_type=TEXT, headers={"Cache-Control": "no-cache"})


@blueprint.get("/audit/keys")
@public
@returns(LogKeys)
def public_keys() -> dict[str, Any]:
    """The log's name, and the public keys with which its checkpoints verify, retired ones too."""
    service = current()
    with service.main.read() as session:
        known = [{"vkey": key.vkey, "since": key.since, "until": key.until} for key in keys.listed(session)]
    return {"origin": service.log_signer.name, "keys": known}


@blueprint.get("/audit/tile/<path:path>")
@public
@returns(None, media=OCTETS)
def hash_tile(path: str) -> Response:
    """A hash tile of C2SP tlog-tiles; hashes say nothing about anybody."""
    tile = Tile.parse(path)
    return _tile(tile, f"public, {FOR_EVER if tile.width == WIDTH else SHORTLY}")


@blueprint.get("/audit/tile/entries/<path:path>")
@needs("audit:read")
@returns(None, media=OCTETS)
def bundle(path: str) -> Response:
    """An entry bundle of C2SP tlog-tiles."""
    tile = Tile.parse(f"entries/{path}")
    return _tile(tile, f"private, {FOR_EVER if tile.width == WIDTH else SHORTLY}")


def _tile(tile: Tile, caching: str) -> Response:
    with current().main.read() as session:
        content = stored_tree.tile_bytes(session, tile)
    return Response(content, mimetype=OCTETS, headers={"Cache-Control": caching})


def _pages(service: Service, plan: export.Plan) -> Iterator[bytes]:
    for start, end in plan.pages():
        with service.main.read() as session:
            lines = export.page(session, start, end)
        yield lines


def _shown(found: Found) -> dict[str, Any]:
    document = found.document()
    about = {name: document[name] for name in ("lead", "object") if name in document}
    told = {name: document[name] for name in ("action", "actor", "at", "facts")}
    return {"index": found.index, "entry_id": found.entry_id} | told | about


def _log_question(service: Service, question: str, lead_id: str | None) -> None:
    """A question about a person or a colleague is remembered; one about an erased person names nobody."""
    who, now = caller().id, service.clock()
    service.main.write(
        lambda session: append(
            session, Action.AUDIT_READ, actor=who, now=now, lead_id=lead_id, facts={"question": question}
        )
    )


def _erased(service: Service, lead_id: str) -> bool:
    """The key store's journal knows whose key was destroyed; the log itself does not, and must not."""
    with service.keys.read() as session:
        return lead_id in erased_among(session, [lead_id])


def _catch_up(service: Service) -> None:
    """Let an auditor find what was done before they asked, although the sequencer comes once a second.

    A log that must not grow now (rolled back, or not to be published) is read as it stands.
    """
    with suppress(AuditError):
        sequencer.step(service, service.clock())


def _wanted() -> Wanted:
    actions = request.args.getlist("action")
    if not ACTIONS.issuperset(actions):
        raise invalid({"action": ["Not an action of the log."]})
    return Wanted(
        lead_id=_identifier("lead_id"),
        actor=_identifier("actor"),
        actions=actions,
        since=_instant("from"),
        until=_instant("until"),
    )


def _identifier(name: str) -> str | None:
    text = request.args.get(name)
    if text is not None and not 0 < len(text) <= LONGEST_ID:
        raise invalid({name: ["Must be an id."]})
    return text


def _day() -> tuple[datetime, datetime]:
    """The beginning of the day that is asked about, and of the next."""
    try:
        day = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        raise invalid({"on": ["Must be a day, as in 2026-11-24."]}) from None
    zone = request.args.get("time_zone", "UTC")
    if zone not in zones():
        raise invalid({"time_zone": ["Must be a time zone of the IANA database."]})
    try:
        return day_in(day, ZoneInfo(zone))
    except OverflowError:
        raise invalid({"on": ["Must be a day, as in 2026-11-24."]}) from None


def _number(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(LARGEST)) or int(text) > LARGEST:
        raise invalid({name: ["Must be a whole number."]})
    return int(text)


def _instant(name: str) -> datetime | None:
    text = request.args.get(name)
    if text is None:
        return None
    try:
        value = datetime.fromisoformat(text.replace(" ", "+"))  # a plus in a query is a space
        return value.astimezone(UTC) if value.tzinfo is not None else _not_an_instant(name)
    except (ValueError, OverflowError):
        return _not_an_instant(name)


def _not_an_instant(name: str) -> datetime:
    raise invalid({name: ["Must be an RFC 3339 instant with an offset."]})
