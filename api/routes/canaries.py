"""Canary leads: known to compliance officers alone; whoever opens one raises an alarm."""

from typing import Any

from flask import Blueprint

from api.auth import needs
from api.context import Service, caller, current
from api.paging import page, page_arguments, paged
from api.receipts import audited
from api.schemas.canaries import Canaries, CanaryMark
from api.shapes import returns
from audit.log import Appended
from governance import canaries

blueprint = Blueprint("canaries", __name__)


@blueprint.put("/v1/leads/<lead_id>/canary")
@needs("requests:review")
@returns(CanaryMark)
def mark(lead_id: str) -> dict[str, Any]:
    """Make a lead a canary: from now on each opening of it is an alarm."""
    service, who = current(), caller()
    now = service.clock()
    told = service.main.write(lambda session: canaries.mark(session, lead_id, now=now, actor=who.id))
    return {"lead_id": lead_id, "canary": True} | _audit(service, told)


@blueprint.delete("/v1/leads/<lead_id>/canary")
@needs("requests:review")
@returns(CanaryMark)
def lift(lead_id: str) -> dict[str, Any]:
    """Let a lead be one like any other."""
    service, who = current(), caller()
    now = service.clock()
    told = service.main.write(lambda session: canaries.lift(session, lead_id, now=now, actor=who.id))
    return {"lead_id": lead_id, "canary": False} | _audit(service, told)


@blueprint.get("/v1/canaries")
@needs("requests:review")
@paged
@returns(Canaries)
def listed() -> dict[str, Any]:
    """List the canaries, by lead id."""
    limit, cursor = page_arguments()
    with current().main.read() as session:
        found = canaries.listed(session, limit=limit + 1, after=cursor)
    items = [{"lead_id": one.lead_id, "marked_at": one.marked_at} for one in found[:limit]]
    return page(items, found[limit - 1].lead_id if len(found) > limit else None)


def _audit(service: Service, told: Appended | None) -> dict[str, Any]:
    return {} if told is None else {"audit": audited(service, told, service.clock())}
