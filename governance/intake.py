"""Taking leads in: one lead or a chunk, by the same road.

    1. hash every identifier; ask once who holds which, who is erased, who objected    (placement)
    2. lay out: for each lead, in order: a new one, into a known one, or refused       (placement, pure)
    3. write the new ones together, many rows a statement; merge the others one by one
    4. one entry of the trail for each lead, and its events in the ledger

The keys were minted before, in the key store's own commit (`survey` says which are needed); where somebody
else was faster meanwhile, `KeysNeededError` sends the caller back for them. A unique index on identifying
hashes decides between two intakes at once, so that a person is one lead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from audit.actions import Action
from audit.columns import to_micros
from audit.entry import Entry
from audit.ids import new_id
from audit.log import append_many
from audit.statements import HeldInsert
from consent.events import Event, EventKind
from consent.ledger import facts_of, record
from consent.suppressions import Suppression
from consent.vocabulary import AddressType
from governance.errors import KeysNeededError
from governance.evidence import seal_evidence
from governance.holdings import (
    FIELDS,
    IDENTIFIERS,
    add_identifiers,
    field_rows,
    identifier_rows,
    write_fields,
)
from governance.leads import LeadState, NewLead, Notice, Source, strictest
from governance.placement import Arrival, Known, Placed, Verdict, all_hashes, arrive, lay_out, look_up
from governance.tables import LeadRow
from governance.vault.keyring import Keyring
from governance.vault.sealing import DataKey

if TYPE_CHECKING:
    from audit.canonical import JSON

_LEADS = HeldInsert(LeadRow, "id", "state", "created_at")


def survey(
    session: Session, keyring: Keyring, leads: Sequence[NewLead], fresh_ids: Sequence[str]
) -> list[Placed]:
    """Where each of the leads would go now, and so whose keys are needed. Writes nothing."""
    arrivals = arrive(keyring, leads, fresh_ids)
    return lay_out(arrivals, look_up(session, all_hashes(arrivals)))


def take_in(
    session: Session,
    keyring: Keyring,
    keys: Mapping[str, DataKey],
    leads: Sequence[NewLead],
    fresh_ids: Sequence[str],
    *,
    now: datetime,
    actor: str,
) -> list[Placed]:
    """Take the leads in, in their order; a refused one leaves nothing but its entry in the trail.

    `keys` are those of the leads that `survey` named, new and known; `fresh_ids` the ids for new ones.

    Raises:
        KeysNeededError: A lead is known, or new, since the survey; nothing was written.
    """
    arrivals = arrive(keyring, leads, fresh_ids)
    known = look_up(session, all_hashes(arrivals))
    placed = lay_out(arrivals, known)
    if not keys.keys() >= {one.lead_id for one in placed if one.lead_id is not None}:
        raise KeysNeededError("keys of other leads than surveyed are needed")
    pairs = list(zip(arrivals, placed, strict=True))
    entries = append_many(session, [_entry(*pair, now, actor) for pair in pairs])
    new = [each for each, where in pairs if where.verdict is Verdict.CREATED]
    _insert(session, keys, new, now)
    for (arrival, where), entry in zip(pairs, entries, strict=True):
        if where.lead_id is not None:
            key = keys[where.lead_id]
            if where.verdict is Verdict.MERGED:
                events = _merge(session, key, arrival, known, now)
            else:
                events = _first_events(key, arrival, known, now)
            record(session, events, entry_id=entry.entry_id, now=now)
    return [replace(where, appended=entry) for where, entry in zip(placed, entries, strict=True)]


def note_refusal(session: Session, code: str, *, now: datetime, actor: str) -> None:
    """Say in the trail that somebody was turned away and why; not who it was."""
    append_many(session, [_refusal(code, now, actor)])


def stop_events(lead_id: str, stops: Sequence[Suppression]) -> list[Event]:
    """What was said about an address before it belonged to this lead, for the ledger."""
    return [
        Event(
            lead_id,
            EventKind.SUPPRESSION,
            stop.received_at,
            {
                "type": stop.type.value,
                "channels": list(stop.channels),
                "purposes": list(stop.purposes),
                "hash_match": True,
            },
        )
        for stop in stops
    ]


def _insert(session: Session, keys: Mapping[str, DataKey], new: Sequence[Arrival], now: datetime) -> None:
    """The rows of new leads, in a few statements for all of them."""
    connection, since = session.connection(), to_micros(now)
    _LEADS.many(connection, [(each.fresh_id, LeadState.ACTIVE.value, since) for each in new])
    IDENTIFIERS.many(
        connection, [row for each in new for row in identifier_rows(keys[each.fresh_id], each.hashes)]
    )
    FIELDS.many(
        connection, [row for each in new for row in field_rows(keys[each.fresh_id], each.lead.profile)]
    )


def _first_events(key: DataKey, arrival: Arrival, known: Known, now: datetime) -> list[Event]:
    """What the ledger learns of a new lead."""
    stops = stop_events(key.owner, known.stops_of(arrival.hashes))
    return [*_events(key, arrival.lead, arrival.lead.address_type, now), *stops]


def _merge(session: Session, key: DataKey, arrival: Arrival, known: Known, now: datetime) -> list[Event]:
    """Add what the lead does not hold yet, overwrite the fields that are given; and what the ledger learns.

    What an address says of its owner never makes a lead less of a person than it was.
    """
    added = add_identifiers(session, key, arrival.hashes)
    write_fields(session, key, arrival.lead.profile)
    before = facts_of(session, [key.owner]).get(key.owner, {}).get("address_type")
    kind = strictest([arrival.lead.address_type, None if before is None else AddressType(before)])
    return [
        *_events(key, arrival.lead, kind, now),
        *stop_events(key.owner, known.stops_of(added)),
    ]


def _events(key: DataKey, lead: NewLead, address_type: AddressType | None, now: datetime) -> list[Event]:
    """Source, attributes and notice."""
    attributes: dict[str, JSON] = {} if address_type is None else {"address_type": address_type.value}
    attributes.update(lead.attributes)
    events = [_source_event(key, lead.source, now)]
    if attributes:
        events.append(Event(key.owner, EventKind.ATTRIBUTES, now, attributes))
    if lead.notice is not None:
        events.append(_notice_event(key.owner, lead.notice))
    return events


def _source_event(key: DataKey, source: Source, now: datetime) -> Event:
    """Where the data came from, with its evidence sealed for this very event."""
    event_id = new_id(now)
    details: dict[str, JSON] = {"key": source.key, "kind": source.kind.value}
    if source.provider is not None:
        details["provider"] = source.provider
    sealed = None if source.evidence is None else seal_evidence(key, event_id, source.evidence)
    return Event(key.owner, EventKind.SOURCE, source.obtained_at, details, sealed, event_id)


def _notice_event(lead_id: str, notice: Notice) -> Event:
    details: dict[str, JSON] = {"article": notice.article, "version": notice.version}
    return Event(lead_id, EventKind.NOTICE, notice.given_at, details)


def _entry(arrival: Arrival, placed: Placed, now: datetime, actor: str) -> Entry:
    """What the trail says of an arrival; of one who was turned away, not who it was."""
    if placed.lead_id is None:
        return _refusal(placed.verdict.value, now, actor)
    action = Action.LEAD_CREATED if placed.verdict is Verdict.CREATED else Action.LEAD_MERGED
    return Entry(action, actor, now, placed.lead_id, None, {"source_kind": arrival.lead.source.kind.value})


def _refusal(code: str, now: datetime, actor: str) -> Entry:
    return Entry(Action.LEAD_REFUSED, actor, now, None, None, {"code": code})
