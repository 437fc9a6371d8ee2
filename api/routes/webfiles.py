"""What browsers ask for beside the pages: the style, and whether Global Privacy Control is honoured."""

from typing import Any

from flask import Blueprint, Response
from marshmallow import Schema, fields

from api.auth import public
from api.shapes import returns
from api.webpages import style

blueprint = Blueprint("webfiles", __name__)

GPC_SINCE = "2026-11-22"  # the day of the last change of what follows from the signal


class GpcSupport(Schema):
    """Whether the Global Privacy Control signal is honoured, and since when this is so stated."""

    gpc = fields.Boolean(required=True)
    lastUpdate = fields.String(required=True)  # noqa: N815 - the name in the GPC specification


@blueprint.get("/pages/style.css")
@public
@returns(None, media="text/css")
def show_style() -> Response:
    """The style of every page."""
    return style()


@blueprint.get("/.well-known/gpc.json")
@public
@returns(GpcSupport)
def gpc() -> dict[str, Any]:
    """Say that the Global Privacy Control signal is honoured."""
    return {"gpc": True, "lastUpdate": GPC_SINCE}
