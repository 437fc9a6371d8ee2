"""Events with defaults."""

from datetime import UTC, datetime, timedelta

from audit.canonical import JSON
from consent.events import Event, EventKind

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    """That many days after the start."""
    return START + timedelta(days=number)


def an_event(what: EventKind, on: float = 0, /, *, lead_id: str = "lead-1", **details: JSON) -> Event:
    """An event of that day."""
    return Event(lead_id, what, day(on), details)


def a_consent(on: float = 0, status: str = "given", *, lead_id: str = "lead-1", **details: JSON) -> Event:
    """A consent to direct marketing by e-mail, unless it says otherwise."""
    defaults: dict[str, JSON] = {
        "status": status,
        "channels": ["email"],
        "purposes": ["direct_marketing"],
        "proof": "double_opt_in",
    }
    return Event(lead_id, EventKind.CONSENT, day(on), defaults | details)
