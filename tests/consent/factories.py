"""Events, facts, leads and questions with defaults."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from audit.canonical import JSON
from consent.check import check
from consent.events import Event, EventKind
from consent.judging import Asker, Sitting
from consent.ledger import record
from consent.question import Question, Subject
from consent.rulebook import starting_rulebook

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


def german_facts(**changes: JSON) -> dict[str, JSON]:
    """Stored facts of a German consumer who was told, and consented to marketing by e-mail."""
    facts: dict[str, JSON] = {
        "jurisdiction": "DE",
        "recipient_kind": "consumer",
        "source": "web_form",
        "obtained_on": "2026-11-01T10:00:00+00:00",
        "notice_given_on": "2026-11-01T10:00:00+00:00",
        "consents": [
            {
                "channels": ["email"],
                "purposes": ["direct_marketing"],
                "given_on": "2026-11-02T10:00:00+00:00",
                "proof": "double_opt_in",
            }
        ],
    }
    return facts | changes


def the_german(session: Session, now: datetime, lead_id: str = "lead-1") -> str:
    """The lead of `german_facts`, by its events; gives its id."""
    told = [
        an_event(EventKind.ATTRIBUTES, 300, lead_id=lead_id, country="DE", recipient_kind="consumer"),
        an_event(EventKind.SOURCE, 300, lead_id=lead_id, key="fair", kind="web_form"),
        an_event(EventKind.NOTICE, 300, lead_id=lead_id, article="13"),
        a_consent(305, lead_id=lead_id),
    ]
    record(session, told, entry_id="entry", now=now)
    return lead_id


def a_sitting(now: datetime, asker: str = "key-1") -> Sitting:
    """A sitting by the starting rules."""
    return Sitting(starting_rulebook(), Asker(asker), now)


def asked(session: Session, now: datetime, lead_id: str = "lead-1") -> str:
    """The id of a stored decision about a lead."""
    question = Question("email", "direct_marketing")
    answered, _ = check(session.connection(), a_sitting(now), question, Subject((lead_id,)))
    return answered.decision_id
