"""What a request changes at once where contact is decided: objections, restrictions, suppressions.

All of it stands in the transaction of the entry that covers it, so the very next decision sees it.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from consent import ledger, suppressions
from consent.events import ALL
from consent.ledger import Event, EventKind
from consent.suppressions import IdentifierKind, Suppression
from consent.vocabulary import ObjectionKind
from governance.identity import Identifier
from governance.requests.vocabulary import RequestType
from governance.suppressing import suppress_for_erasure
from governance.vault.index import suppression_hashes
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
    kept = [_kept(keyring, each, kind, received_at) for kind in kinds for each in identifiers]
    suppressions.add(session, kept, entry_id=entry_id, now=now)


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
    for lead in leads or (NO_LEAD,):
        suppress_for_erasure(session, keyring, lead, identifiers, entry_id=entry_id, now=now)


def _kept(
    keyring: Keyring,
    identifier: Identifier,
    kind: ObjectionKind,
    received_at: datetime,
) -> Suppression:
    """The objection by address: a keyed hash."""
    return Suppression(
        hash=suppression_hashes(keyring, identifier.kind, identifier.key)[0],
        identifier=IdentifierKind(identifier.kind.value),
        type=kind,
        received_at=received_at,
    )
