"""Candidates of a store: rows that may be the person's, opened side by side with who was asked for.

Told to the trail first, in a commit of its own; then opened.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actions import Action as Told
from governance import custody, openings
from governance.errors import IllegalChangeError
from governance.openings import Opener, Refused
from governance.requests import case_file, records, subjects
from governance.requests.tables import CandidateRow
from governance.vault.sealing import DataKey


def undecided(session: Session, request_id: str, store: str) -> list[CandidateRow]:
    """The candidates of a store that wait for a person."""
    query = select(CandidateRow).where(
        CandidateRow.request_id == request_id,
        CandidateRow.store == store,
        CandidateRow.same_person.is_(None),
    )
    return list(session.scalars(query.order_by(CandidateRow.id)))


def announce(
    session: Session, request_id: str, store: str, *, now: datetime, opener: Opener
) -> Refused | None:
    """The entry that stands before anything is opened, or why nothing is; the caller commits it.

    Raises:
        RequestUnknownError, StepUnknownError: there is no such request, or it has no step for that store.
        IllegalChangeError: no candidate of the store waits.
    """
    row = records.load(session, request_id)
    records.step_of(records.steps_of(session, row.id), store)
    waiting = undecided(session, row.id, store)
    if not waiting:
        raise IllegalChangeError("no candidate of that store waits for a person")
    refused = openings.admit(session, opener, people=len(waiting), now=now)
    if refused is not None:
        return refused
    records.tell_opening(
        session,
        row.id,
        Told.REQUEST_CANDIDATES_OPENED,
        actor=opener.id,
        now=now,
        facts={"store": store, "candidates": len(waiting)},
    )
    return None


def opened(session: Session, key: DataKey, store: str) -> dict[str, Any]:
    """Who is asked for, and what the store shows of each candidate that waits. The request owns `key`.

    Raises:
        SealBroken: a row was changed by hand.
    """
    row = records.read(session, key.owner)
    identities = case_file.open_identities(key, row.id, row.sealed_version, row.identities or b"")
    return {
        "identities": [custody.shown(subjects.identifier_of(identity)) for identity in identities],
        "candidates": [_shown(key, candidate) for candidate in undecided(session, row.id, store)],
    }


def _shown(key: DataKey, candidate: CandidateRow) -> dict[str, Any]:
    _, shown = case_file.open_candidate(key, candidate.request_id, candidate.store, candidate.sealed)
    return {"id": candidate.id, "table": candidate.table_name, "shown": shown}
