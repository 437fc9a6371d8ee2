"""What an officer looks at first: the requests that are due within days, or late."""

from typing import Any

from flask import Blueprint

from api.auth import needs
from api.context import current
from api.schemas.late_requests import LateRequests
from api.shapes import returns
from governance.requests import lateness

blueprint = Blueprint("late_requests", __name__)


@blueprint.get("/v1/privacy-requests/late")
@needs("requests:read")
@returns(LateRequests)
def index() -> dict[str, Any]:
    """Open requests whose safe date is within three days or past, the most urgent first."""
    service = current()
    with service.main.read() as session:
        found = lateness.watched(session, now=service.clock())
    return {
        "items": [
            {
                "id": each.request_id,
                "stage": each.stage.value,
                "type": each.type,
                "regime": each.regime,
                "status": each.status,
                "safe_by": each.safe_by,
                "respond_by": each.respond_by,
                "appeal": each.appeal,
            }
            for each in found
        ]
    }
