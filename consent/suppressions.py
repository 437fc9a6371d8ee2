"""Addresses that must not be used, as keyed hashes. They know no lead, and outlive every one.

A hash is HMAC-SHA-256 under the suppression key, made by `governance`; nothing here can turn it back. So a
new suppression key is put around what stands here: a hash is hashed once more, and its generation counted up.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.orm import Session

from audit.columns import from_micros, to_micros
from audit.ids import new_id
from audit.statements import HeldInsert, HeldSelect
from consent.events import ALL
from consent.stops import Stop, stop_kind
from consent.tables import SuppressionRow
from consent.vocabulary import IdentifierKind, ObjectionKind, SuppressionKind

EVERYTHING = (ALL,)

_INSERT = HeldInsert(
    SuppressionRow,
    *("id", "hash", "generation", "identifier", "type", "channels", "purposes"),
    *("received_at", "recorded_at", "entry_id"),
)
_REHASH = (
    update(SuppressionRow)
    .where(SuppressionRow.id == bindparam("its_id"), SuppressionRow.generation == bindparam("its_generation"))
    .values(hash=bindparam("new_hash"), generation=bindparam("new_generation"))
)
_MATCHING = HeldSelect(
    SuppressionRow,
    *("hash", "identifier", "type", "channels", "purposes", "received_at"),
    by="hash",
    order="received_at, id",
)


@dataclass(frozen=True, slots=True)
class Outdated:
    """A kept hash that the newest suppression key has not gone through yet."""

    id: str
    kind: str
    hash: bytes = field(repr=False)
    generation: int


@dataclass(frozen=True, slots=True)
class Suppression:
    """One address that must not be used, for which channels and purposes, and since when."""

    hash: bytes = field(repr=False)
    identifier: IdentifierKind
    type: SuppressionKind | ObjectionKind
    received_at: datetime
    channels: tuple[str, ...] = EVERYTHING
    purposes: tuple[str, ...] = EVERYTHING
    generation: int = field(default=1, compare=False)

    def stop(self) -> Stop:
        """What it says, without whose address it is."""
        return Stop(self.type, self.received_at, self.channels, self.purposes)


def add(session: Session, suppressions: Iterable[Suppression], *, entry_id: str, now: datetime) -> list[str]:
    """Keep these under the audit entry that covers them; returns their ids."""
    return add_each(session, [(item, entry_id) for item in suppressions], now=now)


def add_each(session: Session, covered: Iterable[tuple[Suppression, str]], *, now: datetime) -> list[str]:
    """`add` of suppressions that each have an entry of their own."""
    rows = [
        (
            new_id(now),
            item.hash,
            item.generation,
            item.identifier.value,
            item.type.value,
            json.dumps(item.channels),
            json.dumps(item.purposes),
            to_micros(item.received_at),
            to_micros(now),
            entry_id,
        )
        for item, entry_id in covered
    ]
    _INSERT.many(session.connection(), rows)
    return [row[0] for row in rows]


def outdated(session: Session, generation: int, *, after: str, limit: int) -> list[Outdated]:
    """The next hashes, in order of their ids, of an older generation than this one."""
    row = SuppressionRow
    columns = select(row.id, row.identifier, row.hash, row.generation)
    statement = columns.where(row.generation < generation, row.id > after).order_by(row.id).limit(limit)
    return [Outdated(*found) for found in session.execute(statement.with_for_update())]


def any_outdated(session: Session, generation: int) -> bool:
    """Whether a hash of an older generation stands here."""
    older = select(SuppressionRow.id).where(SuppressionRow.generation < generation).limit(1)
    return session.scalar(older) is not None


def rehash(session: Session, renewed: Iterable[tuple[Outdated, bytes]], generation: int) -> None:
    """Put the new hash in the place of each outdated one; one that another process was faster with stays."""
    rows = [
        {
            "its_id": old.id,
            "its_generation": old.generation,
            "new_hash": new,
            "new_generation": generation,
        }
        for old, new in renewed
    ]
    if rows:
        session.connection().execute(_REHASH, rows)


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
