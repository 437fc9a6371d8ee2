"""How often a person was contacted, by channel: each contact once, however often it was told. Pure.

A sender may tell of one message twice: as the outcome of the decision that it asked for, and as an event of
its own, from another system that keeps the same log. Frequency caps would then count it twice. So an event is
no further contact when it names a decision that a message of the same channel named before, for as long as an
answer holds at most, or when it names none and lies within a minute of an outcome of the same channel and
purpose. Each contact stands for one such event at most, so two messages that were sent stay two. A call that
is merely repeated is what `Idempotency-Key` is for.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from consent.events import Event

CONTACTS_KEPT = 200  # the newest instants of a channel: a frequency cap can count no higher
ONE_ANSWER = timedelta(minutes=15)  # `decision.HOLDS`: what is sent later can not rest on it
ONE_CONTACT = timedelta(minutes=1)  # two clocks, or a log that keeps whole minutes


def contacts(messages: Iterable[Event]) -> dict[str, list[str]]:
    """The instants of the contacts on each channel, of `message_sent` events in their order."""
    instants: dict[str, list[str]] = defaultdict(list)
    for event in each_once(messages):
        instants[str(event.details["channel"])].append(event.occurred_at.isoformat())
    return {channel: found[-CONTACTS_KEPT:] for channel, found in instants.items()}


def each_once(messages: Iterable[Event]) -> list[Event]:
    """One event for each contact, the oldest first: the outcome, where one is told."""
    told = _named_once(messages)
    outcomes = [event for event in told if "decision_id" in event.details]
    loose = [event for event in told if "decision_id" not in event.details]
    for outcome in outcomes:
        same = next((event for event in loose if _is_same(outcome, event)), None)
        if same is not None:
            loose.remove(same)
    return sorted((*outcomes, *loose), key=lambda event: event.occurred_at)


def _named_once(messages: Iterable[Event]) -> list[Event]:
    """Each contact of those that name a decision, told once or twice; all events that name none."""
    told: dict[tuple[str, str], datetime] = {}  # what may be told a second time, and since when
    once = []
    for event in sorted(messages, key=lambda event: event.occurred_at):
        decision_id = event.details.get("decision_id")
        if decision_id is not None:
            named = str(decision_id), str(event.details["channel"])
            first = told.pop(named, None)
            if first is not None and event.occurred_at - first <= ONE_ANSWER:
                continue
            told[named] = event.occurred_at
        once.append(event)
    return once


def _is_same(outcome: Event, event: Event) -> bool:
    """Whether an event that names no decision can be what an outcome tells of."""
    purpose = event.details.get("purpose")
    return (
        event.details["channel"] == outcome.details["channel"]
        and (purpose is None or purpose == outcome.details.get("purpose"))
        and abs(event.occurred_at - outcome.occurred_at) <= ONE_CONTACT
    )
