"""Addresses that must not be used, of people who are no leads here: never were, or are none any more."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from audit.actions import Action
from audit.log import Appended, append
from consent import suppressions
from consent.ledger import facts_of
from consent.stops import Stop, stops_to_keep
from consent.suppressions import Suppression
from consent.vocabulary import IdentifierKind, SuppressionKind
from governance.identity import Identifier
from governance.vault.index import (
    current_generation,
    nested,
    suppression_hash,
    suppression_hash_of_sha256,
)
from governance.vault.keyring import Keyring

NESTED_AT_ONCE = 500


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
    kept = [suppression(keyring, identifier, stop) for stop in stops]
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
    return suppress_each(session, keyring, [Erased(lead_id, identifiers, entry_id)], now=now)


@dataclass(frozen=True, slots=True)
class Erased:
    """Somebody who will be forgotten: the lead, its identifiers, and the entry that says so."""

    lead_id: str
    identifiers: Sequence[Identifier] = field(repr=False)
    entry_id: str


def suppress_each(session: Session, keyring: Keyring, erased: Sequence[Erased], *, now: datetime) -> int:
    """`suppress_for_erasure` for many, with the statements of one."""
    facts = facts_of(session, sorted({one.lead_id for one in erased}))
    wanted: dict[tuple[object, ...], tuple[Suppression, str]] = {}
    for one in erased:
        stops = [Stop(SuppressionKind.ERASURE_SUPPRESSION, now), *stops_to_keep(facts.get(one.lead_id, {}))]
        for identifier in one.identifiers:
            for stop in stops if identifier.identifying else ():
                item = suppression(keyring, identifier, stop)
                wanted.setdefault(_key(item), (item, one.entry_id))
    held = suppressions.matching(session, sorted({item.hash for item, _ in wanted.values()}))
    for item in held:
        wanted.pop(_key(item), None)
    return len(suppressions.add_each(session, wanted.values(), now=now))


def suppress_digests(
    session: Session,
    keyring: Keyring,
    digests: Sequence[tuple[str, bytes]],
    *,
    entry_id: str,
    now: datetime,
) -> int:
    """Keep out people of whom nothing is known but the kind and SHA-256 of an identifier.

    Doing it again adds nothing. Returns how many were added.
    """
    wanted: dict[tuple[object, ...], Suppression] = {}
    for kind, digest in digests:
        hashed, generation = suppression_hash_of_sha256(keyring, kind, digest)
        item = Suppression(
            hash=hashed,
            identifier=IdentifierKind(kind),
            type=SuppressionKind.ERASURE_SUPPRESSION,
            received_at=now,
            generation=generation,
        )
        wanted[_key(item)] = item
    held = {
        _key(item) for item in suppressions.matching(session, sorted(one.hash for one in wanted.values()))
    }
    missing = [item for key, item in wanted.items() if key not in held]
    return len(suppressions.add(session, missing, entry_id=entry_id, now=now))


def suppression(keyring: Keyring, identifier: Identifier, stop: Stop) -> Suppression:
    """A stop of this address, under the hash that new suppressions are written with."""
    digest, generation = suppression_hash(keyring, identifier.kind, identifier.key)
    return Suppression(
        hash=digest,
        identifier=identifier.kind,
        type=stop.kind,
        received_at=stop.since,
        channels=stop.channels,
        purposes=stop.purposes,
        generation=generation,
    )


def nest_outdated(session: Session, keyring: Keyring, *, after: str = "") -> str | None:
    """Puts the next suppressions under the current key; the id to go on after, None: no more.

    Nobody knows the addresses any more, so their old hashes are hashed. Doing it again changes nothing.
    """
    generation = current_generation(keyring)
    found = suppressions.outdated(session, generation, after=after, limit=NESTED_AT_ONCE)
    renewed = nested(keyring, [(old.kind, old.hash, old.generation) for old in found], generation)
    suppressions.rehash(session, zip(found, renewed, strict=True), generation)
    return found[-1].id if len(found) == NESTED_AT_ONCE else None


def _key(item: Suppression) -> tuple[object, ...]:
    return item.hash, item.type, item.channels, item.purposes
