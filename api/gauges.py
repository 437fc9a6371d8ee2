"""Gauges of what stands in the database: the same whichever process is asked, and after every restart.

Counts only: a gauge never carries an id, a name or an address.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy.orm import Session

from api.context import Service
from api.errors import DatabaseUnavailableError
from api.logs import log
from audit import published, query, sequencer
from audit.actions import Action
from governance.messages.queue import unsent
from governance.requests import lateness
from governance.requests.records import open_by_status


@dataclass(frozen=True, slots=True)
class Count:
    """A number that is read when it is asked for: by the values of `label`, or under ""."""

    name: str
    says: str
    label: str | None
    read: Callable[[Session, datetime], Mapping[str, int]]


def _pending(session: Session, _now: datetime) -> Mapping[str, int]:
    return {"": sequencer.pending(session)}


def _open(session: Session, _now: datetime) -> Mapping[str, int]:
    return open_by_status(session)


def _unsent(session: Session, _now: datetime) -> Mapping[str, int]:
    return unsent(session)


def _alarms(session: Session, _now: datetime) -> Mapping[str, int]:
    counted = query.counted(session, list(ALARMS))
    return {kind: counted[action] for action, kind in ALARMS.items()}


ALARMS = {
    Action.CANARY_OPENED.value: "watched_lead_opened",
    Action.OPENING_REFUSED.value: "too_many_openings",
}


def _published(session: Session, _now: datetime) -> Mapping[str, int]:
    return {row.way: row.size for row in published.listed(session)}


def _unpublished(session: Session, _now: datetime) -> Mapping[str, int]:
    return {row.way: row.failures for row in published.listed(session)}


def _late(session: Session, now: datetime) -> Mapping[str, int]:
    return lateness.by_stage(session, now=now)


COUNTS = (
    Count("leadwarden_trail_pending", "Entries that wait for their place in the tree.", None, _pending),
    Count("leadwarden_alarms", "Entries about openings that somebody should look at.", "kind", _alarms),
    Count("leadwarden_requests_open", "Privacy requests that are not finished.", "status", _open),
    Count("leadwarden_requests_late", "Open requests due within days, or late.", "stage", _late),
    Count("leadwarden_checkpoint_size", "Entries in the checkpoint last taken outside.", "way", _published),
    Count(
        "leadwarden_checkpoint_failures",
        "How often in a row a checkpoint was not taken outside.",
        "way",
        _unpublished,
    ),
    Count("leadwarden_messages", "Messages that wait, or that failed for good.", "state", _unsent),
)


def exposition(service: Service) -> bytes:
    """The gauges in Prometheus' format; none while the database can not be read."""
    registry = CollectorRegistry()
    try:
        with service.main.read() as session:
            for count in COUNTS:
                _set(registry, count, count.read(session, service.clock()))
    except DatabaseUnavailableError as error:
        log().warning("gauges_unread", exc_info=error)
        return b""
    return generate_latest(registry)


def _set(registry: CollectorRegistry, count: Count, found: Mapping[str, int]) -> None:
    if count.label is None:
        Gauge(count.name, count.says, registry=registry).set(found[""])
        return
    gauge = Gauge(count.name, count.says, (count.label,), registry=registry)
    for value, number in found.items():
        gauge.labels(value).set(number)
