"""Correcting a lead: fields, attributes, identifiers (GDPR, Article 16)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from audit.actions import Action
from audit.log import Appended, append
from consent.events import Event, EventKind
from consent.ledger import record
from governance.custody import require_open
from governance.errors import IdentityConflictError, SuppressedAfterErasureError
from governance.holdings import hashed, replace_identifiers, write_fields
from governance.intake import stop_events
from governance.leads import Changes
from governance.placement import erased, look_up
from governance.vault.keyring import Keyring
from governance.vault.sealing import DataKey


@dataclass(frozen=True, slots=True)
class Rectified:
    """What was changed, by name, and the entry that says so."""

    changed: tuple[str, ...]
    appended: Appended


def rectify(
    session: Session, keyring: Keyring, key: DataKey, changes: Changes, *, now: datetime, actor: str
) -> Rectified:
    """Carry out the changes; an objection to an address comes along with the address.

    Raises:
        LeadUnknownError, LeadLockedError: see `custody.require_open`.
        IdentityConflictError: An identifier belongs to another lead.
        SuppressedAfterErasureError: An identifier belongs to somebody who was erased.
    """
    require_open(session, key.owner)
    identifiers = hashed(keyring, changes.identifiers)
    known = look_up(session, identifiers)
    if erased(known, identifiers):
        raise SuppressedAfterErasureError("an identifier belongs to somebody who was erased")
    if set(known.owners.values()) - {key.owner}:
        raise IdentityConflictError("an identifier belongs to another lead")
    names = _names(changes)
    entry = append(
        session, Action.LEAD_UPDATED, actor=actor, now=now, lead_id=key.owner, facts={"changed": names}
    )
    added = replace_identifiers(session, key, identifiers)
    write_fields(session, key, changes.profile)
    events = stop_events(key.owner, known.stops_of(added))
    if changes.attributes:
        events.append(Event(key.owner, EventKind.ATTRIBUTES, now, dict(changes.attributes)))
    if events:
        record(session, events, entry_id=entry.entry_id, now=now)
    return Rectified(names, entry)


def _names(changes: Changes) -> tuple[str, ...]:
    """What is changed: kinds of identifiers, attributes, fields; no values."""
    kinds = {f"identifiers.{one.kind.value}" for one in changes.identifiers}
    fields = {f"profile.{name}" for name in changes.profile}
    return tuple(sorted({*kinds, *changes.attributes, *fields}))
