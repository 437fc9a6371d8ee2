"""Until when something must be answered, honoured or told."""

from typing import Any

from flask import Blueprint

from api.auth import needs
from api.context import current
from api.schemas.evaluate import DeadlineBody, DeadlinesShown
from api.shapes import accepts, invalid, returns
from consent.deadlines import DeadlineCall, deadlines
from consent.errors import DeadlineError

blueprint = Blueprint("deadlines", __name__)


@blueprint.post("/v1/deadlines")
@needs("requests:create")
@accepts(DeadlineBody)
@returns(DeadlinesShown)
def compute(body: dict[str, Any]) -> dict[str, Any]:
    """Every clock that an event starts, by law: the last day, and the earliest defensible one."""
    try:
        found = deadlines(current().rulebook(), DeadlineCall(**body))
    except DeadlineError as error:
        raise invalid(error.errors) from error
    return {
        "deadlines": [
            {
                "name": one.name,
                "due": one.due.isoformat(),
                "safe": one.safe.isoformat(),
                "law": one.law,
                "explanation": one.explanation,
            }
            for one in found
        ]
    }
