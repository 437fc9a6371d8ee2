"""What was sent, held against what was decided: which contacts had nobody asked about, or been denied.

Nothing is opened and nothing is changed: references become ids by the blind index, as in a check.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from consent.backing import Contact, Finding, weigh
from consent.decisions import answers_about, answers_named
from governance.identity import Reference
from governance.resolve import resolve_many
from governance.vault.keyring import Keyring

LOOK_BACK = timedelta(days=31)
"""A decision that is older than this has nothing to do with a contact; many hold for minutes."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One line of a log of what was sent: to whom, over what, when, and by which decision if it says so."""

    reference: Reference = field(repr=False)
    channel: str
    at: datetime
    purpose: str | None = None
    decision_id: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What is to be said of a line, and the decision that it is said by."""

    finding: Finding
    decision_id: str | None = None


def reconcile(session: Session, keyring: Keyring, sent: Sequence[Sent]) -> list[Found]:
    """Each contact with what stands behind it, in their order."""
    if not sent:
        return []
    fits = resolve_many(session, keyring, [one.reference for one in sent])
    contacts = [
        Contact(tuple(leads), one.channel, one.at, one.purpose, one.decision_id)
        for one, leads in zip(sent, fits, strict=True)
    ]
    named = {one.id: one for one in answers_named(session, _named(contacts))}
    unnamed = [one for one in contacts if one.decision_id is None]
    about = answers_about(session, _leads(unnamed), *_period(unnamed)) if unnamed else {}
    found = []
    for one in contacts:
        known = [answer for lead_id in one.lead_ids for answer in about.get(lead_id, ())]
        if one.decision_id in named:
            known.append(named[one.decision_id])
        finding, answer = weigh(one, known)
        found.append(Found(finding, None if answer is None else answer.id))
    return found


def _named(contacts: Sequence[Contact]) -> list[str]:
    return sorted({one.decision_id for one in contacts if one.decision_id is not None})


def _leads(contacts: Sequence[Contact]) -> list[str]:
    return sorted({lead_id for one in contacts for lead_id in one.lead_ids})


def _period(contacts: Sequence[Contact]) -> tuple[datetime, datetime]:
    """When a decision that matters can have been made."""
    times = [one.at for one in contacts]
    return min(times) - LOOK_BACK, max(times) + timedelta(seconds=1)
