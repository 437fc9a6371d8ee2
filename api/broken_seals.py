"""A sealed field that does not open is no fault of the caller's: the trail and the operator hear of it."""

from sqlalchemy.orm import Session

from api.context import Service
from api.errors import ApiError
from api.logs import log
from audit.actions import Action
from audit.entry import SERVICE
from audit.log import append
from governance.errors import SealBroken
from governance.messages.queue import announce
from governance.messages.topics import Topic
from governance.tables import LeadRow


def tell(service: Service, error: SealBroken) -> None:
    """An entry about the owner, and a notice that names the entry."""
    now = service.clock()

    def write(session: Session) -> None:
        lead_id = None if session.get(LeadRow, error.owner) is None else error.owner
        object_id = error.owner if lead_id is None else None
        told = append(
            session, Action.VAULT_SEAL_BROKEN, actor=SERVICE, now=now, lead_id=lead_id, object_id=object_id
        )
        announce(session, Topic.SEAL_BROKEN, facts={"entry_id": told.entry_id}, now=now)

    try:
        service.main.write(write)
    except ApiError as unavailable:
        log().error("broken_seal_untold", exc_info=unavailable)
