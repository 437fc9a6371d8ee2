"""What stands against a contact, as facts: objections, suppressions, restrictions. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consent.events import ALL, Event, EventKind
from consent.vocabulary import ObjectionKind, SuppressionKind

ByKind = Mapping[EventKind, Sequence[Event]]
"""The events of one lead by kind, each list in order."""

_OBJECTIONS = frozenset(kind.value for kind in ObjectionKind)
_OBJECTION_OF_PURPOSE = {
    "profiling": ObjectionKind.PROFILING.value,
    "sharing": ObjectionKind.DO_NOT_SELL_OR_SHARE.value,
}


@dataclass(frozen=True, slots=True)
class Stop:
    """A "no", whoever said it: since when, for which channels and purposes; `("all",)` is every one."""

    kind: ObjectionKind | SuppressionKind
    since: datetime
    channels: tuple[str, ...] = (ALL,)
    purposes: tuple[str, ...] = (ALL,)


def stops_to_keep(facts: Mapping[str, Any]) -> list[Stop]:
    """The "no"s that outlive a lead: objections, suppressions, and withdrawn consents as objections."""
    stops = [
        Stop(ObjectionKind(fact["type"]), datetime.fromisoformat(fact["received_on"]), _scope(fact["scope"]))
        for fact in facts.get("objections", ())
    ]
    stops += [
        Stop(
            SuppressionKind(fact["type"]),
            datetime.fromisoformat(fact["received_on"]),
            tuple(fact.get("channels", (ALL,))),
        )
        for fact in facts.get("suppressions", ())
        if fact["type"] != SuppressionKind.ERASURE_SUPPRESSION.value
    ]
    for fact in facts.get("consents", ()):
        if fact.get("withdrawn_on"):
            since = datetime.fromisoformat(fact["withdrawn_on"])
            stops += [
                Stop(kind, since, tuple(fact["channels"]), purposes)
                for kind, purposes in objections_of_purposes(fact["purposes"]).items()
            ]
    return list(dict.fromkeys(stops))


def objections_of_purposes(purposes: Sequence[str]) -> dict[ObjectionKind, tuple[str, ...]]:
    """Which objections a "no" to these purposes amounts to, and for which of them each is."""
    if ALL in purposes:
        return dict.fromkeys(
            (ObjectionKind.DIRECT_MARKETING, ObjectionKind.PROFILING, ObjectionKind.DO_NOT_SELL_OR_SHARE),
            (ALL,),
        )
    objections: dict[ObjectionKind, tuple[str, ...]] = {}
    for purpose in purposes:
        kind = ObjectionKind(_OBJECTION_OF_PURPOSE.get(purpose, ObjectionKind.DIRECT_MARKETING))
        objections[kind] = (*objections.get(kind, ()), purpose)
    return objections


def _scope(scope: Any) -> tuple[str, ...]:
    return (ALL,) if scope == ALL else tuple(scope)


def objections(by_kind: ByKind) -> list[dict[str, Any]]:
    """The facts `objections[]`; one that names a purpose with an objection of its own is that one too."""
    facts = []
    for event in by_kind.get(EventKind.OBJECTION, ()):
        kinds = {str(event.details["kind"])} | {
            _OBJECTION_OF_PURPOSE[purpose]
            for purpose in _words(event, "purposes")
            if purpose in _OBJECTION_OF_PURPOSE
        }
        facts += [_objection(event, kind) for kind in sorted(kinds - {SuppressionKind.UNSUBSCRIBE})]
    facts += [
        _objection(event, str(event.details["type"]))
        for event in _standing_suppressions(by_kind)
        if event.details["type"] in _OBJECTIONS
    ]
    return facts


def _objection(event: Event, kind: str) -> dict[str, Any]:
    channels = _words(event, "channels")
    scope: Any = ALL if not channels or ALL in channels else list(channels)
    return {"type": kind, "scope": scope, "received_on": event.occurred_at.isoformat()}


def suppressions(by_kind: ByKind) -> list[dict[str, Any]]:
    """The facts `suppressions[]`: unsubscribes, bounces, complaints, erasures, and what staff set."""
    facts = [
        _suppression(event, SuppressionKind.UNSUBSCRIBE)
        for event in by_kind.get(EventKind.OBJECTION, ())
        if event.details["kind"] == SuppressionKind.UNSUBSCRIBE
    ]
    facts += [
        _suppression(event, str(event.details["type"]))
        for event in _standing_suppressions(by_kind)
        if event.details["type"] not in _OBJECTIONS
    ]
    facts += [
        _suppression(event, kind.value)
        for kind in (EventKind.BOUNCE, EventKind.COMPLAINT)
        for event in by_kind.get(kind, ())
        if event.details.get("permanent", True)
    ]
    return facts


def _suppression(event: Event, kind: str) -> dict[str, Any]:
    fact: dict[str, Any] = {"type": kind, "received_on": event.occurred_at.isoformat()}
    channels = _words(event, "channels")
    if event.kind is EventKind.BOUNCE:
        channels = channels or ["email"]
    if channels and ALL not in channels:
        fact["channels"] = list(channels)
    if event.details.get("hash_match") is not None:
        fact["hash_match"] = event.details["hash_match"]
    return fact


def _standing_suppressions(by_kind: ByKind) -> list[Event]:
    """Suppressions that no later event of the same type has lifted."""
    standing: list[Event] = []
    for event in by_kind.get(EventKind.SUPPRESSION, ()):
        if event.details.get("lifted"):
            standing = [other for other in standing if other.details["type"] != event.details["type"]]
        else:
            standing.append(event)
    return standing


def restrictions(by_kind: ByKind) -> list[dict[str, Any]]:
    """The restriction in force, if the last event does not lift it."""
    events = by_kind.get(EventKind.RESTRICTION)
    if not events or events[-1].details.get("lifted"):
        return []
    last = events[-1]
    return [{"type": last.details.get("type", "art18"), "since": last.occurred_at.isoformat()}]


def marketing_stops(by_kind: ByKind) -> list[dict[str, Any]]:
    """Objections to marketing and unsubscribes: what a soft opt-in must not have met."""
    kinds = {ObjectionKind.DIRECT_MARKETING.value, SuppressionKind.UNSUBSCRIBE.value}
    return [fact for fact in (*objections(by_kind), *suppressions(by_kind)) if fact["type"] in kinds]


def _words(event: Event, name: str) -> Sequence[str]:
    """A list in the details; a single `channel` counts as a list of one."""
    words: Any = event.details.get(name)
    if words is None and name == "channels" and event.details.get("channel"):
        words = [event.details["channel"]]
    return words or ()
