"""Who is new, who is known, who must stay away: one question to the database, then a pure layout."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import bindparam, false, select
from sqlalchemy.orm import Session

from audit.log import Appended
from consent.suppressions import Suppression, matching
from consent.vocabulary import SuppressionKind
from governance.holdings import Hashed, hashed
from governance.leads import LeadState, NewLead
from governance.tables import IdentifierRow, LeadRow
from governance.vault.keyring import Keyring

HASHES_A_STATEMENT = 1000

_OWNERS = select(IdentifierRow.hash, IdentifierRow.lead_id).where(
    IdentifierRow.hash.in_(bindparam("hashes", expanding=True)), IdentifierRow.shared == false()
)
_LOCKED = select(LeadRow.id).where(
    LeadRow.id.in_(bindparam("lead_ids", expanding=True)), LeadRow.state == LeadState.LOCKED.value
)


class Verdict(StrEnum):
    """What becomes of a lead that is told to us; the last two are also the codes that a caller sees."""

    CREATED = "created"
    MERGED = "merged"
    CONFLICT = "identity_conflict"
    ERASED = "suppressed_after_erasure"


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a lead goes; `lead_id` is None for one that is refused, `appended` for one still on its way."""

    verdict: Verdict
    lead_id: str | None = None
    appended: Appended | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A lead at the door: the id that it gets if it is new, and its identifiers' hashes."""

    lead: NewLead
    fresh_id: str
    hashes: tuple[Hashed, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Known:
    """What the database says of the identifiers of some arrivals."""

    owners: Mapping[bytes, str] = field(repr=False)
    locked: frozenset[str]
    stops: Mapping[bytes, tuple[Suppression, ...]] = field(repr=False)

    def stops_of(self, identifiers: Iterable[Hashed]) -> list[Suppression]:
        """Everything that stands against using these addresses."""
        return [
            stop for one in identifiers for value in one.suppression for stop in self.stops.get(value, ())
        ]


def arrive(keyring: Keyring, leads: Sequence[NewLead], fresh_ids: Sequence[str]) -> list[Arrival]:
    """The leads with the ids they get if they are new, hashed under the keys of this moment."""
    return [
        Arrival(lead, fresh_id, hashed(keyring, lead.identifiers))
        for lead, fresh_id in zip(leads, fresh_ids, strict=True)
    ]


def all_hashes(arrivals: Sequence[Arrival]) -> list[Hashed]:
    """The identifiers of all of them."""
    return [one for each in arrivals for one in each.hashes]


def look_up(session: Session, identifiers: Sequence[Hashed]) -> Known:
    """Ask, for all at once, who holds those that identify, and what stands against using them."""
    connection = session.connection()
    identifying = [value for one in identifiers if one.identifier.identifying for value in one.lookup]
    owners: dict[bytes, str] = {}
    for start in range(0, len(identifying), HASHES_A_STATEMENT):
        part = {"hashes": identifying[start : start + HASHES_A_STATEMENT]}
        owners.update((row.hash, row.lead_id) for row in connection.execute(_OWNERS, part))
    holders = sorted(set(owners.values()))
    locked = (
        frozenset(connection.execute(_LOCKED, {"lead_ids": holders}).scalars()) if holders else frozenset()
    )
    stops: dict[bytes, tuple[Suppression, ...]] = {}
    for stop in matching(session, [value for one in identifiers for value in one.suppression]):
        stops[stop.hash] = (*stops.get(stop.hash, ()), stop)
    return Known(owners, locked, stops)


def lay_out(arrivals: Sequence[Arrival], known: Known) -> list[Placed]:
    """Where each arrival goes: pure. An earlier one of the same chunk counts as known to a later one."""
    owners = dict(known.owners)
    placed = []
    for arrival in arrivals:
        where = _place(arrival, owners, known)
        placed.append(where)
        if where.lead_id is not None:
            for one in arrival.hashes:
                if one.identifier.identifying:
                    owners.update(dict.fromkeys(one.lookup, where.lead_id))
    return placed


def _place(arrival: Arrival, owners: Mapping[bytes, str], known: Known) -> Placed:
    """Where one arrival goes."""
    if erased(known, arrival.hashes):
        return Placed(Verdict.ERASED)
    held_by = {
        owners[value]
        for one in arrival.hashes
        if one.identifier.identifying
        for value in one.lookup
        if value in owners
    }
    if len(held_by) > 1:
        return Placed(Verdict.CONFLICT)
    if not held_by:
        return Placed(Verdict.CREATED, arrival.fresh_id)
    [lead_id] = held_by
    return Placed(Verdict.ERASED) if lead_id in known.locked else Placed(Verdict.MERGED, lead_id)


def erased(known: Known, identifiers: Iterable[Hashed]) -> bool:
    """Whether one of them belongs to somebody who was erased.

    One that is not known to identify this time counts too: an erasure suppresses none that was shared.
    """
    return any(stop.type is SuppressionKind.ERASURE_SUPPRESSION for stop in known.stops_of(identifiers))
