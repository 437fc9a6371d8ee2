"""What a request changes at once where contact is decided: objections, restrictions, suppressions.

All of it stands in the transaction of the entry that covers it, so the very next decision sees it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from consent import ledger, suppressions
from consent.events import ALL
from consent.ledger import Event, EventKind
from consent.stops import Stop
from consent.vocabulary import ObjectionKind
from governance.identity import Identifier
from governance.requests.vocabulary import RequestType
from governance.suppressing import Erased, suppress_each, suppression
from governance.vault.keyring import Keyring

NO_LEAD = ""
"""Stands for a person who is no lead here, and of whom the ledger knows nothing."""

OBJECTIONS = {
    RequestType.OBJECTION: (ObjectionKind.DIRECT_MARKETING, ObjectionKind.PROFILING),
    RequestType.OPT_OUT_SALE_SHARING: (ObjectionKind.DO_NOT_SELL_OR_SHARE,),
    RequestType.LIMIT_SENSITIVE: (ObjectionKind.PROFILING,),
}
"""What each type objects to. A complaint objects to nothing that could be named before it is read."""


def object_now(
    session: Session,
    keyring: Keyring,
    kinds: Sequence[ObjectionKind],
    leads: Sequence[str],
    identifiers: Sequence[Identifier],
    *,
    received_at: datetime,
    entry_id: str,
    now: datetime,
) -> None:
    """The objection in force: in the ledger of the leads, and by address for whoever is taken in later.

    Every one of `identifiers` is kept, a shared one too: the caller leaves out what other people's contact
    hangs on without need.
    """
    events = [
        Event(
            lead,
            EventKind.OBJECTION,
            received_at,
            {"kind": kind.value, "channels": [ALL], "purposes": [ALL], "via": "privacy_request"},
        )
        for lead in leads
        for kind in kinds
    ]
    if events:
        ledger.record(session, events, entry_id=entry_id, now=now)
    stops = [Stop(kind, received_at) for kind in kinds]
    kept = [suppression(keyring, each, stop) for stop in stops for each in identifiers]
    suppressions.add(session, kept, entry_id=entry_id, now=now)


def restrict_each(session: Session, covered: Iterable[tuple[str, str]], *, now: datetime) -> None:
    """`restrict` for leads that each have an entry of their own: pairs of lead and entry."""
    events = [
        (Event(lead, EventKind.RESTRICTION, now, {"type": "art18", "lifted": False}), entry_id)
        for lead, entry_id in covered
    ]
    if events:
        ledger.record_each(session, events, now=now)


def restrict(
    session: Session, leads: Sequence[str], *, entry_id: str, now: datetime, lifted: bool = False
) -> None:
    """The leads are kept, and used for nothing (GDPR art. 18); `lifted` ends that."""
    events = [Event(lead, EventKind.RESTRICTION, now, {"type": "art18", "lifted": lifted}) for lead in leads]
    if events:
        ledger.record(session, events, entry_id=entry_id, now=now)


def suppress(
    session: Session,
    keyring: Keyring,
    leads: Sequence[str],
    identifiers: Sequence[Identifier],
    *,
    entry_id: str,
    now: datetime,
) -> None:
    """Nobody is contacted at, or taken in again under, what identified the erased; shared ones stay usable.

    The "no"s of the leads are kept with it. Whoever is no lead here is suppressed all the same.
    """
    suppress_each(session, keyring, erased(leads, identifiers, entry_id), now=now)


def erased(leads: Sequence[str], identifiers: Sequence[Identifier], entry_id: str) -> list[Erased]:
    """Who is to be suppressed under an entry: each of the leads, or somebody who is none here."""
    return [Erased(lead, identifiers, entry_id) for lead in leads or (NO_LEAD,)]
