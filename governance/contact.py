"""What people say about being contacted: consents, refusals, withdrawals, objections.

Each call resolves the reference, seals what names a person under the lead's own key, and hands ids and bytes
to `consent`. A "no" is never lost: of somebody unknown it is kept as a keyed hash of the address given.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from audit.actions import Action
from audit.canonical import JSON
from audit.ids import new_id
from audit.log import Appended, append
from consent.events import ALL, GRANTING, ConsentStatus, Event, EventKind
from consent.ledger import record
from consent.notices import Notice, keep
from consent.stops import Stop, objections_of_purposes
from consent.suppressions import EVERYTHING
from consent.vocabulary import ObjectionKind, SuppressionKind
from governance.errors import LeadLockedError, LeadUnknownError
from governance.evidence import proof_of, seal_evidence
from governance.identity import Identifier, Reference
from governance.resolve import sole
from governance.suppressing import keep_unknown
from governance.vault.keyring import Keyring
from governance.vault.sealing import DataKey

_ACTIONS = {
    ConsentStatus.GIVEN: Action.CONSENT_GIVEN,
    ConsentStatus.REFUSED: Action.CONSENT_REFUSED,
    ConsentStatus.WITHDRAWN: Action.CONSENT_WITHDRAWN,
    ConsentStatus.RENEWED: Action.CONSENT_RENEWED,
}


@dataclass(frozen=True, slots=True)
class NewConsent:
    """What a person said when asked, or later; `channels` and `purposes` may be `("all",)` in a stop."""

    status: ConsentStatus
    channels: tuple[str, ...]
    purposes: tuple[str, ...]
    source_key: str
    method: str
    notice: Notice
    occurred_at: datetime
    expires_at: datetime | None = None
    initiative: str | None = None
    evidence: Mapping[str, JSON] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NewObjection:
    """A "no" that nobody asked for; without channels it is for all of them."""

    kind: ObjectionKind | SuppressionKind
    received_at: datetime
    via: str
    channels: tuple[str, ...] = EVERYTHING
    purposes: tuple[str, ...] = EVERYTHING


@dataclass(frozen=True, slots=True)
class Kept:
    """What was written; `lead_id` is None where the person is unknown and a hash was kept."""

    id: str
    lead_id: str | None
    appended: Appended


def record_consent(
    session: Session,
    keyring: Keyring,
    data_key: DataKey | None,
    reference: Reference,
    consent: NewConsent,
    *,
    now: datetime,
    actor: str,
) -> Kept:
    """Write a consent into the ledger. `data_key` is the lead's, read beforehand where there is evidence.

    Raises:
        LeadUnknownError: the lead is unknown and there is something to grant.
        IdentityAmbiguousError: the reference fits several leads.
        LeadLockedError: there is evidence of a grant to seal and the lead's key is gone, or the reference has
            come to mean another lead since the key was read.
    """
    try:
        lead_id = sole(session, keyring, reference)
    except LeadUnknownError:
        if consent.status in GRANTING or not isinstance(reference, Identifier):
            raise
        kept = keep_unknown(session, keyring, reference, _as_stops(consent), now=now, actor=actor)
        return Kept(kept[0], None, kept[1])
    consent_id = new_id(now)
    digest = keep(session, consent.notice, now=now)
    about: dict[str, JSON] = {"channels": consent.channels, "purposes": consent.purposes}
    appended = append(
        session,
        _ACTIONS[consent.status],
        actor=actor,
        now=now,
        lead_id=lead_id,
        object_id=consent_id,
        facts=about | {"notice_sha256": digest},
    )
    event = Event(
        lead_id=lead_id,
        kind=EventKind.CONSENT,
        occurred_at=consent.occurred_at,
        details=about | _details(consent, digest),
        sealed=_sealed(data_key, lead_id, consent_id, consent),
        id=consent_id,
    )
    record(session, [event], entry_id=appended.entry_id, now=now)
    return Kept(consent_id, lead_id, appended)


def object_to(
    session: Session,
    keyring: Keyring,
    reference: Reference,
    objection: NewObjection,
    *,
    now: datetime,
    actor: str,
) -> Kept:
    """Write an objection; the very next decision sees it.

    Raises:
        LeadUnknownError: there is no lead of that id; an address is kept as a hash instead.
        IdentityAmbiguousError: the reference fits several leads.
    """
    try:
        lead_id = sole(session, keyring, reference)
    except LeadUnknownError:
        if not isinstance(reference, Identifier):
            raise
        stop = Stop(objection.kind, objection.received_at, objection.channels, objection.purposes)
        kept = keep_unknown(session, keyring, reference, [stop], now=now, actor=actor)
        return Kept(kept[0], None, kept[1])
    event_id = new_id(now)
    details: dict[str, JSON] = {
        "kind": objection.kind.value,
        "via": objection.via,
        "channels": objection.channels,
        "purposes": objection.purposes,
    }
    appended = append(
        session,
        Action.OBJECTION_RECEIVED,
        actor=actor,
        now=now,
        lead_id=lead_id,
        object_id=event_id,
        facts={"kinds": [objection.kind.value], "known": True},
    )
    event = Event(lead_id, EventKind.OBJECTION, objection.received_at, details, None, event_id)
    record(session, [event], entry_id=appended.entry_id, now=now)
    return Kept(event_id, lead_id, appended)


def _details(consent: NewConsent, digest: str) -> dict[str, JSON]:
    """What the ledger holds in the clear beside channels and purposes: nothing that names a person."""
    proof = proof_of(consent.method, consent.evidence)
    return {
        "status": consent.status.value,
        "proof": proof.value if proof else None,
        "method": consent.method,
        "source_key": consent.source_key,
        "wording_version": consent.notice.version,
        "notice": digest,
        "expires_at": consent.expires_at.isoformat() if consent.expires_at else None,
        "initiative": consent.initiative,
    }


def _sealed(key: DataKey | None, lead_id: str, consent_id: str, consent: NewConsent) -> bytes | None:
    """A stop is kept without its evidence rather than refused; a grant needs it."""
    if not consent.evidence:
        return None
    if key is not None and key.owner == lead_id:
        return seal_evidence(key, consent_id, consent.evidence)
    if consent.status in GRANTING:
        raise LeadLockedError("the lead is being erased or was merged; its evidence can not be sealed")
    return None


def _as_stops(consent: NewConsent) -> list[Stop]:
    """A refusal or withdrawal of somebody unknown, as the objections that its purposes amount to."""
    return [
        Stop(kind, consent.occurred_at, consent.channels, EVERYTHING if ALL in consent.purposes else purposes)
        for kind, purposes in objections_of_purposes(consent.purposes).items()
    ]
