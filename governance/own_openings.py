"""What the service opens by itself, shown to nobody: said in the trail before, like every opening.

The caller commits what is said here, then opens (`custody`). These openings are not limited, for a person's
request must not wait for anybody's quota; a canary is as loud as ever.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from audit.actions import Action
from audit.entry import SERVICE, Entry
from audit.log import append, append_many
from governance import canaries
from governance.custody import names_of


class Purpose(StrEnum):
    """What the service opens leads for; it stands in the trail."""

    SEARCH = "search"  # to find the person in the stores
    EXPORT = "export"  # the person's own copy
    LETTER = "letter"  # an address to write to
    CORRECT = "correct"  # to write what is right


def announce(
    session: Session, lead_ids: Sequence[str], request_id: str, *, purpose: Purpose, now: datetime
) -> dict[str, str]:
    """The leads of a request are opened; gives the entry of each, which opening it asks for."""
    return announce_each(session, [(lead_id, request_id) for lead_id in lead_ids], purpose=purpose, now=now)


def announce_each(
    session: Session, opened: Sequence[tuple[str, str]], *, purpose: Purpose, now: datetime
) -> dict[str, str]:
    """`announce` for many requests: pairs of lead and request."""
    lead_ids = [lead_id for lead_id, _ in opened]
    entries = [
        Entry(
            Action.LEAD_OPENED,
            SERVICE,
            now,
            lead_id,
            request_id,
            {"purpose": purpose.value, "fields": names_of(session, lead_id)},
        )
        for lead_id, request_id in opened
    ]
    told = append_many(session, entries)
    canaries.watch(session, lead_ids, by=Action.LEAD_OPENED, actor=SERVICE, now=now)
    return {lead_id: one.entry_id for lead_id, one in zip(lead_ids, told, strict=True)}


def announce_reindexing(session: Session, leads: int, *, step: str, now: datetime, actor: str) -> str:
    """The identifiers of a chunk of all leads are hashed under another key; gives the entry of the chunk."""
    told = append(session, Action.VAULT_REINDEXED, actor=actor, now=now, facts={"leads": leads, "step": step})
    return told.entry_id
