"""A log of what was sent, held against the decisions: who was contacted without a yes?"""

from flask import Blueprint, Response, request

from api.auth import needs
from api.context import caller, current
from api.imports import CSV, NDJSON, spooled
from api.reconciling import reconciled
from api.schemas.reconciling import Reconciled
from api.shapes import lines, returns, streams

blueprint = Blueprint("reconcile", __name__)


@blueprint.post("/v1/decisions/reconcile")
@needs("decisions:read")
@streams(CSV, NDJSON)
@returns(Reconciled, 200, media=NDJSON)
def reconcile() -> Response:
    """Find contacts without a decision, after a no, or outside what a yes allowed.

    A contact a line; a result for each line that a person should look at, by its number, the summary last.
    """
    results = reconciled(current(), lines(), request.mimetype, actor=caller().id)
    return Response(spooled(results), mimetype=NDJSON)
