"""Consents as facts: each grant with when it was withdrawn and last used. Pure.

Worked out cell by cell of channel and purpose, so that a partial withdrawal takes away its part and no more.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import product
from typing import Any, NamedTuple

from consent.events import ALL, GRANTING, Event
from consent.vocabulary import Channel, Purpose

Cell = tuple[str, str]  # channel, purpose

_ALL_CHANNELS = tuple(channel.value for channel in Channel)
_ALL_PURPOSES = tuple(purpose.value for purpose in Purpose)


class _Fate(NamedTuple):
    """What became of a grant in one cell."""

    withdrawn: datetime | None
    used: datetime | None


def grants(consents: Sequence[Event], messages: Sequence[Event]) -> list[dict[str, Any]]:
    """The facts `consents[]`, from events in order.

    A refusal, or a withdrawal of what was never granted, is a consent that ended as it began: it stops,
    until a later grant.
    """
    given = [event for event in consents if event.details["status"] in GRANTING]
    stopped = [event for event in consents if event.details["status"] not in GRANTING]
    facts = []
    for grant in given:
        fates = {cell: _fate(grant, cell, stopped, messages) for cell in _cells(grant)}
        for channels, purposes, fate in _regroup(fates):
            facts.append(_fact(grant, channels, purposes, fate))
    for stop in stopped:
        earlier = [grant for grant in given if grant.occurred_at <= stop.occurred_at]
        covered = {cell for grant in earlier for cell in _cells(grant)}
        fates = {cell: _Fate(stop.occurred_at, None) for cell in _cells(stop) if cell not in covered}
        for channels, purposes, fate in _regroup(fates):
            facts.append(_fact(stop, channels, purposes, fate))
    return facts


def _cells(event: Event) -> list[Cell]:
    return list(
        product(
            expand(event.details["channels"], _ALL_CHANNELS), expand(event.details["purposes"], _ALL_PURPOSES)
        )
    )


def expand(words: Any, everything: Sequence[str]) -> Sequence[str]:
    """The words themselves, or everything where they say `all`."""
    return everything if ALL in words else words


def _fate(grant: Event, cell: Cell, stopped: Iterable[Event], messages: Iterable[Event]) -> _Fate:
    """The first stop at or after the grant, and the last message that rested on it."""
    withdrawn = min(
        (
            stop.occurred_at
            for stop in stopped
            if stop.occurred_at >= grant.occurred_at and cell in _cells(stop)
        ),
        default=None,
    )
    used = max(
        (
            sent.occurred_at
            for sent in messages
            if sent.occurred_at >= grant.occurred_at
            and (withdrawn is None or sent.occurred_at < withdrawn)
            and sent.details.get("channel") == cell[0]
            and sent.details.get("purpose", cell[1]) == cell[1]
        ),
        default=None,
    )
    return _Fate(withdrawn, used)


def _regroup(fates: dict[Cell, _Fate]) -> list[tuple[list[str], list[str], _Fate]]:
    """Cells of one fate as few blocks of channels by purposes, in a fixed order."""
    rows: dict[tuple[str, _Fate], list[str]] = {}
    for (channel, purpose), fate in sorted(fates.items(), key=lambda item: item[0]):
        rows.setdefault((purpose, fate), []).append(channel)
    blocks: dict[tuple[tuple[str, ...], _Fate], list[str]] = {}
    for (purpose, fate), channels in rows.items():
        blocks.setdefault((tuple(channels), fate), []).append(purpose)
    return [(list(channels), purposes, fate) for (channels, fate), purposes in blocks.items()]


def _fact(event: Event, channels: list[str], purposes: list[str], fate: _Fate) -> dict[str, Any]:
    details = event.details
    fact = {
        "channels": channels,
        "purposes": purposes,
        "given_on": event.occurred_at.isoformat(),
        "withdrawn_on": fate.withdrawn and fate.withdrawn.isoformat(),
        "expires_on": details.get("expires_at"),
        "last_used_on": fate.used and fate.used.isoformat(),
        "wording_version": details.get("wording_version"),
    }
    return {key: value for key, value in fact.items() if value is not None} | {"proof": details.get("proof")}
