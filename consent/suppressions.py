"""Addresses that must not be used, as keyed hashes. They know no lead, and outlive every one.

A hash is HMAC-SHA-256 under the suppression key, made by `governance`; nothing here can turn it back.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from audit.columns import from_micros, to_micros
from audit.ids import new_id
from audit.statements import HeldInsert, HeldSelect
from consent.events import ALL
from consent.stops import Stop, stop_kind
from consent.tables import SuppressionRow
from consent.vocabulary import ObjectionKind, SuppressionKind

EVERYTHING = (ALL,)

_INSERT = HeldInsert(
    SuppressionRow,
    *("id", "hash", "identifier", "type", "channels", "purposes", "received_at", "recorded_at", "entry_id"),
)
_MATCHING = HeldSelect(
    SuppressionRow,
    *("hash", "identifier", "type", "channels", "purposes", "received_at"),
    by="hash",
    order="received_at, id",
)


class IdentifierKind(StrEnum):
    """What was hashed."""

    EMAIL = "email"
    PHONE = "phone"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class Suppression:
    """One address that must not be used, for which channels and purposes, and since when."""

    hash: bytes = field(repr=False)
    identifier: IdentifierKind
    type: SuppressionKind | ObjectionKind
    received_at: datetime
    channels: tuple[str, ...] = EVERYTHING
    purposes: tuple[str, ...] = EVERYTHING

    def stop(self) -> Stop:
        """What it says, without whose address it is."""
        return Stop(self.type, self.received_at, self.channels, self.purposes)


def add(session: Session, suppressions: Iterable[Suppression], *, entry_id: str, now: datetime) -> list[str]:
    """Keep these under the audit entry that covers them; returns their ids."""
    rows = [
        (
            new_id(now),
            item.hash,
            item.identifier.value,
            item.type.value,
            json.dumps(item.channels),
            json.dumps(item.purposes),
            to_micros(item.received_at),
            to_micros(now),
            entry_id,
        )
        for item in suppressions
    ]
    _INSERT.many(session.connection(), rows)
    return [row[0] for row in rows]


def matching(session: Session, hashes: Sequence[bytes]) -> tuple[Suppression, ...]:
    """Every suppression of these hashes, oldest first within a statement."""
    return matching_core(session.connection(), hashes)


def matching_core(connection: Connection, hashes: Sequence[bytes]) -> tuple[Suppression, ...]:
    """`matching` without the ORM, for the hot path."""
    return tuple(
        [
            Suppression(
                hash=digest,
                identifier=IdentifierKind(identifier),
                type=stop_kind(word),
                received_at=from_micros(received_at),
                channels=tuple(json.loads(channels)),
                purposes=tuple(json.loads(purposes)),
            )
            for digest, identifier, word, channels, purposes, received_at in _MATCHING.rows(
                connection, hashes
            )
        ]
    )
