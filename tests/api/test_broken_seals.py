"""`api.broken_seals`: told once for each opening that failed, about whoever owns the seal."""

from sqlalchemy import select

from api.broken_seals import tell
from api.context import Service
from audit.actions import Action
from audit.tables import LinkRow, PendingRow
from governance.errors import SealBroken
from governance.messages.tables import MessageRow


def test_a_seal_of_a_request_is_told_of_as_an_object(service: Service) -> None:
    """Whatever has no lead: requests, legal holds, staff."""
    tell(service, SealBroken("a sealed field does not open", "request-a"))

    with service.main.read() as session:
        [entry] = session.scalars(
            select(PendingRow.entry_id).where(PendingRow.action == Action.VAULT_SEAL_BROKEN)
        )
        link = session.get_one(LinkRow, entry)
        [topic] = session.scalars(select(MessageRow.topic))
    assert (link.lead_id, link.object_id, topic) == (None, "request-a", "seal.broken")


def test_a_database_that_is_away_does_not_hide_the_error(service: Service) -> None:
    """It is logged, and the caller still gets the answer of the broken seal."""
    service.close()
    tell(service, SealBroken("a sealed field does not open", "lead-a"))
