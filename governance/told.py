"""A fact told about a lead by hand or by another program: checked (pure), then written into the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from audit.actions import Action
from audit.ids import new_id
from audit.log import Appended, append
from consent.events import Event, EventKind
from consent.ledger import record
from governance.custody import require_open
from governance.errors import FactInvalidError
from governance.evidence import seal_evidence
from governance.vault.sealing import DataKey

if TYPE_CHECKING:
    from audit.canonical import JSON

_SALE = frozenset({"email_from_sale", "own_similar_products", "opt_out_offered_at_collection"})

ALLOWED: Mapping[EventKind, frozenset[str]] = {
    EventKind.PURCHASE: _SALE,
    EventKind.INQUIRY: _SALE,
    EventKind.CONTRACT_STARTED: frozenset(),
    EventKind.CONTRACT_ENDED: frozenset(),
    EventKind.INBOUND_CONTACT: frozenset(),
    EventKind.NOTICE: frozenset({"article", "version"}),
    EventKind.REGISTER_CHECK: frozenset({"register", "listed"}),
    EventKind.PUBLICATION: frozenset({"conspicuous", "no_solicitation_statement", "evidence"}),
    EventKind.PRESUMED_INTEREST: frozenset({"substantiated", "reason"}),
    EventKind.LEGITIMATE_INTEREST_ASSESSMENT: frozenset({"id", "withdrawn"}),
    EventKind.MESSAGE_SENT: frozenset({"channel", "purpose", "decision_id"}),
    EventKind.BOUNCE: frozenset({"channel", "channels", "permanent"}),
    EventKind.COMPLAINT: frozenset({"channel", "channels"}),
    EventKind.SIGNAL: frozenset({"gpc"}),
}
"""The kinds that may be told, and the details of each. Source: contract, "Leads"; `consent.events`."""

REQUIRED: Mapping[EventKind, frozenset[str]] = {
    EventKind.REGISTER_CHECK: frozenset({"register", "listed"}),
    EventKind.LEGITIMATE_INTEREST_ASSESSMENT: frozenset({"id"}),
    EventKind.MESSAGE_SENT: frozenset({"channel"}),
    EventKind.SIGNAL: frozenset({"gpc"}),
}

OTHER_NAMES = {"lia": "id"}
"""Details that have two names: the facts call an assessment's id by the assessment's name."""

FREE_TEXT = frozenset({"evidence", "reason"})
"""Details in somebody's own words: sealed, and replaced by `SEALED` in the ledger."""

SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class Told:
    """A fact as it was told; `texts` are to be sealed."""

    kind: EventKind
    occurred_at: datetime
    details: Mapping[str, "JSON"]
    texts: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """The event's id, and the entry that covers it."""

    event_id: str
    appended: Appended


def told(document: Mapping[str, Any]) -> Told:
    """The fact of a document in the shape of `POST /v1/leads/{id}/events`.

    Raises:
        FactInvalidError: A detail is missing, or belongs to another kind.
    """
    kind = EventKind(document["kind"])
    given = {
        OTHER_NAMES.get(name, name): value
        for name, value in document.items()
        if name not in {"kind", "occurred_at"}
    }
    errors = {name: [f"Not a detail of {kind.value}."] for name in given.keys() - ALLOWED[kind]}
    errors |= {name: ["Missing."] for name in REQUIRED.get(kind, frozenset()) - given.keys()}
    if errors:
        raise FactInvalidError(errors)
    texts = {name: str(value) for name, value in given.items() if name in FREE_TEXT}
    return Told(kind, document["occurred_at"], given | dict.fromkeys(texts, SEALED), texts)


def keep(session: Session, key: DataKey, fact: Told, *, now: datetime, actor: str) -> Kept:
    """Write a fact into the ledger of the lead whose key this is.

    Raises:
        LeadUnknownError, LeadLockedError: see `custody.require_open`.
    """
    require_open(session, key.owner)
    event_id = new_id(now)
    entry = append(
        session,
        Action.EVENT_RECORDED,
        actor=actor,
        now=now,
        lead_id=key.owner,
        object_id=event_id,
        facts={"kind": fact.kind.value},
    )
    sealed = seal_evidence(key, event_id, dict(fact.texts)) if fact.texts else None
    event = Event(key.owner, fact.kind, fact.occurred_at, fact.details, sealed, event_id)
    record(session, [event], entry_id=entry.entry_id, now=now)
    return Kept(event_id, entry)
