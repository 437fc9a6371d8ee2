"""The service's own data on a person: counted, restricted, forgotten. What other systems have as a store."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from audit import log
from consent import ledger
from consent.tables import EventRow
from governance import custody
from governance.requests import machine
from governance.requests.tables import PackageChunkRow, PackageLinkRow, RequestLeadRow, RequestRow
from governance.requests.vocabulary import RequestType
from governance.tables import FieldRow, IdentifierRow, LeadRow


def held(session: Session, leads: Sequence[str]) -> dict[str, int]:
    """How many rows the service holds of each lead: the lead, its identifiers and fields, its events."""
    counted = dict.fromkeys(leads, 0)
    for column in (LeadRow.id, IdentifierRow.lead_id, FieldRow.lead_id, EventRow.lead_id):
        query = select(column, func.count()).where(column.in_(leads)).group_by(column)
        for lead, rows in session.execute(query):
            counted[lead] += rows
    return counted


def forget(session: Session, leads: Sequence[str], *, now: datetime) -> None:
    """Deletes everything of leads whose keys are destroyed: rows, facts, events, links, package pieces.

    A restriction of theirs, whose request kept identities to lift it one day, has nobody left to restrict.
    """
    about = select(RequestLeadRow.request_id).where(RequestLeadRow.lead_id.in_(leads))
    standing = RequestRow.type == RequestType.RESTRICTION, RequestRow.status.in_(machine.FINISHED)
    session.execute(
        update(RequestRow)
        .where(RequestRow.id.in_(about), RequestRow.key_until.is_(None), *standing)
        .values(key_until=now)
    )
    for table in (PackageChunkRow, PackageLinkRow):
        session.execute(delete(table).where(table.request_id.in_(about)))
    session.execute(delete(RequestLeadRow).where(RequestLeadRow.lead_id.in_(leads)))
    ledger.forget_each(session, leads, now=now)
    log.unlink_each(session, leads)
    custody.purge_each(session, leads)
