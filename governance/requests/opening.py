"""Reading a request's file: who it is about, and what was said; told to the trail first, then opened."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actions import Action as Told
from governance import custody, openings
from governance.openings import Opener, Refused
from governance.requests import case_file, corrections, records, subjects
from governance.requests.tables import AppealRow, ProofRow, RequestRow
from governance.vault.sealing import DataKey

TEXTS = ("note", "explanation", "extension_reason")


def announce(session: Session, request_id: str, *, now: datetime, opener: Opener) -> Refused | None:
    """The entry that stands before anything is opened, or why nothing is; the caller commits it.

    Raises:
        RequestUnknownError: there is no such request.
    """
    row = records.load(session, request_id)
    refused = openings.admit(session, opener, people=1, now=now)
    if refused is not None:
        return refused
    held = {"texts": [name for name in TEXTS if getattr(row, name) is not None]}
    records.tell_opening(session, row.id, Told.REQUEST_FILE_OPENED, actor=opener.id, now=now, facts=held)
    return None


def opened(session: Session, key: DataKey) -> dict[str, Any]:
    """The file of the request that `key` belongs to.

    Raises:
        SealBroken: a row was changed by hand.
    """
    row = records.read(session, key.owner)
    identities = case_file.open_identities(key, row.id, row.sealed_version, row.identities or b"")
    return {
        "identities": [custody.shown(subjects.identifier_of(identity)) for identity in identities],
        **_texts(key, row),
        **({} if row.corrections is None else {"corrections": corrections.shown(key, row)}),
        "statements": _statements(session, key),
        "appeals": _appeals(session, key),
    }


def _texts(key: DataKey, row: RequestRow) -> dict[str, str]:
    sealed = {name: getattr(row, name) for name in TEXTS}
    return {
        name: case_file.open_text(key, row.id, name, text)
        for name, text in sealed.items()
        if text is not None
    }


def _statements(session: Session, key: DataKey) -> list[dict[str, str]]:
    """What agents' permissions say."""
    query = select(ProofRow).where(ProofRow.request_id == key.owner, ProofRow.statement.is_not(None))
    return [
        {
            "at": row.at.isoformat(),
            "text": case_file.open_text(key, key.owner, "statement", row.statement or b""),
        }
        for row in session.scalars(query.order_by(ProofRow.number))
    ]


def _appeals(session: Session, key: DataKey) -> list[dict[str, str]]:
    """What was said in appeals, and what was answered."""
    query = select(AppealRow).where(AppealRow.request_id == key.owner).order_by(AppealRow.number)
    found = []
    for row in session.scalars(query):
        said = {"said": row.said, "explanation": row.explanation}
        found.append(
            {"received_at": row.received_at.isoformat()}
            | {
                name: case_file.open_text(key, key.owner, f"appeal_{name}_{row.number}", text)
                for name, text in said.items()
                if text is not None
            }
        )
    return found
