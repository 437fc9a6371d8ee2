"""Legal holds: what must not be erased although its erasure is asked for."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint

from api import legal_holds
from api.auth import needs
from api.context import caller, current
from api.paging import page_of, paged
from api.receipts import audited
from api.schemas.legal_holds import HoldBody, HoldLifted, HoldPage, HoldPlaced
from api.shapes import accepts, returns
from governance import holds

blueprint = Blueprint("legal_holds", __name__)


@blueprint.put("/v1/legal-holds/<key>")
@needs("requests:review")
@accepts(HoldBody)
@returns(HoldPlaced, 200)
@returns(HoldPlaced, 201)
def place(key: str, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Stop an erasure before it happens, and say why; a hold of the same name is replaced."""
    service = current()
    is_new, told = legal_holds.place(service, key, body, actor=caller().id)
    audit = audited(service, told, service.clock())
    with service.main.read() as session:
        shown = holds.shown(session, key)
    return shown | {"audit": audit}, HTTPStatus.CREATED if is_new else HTTPStatus.OK


@blueprint.get("/v1/legal-holds")
@needs("requests:review")
@paged
@returns(HoldPage)
def index() -> dict[str, Any]:
    """The holds in force, by name; what they hold and why stays sealed."""
    service = current()
    with service.main.read() as session:
        rows = holds.active(session, now=service.clock())
        return page_of([holds.described(row) for row in rows], "key")


@blueprint.delete("/v1/legal-holds/<key>")
@needs("requests:review")
@returns(HoldLifted)
def lift(key: str) -> dict[str, Any]:
    """End a hold; the erasure that it stopped may be asked for again."""
    service = current()
    told = legal_holds.lift(service, key, actor=caller().id)
    return {"key": key, "lifted": True, "audit": audited(service, told, service.clock())}
