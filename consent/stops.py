"""What stands against a contact, as facts: objections, suppressions, restrictions. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consent.events import ALL, Event, EventKind
from consent.vocabulary import ObjectionKind, SuppressionKind

ByKind = Mapping[EventKind, Sequence[Event]]
"""The events of one lead by kind, each list in order."""

_OBJECTIONS = frozenset(kind.value for kind in ObjectionKind)
_AGAINST_MARKETING = frozenset({ObjectionKind.DIRECT_MARKETING, SuppressionKind.UNSUBSCRIBE})
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

    def covers(self, channel: str, purpose: str) -> bool:
        """Whether a contact over `channel` for `purpose` is among what was refused."""
        return _among(channel, self.channels) and _among(purpose, self.purposes)


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


def stop_kind(word: str) -> ObjectionKind | SuppressionKind:
    """The kind of a stored word: an objection may be kept as a suppression too.

    Raises:
        ValueError: it is neither.
    """
    return ObjectionKind(word) if word in _OBJECTIONS else SuppressionKind(word)


def fact_of(stop: Stop) -> tuple[str, dict[str, Any]]:
    """Under which key of a facts document a stop stands, and how."""
    fact: dict[str, Any] = {"type": stop.kind.value, "received_on": stop.since.isoformat()}
    everywhere = ALL in stop.channels
    if isinstance(stop.kind, ObjectionKind):
        return "objections", fact | {"scope": ALL if everywhere else list(stop.channels)}
    if not everywhere:
        fact["channels"] = list(stop.channels)
    if stop.kind is SuppressionKind.ERASURE_SUPPRESSION:
        fact["hash_match"] = True
    return "suppressions", fact


def with_stops(facts: Mapping[str, Any], stops: Iterable[Stop]) -> dict[str, Any]:
    """A facts document with more stops in it."""
    added = dict(facts)
    for stop in stops:
        key, fact = fact_of(stop)
        added[key] = [*added.get(key, ()), fact]
    return added


def stops_of(by_kind: ByKind) -> list[Stop]:
    """Every stop that stands: objections, suppressions that none has lifted, bounces and complaints."""
    found = [stop for event in by_kind.get(EventKind.OBJECTION, ()) for stop in _of_objection(event)]
    found += [
        Stop(stop_kind(str(event.details["type"])), event.occurred_at, _channels(event))
        for event in _standing_suppressions(by_kind)
    ]
    found += [
        Stop(kind, event.occurred_at, _channels(event, default))
        for kind, default in ((SuppressionKind.BOUNCE, "email"), (SuppressionKind.COMPLAINT, ALL))
        for event in by_kind.get(EventKind(kind.value), ())
        if event.details.get("permanent", True)
    ]
    return found


def restrictions(by_kind: ByKind) -> list[dict[str, Any]]:
    """The restriction in force, if the last event does not lift it."""
    events = by_kind.get(EventKind.RESTRICTION)
    if not events or events[-1].details.get("lifted"):
        return []
    last = events[-1]
    return [{"type": last.details.get("type", "art18"), "since": last.occurred_at.isoformat()}]


def objected_to_marketing(stops: Iterable[Stop]) -> bool:
    """Whether the person said no to marketing altogether; a no to one channel stands against that channel."""
    return any(stop.kind in _AGAINST_MARKETING and ALL in stop.channels for stop in stops)


def _of_objection(event: Event) -> Iterable[Stop]:
    """An objection that names a purpose with a kind of its own is an objection of that kind too."""
    purposes: Any = event.details.get("purposes") or ()
    kinds = {str(event.details["kind"])} | {
        _OBJECTION_OF_PURPOSE[word] for word in purposes if word in _OBJECTION_OF_PURPOSE
    }
    return (Stop(stop_kind(kind), event.occurred_at, _channels(event)) for kind in sorted(kinds))


def _standing_suppressions(by_kind: ByKind) -> list[Event]:
    """Suppressions that no later event of the same type has lifted."""
    standing: list[Event] = []
    for event in by_kind.get(EventKind.SUPPRESSION, ()):
        if event.details.get("lifted"):
            standing = [other for other in standing if other.details["type"] != event.details["type"]]
        else:
            standing.append(event)
    return standing


def _channels(event: Event, default: str = ALL) -> tuple[str, ...]:
    """The channels that an event names, in a list or as a single `channel`."""
    several: Any = event.details.get("channels")
    single: Any = event.details.get("channel")
    return tuple(several or ()) or (single or default,)


def _among(word: str, words: tuple[str, ...]) -> bool:
    return ALL in words or word in words


def _scope(scope: Any) -> tuple[str, ...]:
    return (ALL,) if scope == ALL else tuple(scope)
