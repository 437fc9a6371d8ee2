"""How long the file of a closed request is kept: to prove what was done, and no longer.

The identities went with the request's key (`lookback`). What is left names nobody: status, dates, steps,
counts, certificate. It proves that the request was dealt with for as long as anybody may ask: two years
under 11 CCR 7101, three by default, for the limitation of claims. Then it goes too; the log's entries stay.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from audit.actions import Action as Told
from audit.entry import SERVICE
from governance.messages import queue
from governance.requests import machine, records
from governance.requests.tables import (
    AppealRow,
    ApprovalRow,
    CandidateRow,
    CertificateRow,
    CodeRow,
    ErrandRow,
    FoundRow,
    LetterDueRow,
    PackageChunkRow,
    PackageLinkRow,
    PauseRow,
    ProofRow,
    RecipientRow,
    RequestEntryRow,
    RequestLeadRow,
    RequestRow,
    StepHistoryRow,
    StepRow,
    WarningRow,
)
from governance.requests.vocabulary import Status

DAYS_A_MONTH = 31
"""Rounded up: a day too many offends nobody, one too few may be asked for."""

CLOSED = machine.FINISHED | {Status.REFUSED, Status.CANCELLED}
PARTS = (
    *(AppealRow, ApprovalRow, CandidateRow, CertificateRow, CodeRow, ErrandRow, FoundRow),
    *(LetterDueRow, PackageChunkRow, PackageLinkRow, PauseRow, ProofRow, RecipientRow),
    *(RequestEntryRow, RequestLeadRow, StepHistoryRow, StepRow, WarningRow),
)
"""Every row that belongs to a request."""


def kept_since(months: int, now: datetime) -> datetime:
    """What ended at this instant, or before, is kept no longer. Pure."""
    return now - timedelta(days=DAYS_A_MONTH * months)


def due(session: Session, *, months: int, now: datetime, limit: int) -> list[str]:
    """Closed requests whose identities are gone, and whose time is over; the oldest first."""
    query = (
        select(RequestRow.id)
        .where(RequestRow.status.in_(CLOSED), RequestRow.identities.is_(None))
        .where(RequestRow.finished_at <= kept_since(months, now))
        .order_by(RequestRow.finished_at)
        .limit(limit)
    )
    return list(session.scalars(query))


def forget(session: Session, request_ids: Sequence[str], *, now: datetime) -> None:
    """Deletes the files, with an entry for each; doing it again changes nothing."""
    rows = session.scalars(select(RequestRow).where(RequestRow.id.in_(request_ids)).with_for_update()).all()
    ids = [row.id for row in rows]
    tellings = [records.Telling(request_id, Told.REQUEST_FILE_DELETED) for request_id in ids]
    records.tell_many(session, tellings, actor=SERVICE, now=now)
    session.flush()
    for part in PARTS:
        session.execute(delete(part).where(part.request_id.in_(ids)))
    queue.drop_letters(session, ids)
    session.execute(delete(RequestRow).where(RequestRow.id.in_(ids)))
