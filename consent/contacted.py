"""On what ground was this person contacted? Each contact of a period, with what stood behind it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from consent.backing import Contact, weigh
from consent.contacts import each_once
from consent.decisions import answers_about, decision
from consent.events import ALL, EventKind, Recorded
from consent.explanation import in_words, told
from consent.ledger import history

LOOK_BACK = timedelta(days=31)
"""A decision that is older than this has nothing to do with a contact."""


def day_in(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The beginning of a day somewhere, and of the next, in UTC.

    Raises:
        OverflowError: the calendar ends there.
    """
    ends = (day, day + timedelta(days=1))
    since, until = (datetime.combine(one, time.min, zone).astimezone(UTC) for one in ends)
    return since, until


def contacted(session: Session, lead_id: str, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """The contacts with a lead from `since` on and before `until`, the oldest first.

    Of each: what is to be said of it (`backing.Finding`), the decision in full with facts, rules and proof
    (`explanation.told`), the consents that were told by then for that channel and purpose, and the entries.
    """
    messages = history(session, lead_id, EventKind.MESSAGE_SENT)
    entries = {one.event.id: one.entry_id for one in messages}
    consents = history(session, lead_id, EventKind.CONSENT)
    ordered = sorted((one.event for one in messages), key=lambda event: event.occurred_at)
    decided = answers_about(session, [lead_id], since - LOOK_BACK, until).get(lead_id, [])
    found = []
    for event in each_once(ordered):
        if not since <= event.occurred_at < until:
            continue
        named, purpose = event.details.get("decision_id"), event.details.get("purpose")
        contact = Contact(
            (lead_id,),
            str(event.details["channel"]),
            event.occurred_at,
            None if purpose is None else str(purpose),
            None if named is None else str(named),
        )
        finding, answer = weigh(contact, decided)
        found.append(
            {
                "at": contact.at.isoformat(),
                "channel": contact.channel,
                "purpose": contact.purpose,
                "finding": finding.value,
                "decision": None if answer is None else told(session, decision(session, answer.id)),
                "consents": _consents(consents, contact),
                "audit": {"entry_id": entries[event.id]},
            }
        )
    return found


def contact_in_words(found: Mapping[str, Any]) -> Iterator[str]:
    """One of `contacted`, line by line for a person to read."""
    yield f"{found['at']}  {found['channel']}, {found['purpose'] or 'no purpose told'}: {found['finding']}"
    yield f"  told in entry {found['audit']['entry_id']}"
    for one in found["consents"]:
        said = f"{one['status']} on {one['occurred_at']} ({one['proof'] or 'no proof'})"
        yield f"  consent {one['consent_id']}: {said}, entry {one['audit']['entry_id']}"
    if found["decision"] is not None:
        yield f"  decision {found['decision']['decision_id']}"
        yield from (f"    {line}" for line in in_words(found["decision"]))


def _consents(events: Sequence[Recorded], contact: Contact) -> list[dict[str, Any]]:
    """What was said of consent to such a contact before it, the newest first."""
    return [
        {
            "consent_id": one.event.id,
            "status": one.event.details["status"],
            "occurred_at": one.event.occurred_at.isoformat(),
            "proof": one.event.details.get("proof"),
            "wording_version": one.event.details.get("wording_version"),
            "audit": {"entry_id": one.entry_id},
        }
        for one in sorted(events, key=lambda one: one.event.occurred_at, reverse=True)
        if one.event.occurred_at <= contact.at
        and _covers(one.event.details["channels"], contact.channel)
        and (contact.purpose is None or _covers(one.event.details["purposes"], contact.purpose))
    ]


def _covers(words: Any, word: str) -> bool:
    return ALL in words or word in words
