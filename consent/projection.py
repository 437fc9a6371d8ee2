"""What a lead's events add up to: one facts document in the vocabulary of the contract. Pure.

Events are put in order first, by instant and then so that what stops comes after what grants: whatever order
they arrive in, the facts are the same, and on a tie the stop wins. What an event holds is said in `events`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from audit.canonical import canonical_text
from consent.contacts import contacts
from consent.events import Event, EventKind, stops
from consent.grants import grants
from consent.stops import ByKind, Stop, objected_to_marketing, restrictions, stops_of, with_stops

_SALE_FACTS = ("email_from_sale", "own_similar_products", "opt_out_offered_at_collection")
_ATTRIBUTES = {
    "time_zone": "recipient_tz",
    "recipient_kind": "recipient_kind",
    "address_type": "address_type",
    "number_type": "number_type",
    "minor": "minor",
}
_THIRD_PARTIES = frozenset(
    {"data_broker", "public_website", "referral", "linkedin_profile", "intent_platform", "partner"}
)


def project(events: Iterable[Event]) -> dict[str, Any]:
    """The facts document of one lead.

    `notice_given_on` is null where no notice is recorded, which the rules take as "ask"; every other fact
    that is not known is absent.
    """
    by_kind: dict[EventKind, list[Event]] = defaultdict(list)
    for event in sorted(events, key=_order):
        by_kind[event.kind].append(event)
    notices = by_kind[EventKind.NOTICE]
    standing = stops_of(by_kind)
    facts = {
        **_attributes(by_kind),
        **_origin(by_kind),
        "consents": grants(by_kind[EventKind.CONSENT], by_kind[EventKind.MESSAGE_SENT]),
        "restrictions": restrictions(by_kind),
        "relationship": _relationship(by_kind, standing),
        "last_inbound_contact_on": _last_inbound(by_kind),
        "lia": _assessment(by_kind),
        "presumed_consent": _latest(by_kind, EventKind.PRESUMED_INTEREST, "substantiated", "reason"),
        "publication": _latest(
            by_kind, EventKind.PUBLICATION, "conspicuous", "no_solicitation_statement", "evidence"
        ),
        "register_checks": _register_checks(by_kind),
        "signals": _latest(by_kind, EventKind.SIGNAL, "gpc"),
        "contacts": contacts(by_kind[EventKind.MESSAGE_SENT]),
    }
    known = {key: value for key, value in facts.items() if value not in (None, [], {})}
    known["notice_given_on"] = notices[0].occurred_at.isoformat() if notices else None
    return with_stops(known, standing)


def _order(event: Event) -> tuple[datetime, bool, str, str]:
    return event.occurred_at, stops(event), event.id or "", canonical_text(event.details)


def _attributes(by_kind: ByKind) -> dict[str, Any]:
    """The newest word on each attribute."""
    newest: dict[str, Any] = {}
    for event in by_kind.get(EventKind.ATTRIBUTES, ()):
        newest.update(event.details)
    named = {fact: newest.get(name) for name, fact in _ATTRIBUTES.items()}
    return named | _place(newest.get("country"), newest.get("region"))


def _place(country: str | None, region: str | None) -> dict[str, Any]:
    """A region that lies elsewhere than the country is no answer: then both must allow."""
    if region and country and not region.startswith(f"{country}-"):
        return {"jurisdiction": country, "candidates": [country, region]}
    return {"jurisdiction": region or country}


def _origin(by_kind: ByKind) -> dict[str, Any]:
    """The first source; on a tie the third party, whose data asks for more."""
    sources = by_kind.get(EventKind.SOURCE)
    if not sources:
        return {}
    first = min(
        sources,
        key=lambda event: (
            event.occurred_at,
            event.details["kind"] not in _THIRD_PARTIES,
            str(event.details["kind"]),
        ),
    )
    return {"source": first.details["kind"], "obtained_on": first.occurred_at.isoformat()}


def _relationship(by_kind: ByKind, standing: list[Stop]) -> dict[str, Any]:
    """What binds the lead to the company; `objected` covers the soft opt-in's fourth condition."""
    purchases, inquiries = by_kind.get(EventKind.PURCHASE, ()), by_kind.get(EventKind.INQUIRY, ())
    started, ended = by_kind.get(EventKind.CONTRACT_STARTED, ()), by_kind.get(EventKind.CONTRACT_ENDED, ())
    facts: dict[str, Any] = {}
    for event in (*inquiries, *purchases):
        facts.update({name: event.details[name] for name in _SALE_FACTS if name in event.details})
    if purchases:
        facts["last_purchase_on"] = purchases[-1].occurred_at.isoformat()
    if inquiries:
        facts["last_inquiry_on"] = inquiries[-1].occurred_at.isoformat()
    facts |= _contract(started, ended)
    if purchases or started:
        facts["type"] = "customer"
    if facts:
        facts["objected"] = objected_to_marketing(standing)
    return facts


def _contract(started: Sequence[Event], ended: Sequence[Event]) -> dict[str, Any]:
    """Whether a contract runs, and when the last one ended: on a tie it has ended."""
    if not ended:
        return {"contract_active": True} if started else {}
    runs = bool(started) and started[-1].occurred_at > ended[-1].occurred_at
    return {"contract_active": runs, "contract_ended_on": ended[-1].occurred_at.isoformat()}


def _last_inbound(by_kind: ByKind) -> str | None:
    """An inquiry and a purchase are contacts by the person too."""
    kinds = (EventKind.INBOUND_CONTACT, EventKind.INQUIRY, EventKind.PURCHASE)
    newest = max((event.occurred_at for kind in kinds for event in by_kind.get(kind, ())), default=None)
    return newest.isoformat() if newest else None


def _assessment(by_kind: ByKind) -> Any:
    events = by_kind.get(EventKind.LEGITIMATE_INTEREST_ASSESSMENT)
    if not events or events[-1].details.get("withdrawn"):
        return None
    return events[-1].details["id"]


def _latest(by_kind: ByKind, kind: EventKind, *names: str) -> dict[str, Any]:
    """The named details of the newest event of a kind."""
    events = by_kind.get(kind)
    return {name: events[-1].details[name] for name in names if name in events[-1].details} if events else {}


def _register_checks(by_kind: ByKind) -> list[dict[str, Any]]:
    """The newest check of each register."""
    newest = {event.details["register"]: event for event in by_kind.get(EventKind.REGISTER_CHECK, ())}
    return [
        {
            "register": register,
            "checked_on": event.occurred_at.isoformat(),
            "listed": event.details["listed"],
        }
        for register, event in sorted(newest.items(), key=lambda item: str(item[0]))
    ]
