"""What the service holds of a lead: opened, exported, locked and let go.

Every opening names the entry that announced it, in a commit before (`lookup`, `own_openings`), and nothing is
decrypted unless the trail holds that entry, about just this lead. Erasing goes `lock` → the key is
destroyed → `purge`; see design, "Erasing".
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from audit import query
from audit.actions import Action
from consent.events import EventKind
from consent.ledger import Recorded, facts_of, history
from governance.errors import LeadLockedError, LeadUnknownError, OpeningUntoldError
from governance.evidence import open_evidence
from governance.fields import open_field, open_identifier
from governance.identity import Identifier
from governance.leads import ATTRIBUTES, LeadState
from governance.tables import CanaryRow, FieldRow, IdentifierRow, LeadRow
from governance.vault.sealing import DataKey


@dataclass(frozen=True, slots=True)
class Opened:
    """A lead in plain text, for the one answer that it was opened for."""

    lead_id: str
    identifiers: tuple[Identifier, ...] = field(repr=False)
    profile: Mapping[str, Any] = field(repr=False)
    attributes: Mapping[str, Any] = field(repr=False)
    sources: tuple[Mapping[str, Any], ...] = field(repr=False)


def require_open(session: Session, lead_id: str) -> None:
    """Pass if the lead may be opened and changed.

    Raises:
        LeadUnknownError: There is no such lead, or none any more.
        LeadLockedError: The lead is being erased.
    """
    state = session.connection().execute(select(LeadRow.state).where(LeadRow.id == lead_id)).scalar()
    if state is None:
        raise LeadUnknownError("there is no such lead")
    if state != LeadState.ACTIVE.value:
        raise LeadLockedError("the lead is being erased")


def require_told(session: Session, lead_ids: Collection[str], told: str) -> None:
    """Pass if the trail says by the entry `told` that these leads are opened.

    Raises:
        OpeningUntoldError: It does not.
    """
    entry, about = query.entry(session, told), query.link(session, told)
    action = None if entry is None else entry.document()["action"]
    if action == Action.VAULT_REINDEXED:  # of all leads, chunk by chunk: linked to none
        return
    if action not in query.OPENINGS or about is None or set(lead_ids) != {about.lead_id}:
        raise OpeningUntoldError("the trail does not say that this lead is opened")


def open_lead(session: Session, key: DataKey, told: str) -> Opened:
    """Everything that is sealed under this lead's key, but for the evidence; `told` is what announced it.

    Raises:
        OpeningUntoldError: see `require_told`.
        LeadUnknownError, LeadLockedError: see `require_open`.
        SealBroken: A row was changed by hand.
    """
    require_told(session, [key.owner], told)
    require_open(session, key.owner)
    events = history(session, key.owner)
    return Opened(
        lead_id=key.owner,
        identifiers=_identifiers(session, key),
        profile=_profile(session, key),
        attributes=_attributes(events),
        sources=tuple(_source(one) for one in reversed(events) if one.event.kind is EventKind.SOURCE),
    )


def identifiers_of(
    session: Session, keys: Sequence[DataKey], told: str
) -> Iterator[tuple[DataKey, tuple[Identifier, ...]]]:
    """The identifiers of leads of which one entry says that they are opened, lead by lead.

    Each once, e-mail addresses first; a shared one is not `identifying`.

    Raises:
        OpeningUntoldError: see `require_told`.
        SealBroken: A row was changed by hand.
    """
    require_told(session, [key.owner for key in keys], told)
    return ((key, _identifiers(session, key)) for key in keys)


def _identifiers(session: Session, key: DataKey) -> tuple[Identifier, ...]:
    rows = session.scalars(select(IdentifierRow).where(IdentifierRow.lead_id == key.owner))
    opened = {open_identifier(key, row.id, row.kind, row.sealed, shared=row.shared) for row in rows}
    return tuple(sorted(opened, key=lambda one: (one.kind.value != "email", one.kind, one.key)))


def _profile(session: Session, key: DataKey) -> dict[str, Any]:
    rows = session.scalars(select(FieldRow).where(FieldRow.lead_id == key.owner).order_by(FieldRow.name))
    opened = {row.name: open_field(key, row.name, row.record_version, row.sealed) for row in rows}
    return {name: value for name, value in opened.items() if value is not None}


def names_of(session: Session, lead_id: str) -> list[str]:
    """Which identifiers and fields `open_lead` will open; no values."""
    connection = session.connection()
    kinds = connection.execute(
        select(IdentifierRow.kind).where(IdentifierRow.lead_id == lead_id).distinct()
    ).scalars()
    names = connection.execute(select(FieldRow.name).where(FieldRow.lead_id == lead_id)).scalars()
    return sorted([*kinds, *(f"profile.{name}" for name in names)])


def export_lead(session: Session, key: DataKey, told: str) -> dict[str, Any]:
    """All that `governance` and the ledger hold of the lead, JSON-able, for the person's own copy.

    Unlike `open_lead` it also answers for a locked lead, and includes the evidence.

    Raises:
        OpeningUntoldError: see `require_told`.
        LeadUnknownError: There is no such lead.
        SealBroken: A row was changed by hand.
    """
    require_told(session, [key.owner], told)
    lead = session.get(LeadRow, key.owner)
    if lead is None:
        raise LeadUnknownError("there is no such lead")
    events = history(session, key.owner)
    return {
        "lead_id": key.owner,
        "created_at": lead.created_at.isoformat(),
        "identifiers": [shown(one) for one in _identifiers(session, key)],
        "profile": _profile(session, key),
        "attributes": _attributes(events),
        "facts": facts_of(session, [key.owner]).get(key.owner, {}),
        "history": [_event(key, one) for one in reversed(events)],
    }


def lock(session: Session, lead_id: str) -> bool:
    """From this commit on nothing of the lead is opened or changed; says whether there is such a lead.

    Doing it again changes nothing. The caller appends the entry.
    """
    return lock_each(session, [lead_id]) > 0


def lock_each(session: Session, lead_ids: Sequence[str]) -> int:
    """`lock` for many leads; says how many there are."""
    statement = update(LeadRow).where(LeadRow.id.in_(lead_ids)).values(state=LeadState.LOCKED.value)
    return session.connection().execute(statement).rowcount


def purge(session: Session, lead_id: str) -> None:
    """Delete the lead's rows of `governance`; a shared address stays with the others who share it.

    Doing it again changes nothing. The ledger and the trail's links are the caller's
    (`consent.ledger.forget`, `audit.log.unlink`), as is the entry.
    """
    purge_each(session, [lead_id])


def purge_each(session: Session, lead_ids: Sequence[str]) -> None:
    """`purge` for many leads, with the statements of one."""
    connection = session.connection()
    for row in (IdentifierRow, FieldRow, CanaryRow):
        connection.execute(delete(row).where(row.lead_id.in_(lead_ids)))
    connection.execute(delete(LeadRow).where(LeadRow.id.in_(lead_ids)))


def shown(identifier: Identifier) -> dict[str, str]:
    """An identifier in the contract's shape."""
    system = {} if identifier.system is None else {"system": identifier.system}
    return {"type": identifier.kind.value, "value": identifier.text, **system}


def _attributes(told: list[Recorded]) -> dict[str, Any]:
    """The newest word on each attribute; `told` is newest first, and what was cleared is absent."""
    newest: dict[str, Any] = {}
    for one in sorted(told, key=lambda one: (one.event.occurred_at, one.recorded_at)):
        if one.event.kind is EventKind.ATTRIBUTES:
            newest.update(one.event.details)
    return {name: newest[name] for name in ATTRIBUTES if newest.get(name) is not None}


def _source(told: Recorded) -> dict[str, Any]:
    return {**told.event.details, "obtained_at": told.event.occurred_at.isoformat()}


def _event(key: DataKey, told: Recorded) -> dict[str, Any]:
    """One event as it was told, its evidence opened."""
    event = told.event
    shown_event: dict[str, Any] = {
        "id": event.id,
        "kind": event.kind.value,
        "occurred_at": event.occurred_at.isoformat(),
        "recorded_at": told.recorded_at.isoformat(),
        "details": dict(event.details),
    }
    if event.id is not None and event.sealed is not None:
        shown_event["evidence"] = open_evidence(key, event.id, event.sealed)
    return shown_event
