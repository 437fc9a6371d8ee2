"""What left the service and what did not: for officers, who try again what failed."""

from typing import Any

from flask import Blueprint, request

from api.auth import needs
from api.context import caller, current
from api.paging import filtered
from api.receipts import audited
from api.schemas.messages import Messages, MessageSettled
from api.schemas.request_bodies import EmptyBody
from api.shapes import accepts, invalid, returns
from governance.messages import queue, settling
from governance.messages.tables import MessageState

blueprint = Blueprint("messages", __name__)

MOST_LISTED = 500


@blueprint.get("/v1/messages")
@needs("requests:review")
@filtered(state="Only messages of this state.")
@returns(Messages)
def index() -> dict[str, Any]:
    """The newest 500 messages: what became of each, never what it says or to whom."""
    state = request.args.get("state")
    if state is not None and state not in set(MessageState):
        raise invalid({"state": ["Not a state of a message."]})
    wanted = None if state is None else MessageState(state)
    with current().main.read() as session:
        return {"items": queue.listed(session, state=wanted, limit=MOST_LISTED)}


@blueprint.post("/v1/messages/<message_id>/retry")
@needs("requests:review")
@accepts(EmptyBody)
@returns(MessageSettled)
def retry(message_id: str, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - nothing to say
    """Queue a failed message again; ways that took it are not asked again."""
    service, now, actor = current(), current().clock(), caller().id
    told = service.main.write(lambda session: settling.retry(session, message_id, now=now, actor=actor))
    return {"id": message_id, "state": MessageState.QUEUED, "audit": audited(service, told, now)}


@blueprint.post("/v1/messages/<message_id>/done")
@needs("requests:review")
@accepts(EmptyBody)
@returns(MessageSettled)
def done(message_id: str, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - nothing to say
    """A person told whom it was for by other means, and answers for it."""
    service, now, actor = current(), current().clock(), caller().id
    told = service.main.write(lambda session: settling.done(session, message_id, now=now, actor=actor))
    return {"id": message_id, "state": MessageState.SENT, "audit": audited(service, told, now)}
