"""Lists of people to be erased: a request a line."""

from flask import Blueprint, Response, request
from marshmallow import ValidationError

from api.auth import needs, require
from api.context import caller, current
from api.deletion_lists import Terms, take_in_list
from api.imports import CSV, NDJSON, spooled
from api.paging import filtered
from api.schemas.deletion_lists import ListLine, ListTerms
from api.shapes import flat, invalid, lines, loaded, returns, streams
from governance.scopes import Scope

blueprint = Blueprint("deletion_lists", __name__)


@blueprint.post("/v1/privacy-requests/import")
@needs("requests:create")
@filtered(
    regime="Whose law; by default that of each person.",
    received_at="When the list came; by default now.",
    submitted_by="Who sent it; by default an authorised agent.",
    verified="How the sender showed who the people are; needs `requests:review`.",
    approve="`true` approves every request, as its reviewer; needs `requests:review`, and `verified`.",
)
@streams(NDJSON, CSV)
@returns(ListLine, 200, media=NDJSON)
def take_in() -> Response:
    """Make an erasure of every line of a list, NDJSON or CSV; a result a line, the summary last."""
    terms = _terms()
    if terms.verified is not None or terms.approve:
        require(Scope.REQUESTS_REVIEW)
    results = take_in_list(current(), lines(), request.mimetype, terms, actor=caller().id)
    return Response(spooled(results), mimetype=NDJSON)


def _terms() -> Terms:
    """What the query says.

    Raises:
        Problem: 422, a parameter can not be read.
    """
    try:
        return Terms(**loaded(ListTerms(), request.args.to_dict()))
    except ValidationError as error:
        raise invalid(flat(error.messages)) from None
