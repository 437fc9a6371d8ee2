"""Does a decision stand behind a contact? Pure.

A contact is held against the decision that it names; one that names none against the newest decision about
that person, channel and purpose before it. So what was sent after a no, or long after a yes, is found as well
as what was never asked about.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from consent.vocabulary import Effect

A_SECOND = timedelta(seconds=1)  # logs of what was sent cut the fraction off


class Finding(StrEnum):
    """What is to be said of a contact; anything but `BACKED` is for a person to look at."""

    BACKED = "backed"  # a yes, still valid when the contact was made
    NO_DECISION = "no_decision"  # nobody asked before, or the decision that is named does not exist
    DENIED = "denied"  # the answer was no
    OUTSIDE_VALIDITY = "outside_validity"  # the answer was yes, for another time
    OTHER_CONTACT = "other_contact"  # the decision that is named is about somebody, or something, else
    LEAD_UNKNOWN = "lead_unknown"  # nobody here is known by that reference, so nobody asked about them
    ERASED = "erased"  # the decision that is named was reduced when its lead was erased: it was a yes


@dataclass(frozen=True, slots=True)
class Contact:
    """Something that was sent. `lead_ids` are all whom its reference fits."""

    lead_ids: tuple[str, ...] = field(repr=False)
    channel: str
    at: datetime
    purpose: str | None = None
    decision_id: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What must be known of a decision; after an erasure only id and effect are."""

    id: str
    effect: str
    lead_id: str | None = field(default=None, repr=False)
    channel: str | None = None
    purpose: str | None = None
    decided_at: datetime | None = None
    valid_until: datetime | None = None


def weigh(contact: Contact, decisions: Sequence[Answered]) -> tuple[Finding, Answered | None]:
    """What is to be said of a contact, and the decision that it is said by.

    `decisions` are those about its leads, and the one that it names, in any order.
    """
    if contact.decision_id is not None:
        named = next((one for one in decisions if one.id == contact.decision_id), None)
        return (Finding.NO_DECISION, None) if named is None else (_of_named(contact, named), named)
    if not contact.lead_ids:
        return Finding.LEAD_UNKNOWN, None
    newest = _newest(one for one in decisions if _is_about(one, contact) and _came_before(one, contact))
    return (Finding.NO_DECISION, None) if newest is None else (_of_answer(contact, newest), newest)


def _of_named(contact: Contact, named: Answered) -> Finding:
    if named.decided_at is None:
        return Finding.ERASED if named.effect == Effect.ALLOW else Finding.DENIED
    if named.lead_id is None and not contact.lead_ids:
        return _of_answer(contact, named)  # nobody was known by that reference: the answer was no
    return _of_answer(contact, named) if _is_about(named, contact) else Finding.OTHER_CONTACT


def _of_answer(contact: Contact, answered: Answered) -> Finding:
    if answered.effect != Effect.ALLOW:
        return Finding.DENIED
    return Finding.BACKED if _is_valid(answered, contact) else Finding.OUTSIDE_VALIDITY


def _is_valid(answered: Answered, contact: Contact) -> bool:
    """Whether the contact was made while the answer held; both ends are within."""
    since, until = answered.decided_at, answered.valid_until
    return since is not None and until is not None and since < contact.at + A_SECOND and contact.at <= until


def _is_about(answered: Answered, contact: Contact) -> bool:
    same_purpose = contact.purpose is None or answered.purpose == contact.purpose
    return answered.lead_id in contact.lead_ids and answered.channel == contact.channel and same_purpose


def _came_before(answered: Answered, contact: Contact) -> bool:
    return answered.decided_at is not None and answered.decided_at < contact.at + A_SECOND


def _newest(decisions: Iterable[Answered]) -> Answered | None:
    return max(decisions, key=lambda one: (one.decided_at, one.id), default=None)
