"""Addresses that must not be used, of people who are no leads here: never were, or are none any more."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from audit.actions import Action
from audit.log import Appended, append
from consent import suppressions
from consent.ledger import facts_of
from consent.stops import Stop, stops_to_keep
from consent.suppressions import IdentifierKind, Suppression
from consent.vocabulary import SuppressionKind
from governance.identity import Identifier
from governance.vault.index import suppression_hashes
from governance.vault.keyring import Keyring


def keep_unknown(
    session: Session,
    keyring: Keyring,
    identifier: Identifier,
    stops: Sequence[Stop],
    *,
    now: datetime,
    actor: str,
) -> tuple[str, Appended]:
    """Keep the "no" of somebody unknown as a keyed hash of the address that they gave; its id and entry."""
    kinds = [stop.kind.value for stop in stops]
    appended = append(
        session, Action.OBJECTION_RECEIVED, actor=actor, now=now, facts={"kinds": kinds, "known": False}
    )
    kept = [_suppression(keyring, identifier, stop) for stop in stops]
    first, *_ = suppressions.add(session, kept, entry_id=appended.entry_id, now=now)
    return first, appended


def suppress_for_erasure(
    session: Session,
    keyring: Keyring,
    lead_id: str,
    identifiers: Sequence[Identifier],
    *,
    entry_id: str,
    now: datetime,
) -> int:
    """Before a lead is forgotten: keep its identifying addresses as hashes that say erased, and its "no"s.

    Shared addresses (roles, company phones) are left out, being other people's too. Doing it again adds
    nothing. Returns how many suppressions were added under the audit entry `entry_id`.
    """
    stops = [Stop(SuppressionKind.ERASURE_SUPPRESSION, now)]
    stops += stops_to_keep(facts_of(session, [lead_id]).get(lead_id, {}))
    identifying = [identifier for identifier in identifiers if identifier.identifying]
    wanted = [_suppression(keyring, identifier, stop) for identifier in identifying for stop in stops]
    held = {_key(item) for item in suppressions.matching(session, sorted({item.hash for item in wanted}))}
    missing = [item for item in wanted if _key(item) not in held]
    return len(suppressions.add(session, missing, entry_id=entry_id, now=now))


def _suppression(keyring: Keyring, identifier: Identifier, stop: Stop) -> Suppression:
    """A stop of this address, under the hash that new suppressions are written with."""
    return Suppression(
        hash=suppression_hashes(keyring, identifier.kind, identifier.key)[0],
        identifier=IdentifierKind(identifier.kind.value),
        type=stop.kind,
        received_at=stop.since,
        channels=stop.channels,
        purposes=stop.purposes,
    )


def _key(item: Suppression) -> tuple[object, ...]:
    return item.hash, item.type, item.channels, item.purposes
