"""On what ground somebody was contacted on a day: the decision in full, the consents of then, the entries."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from consent.contacted import contact_in_words, contacted, day_in
from consent.events import Event, EventKind
from consent.ledger import forget, record
from consent.outcomes import OutcomeKind, tell
from tests.consent.factories import a_consent, asked, the_german

MARKETING = {"channel": "email", "purpose": "direct_marketing"}


def whole_day(now: datetime) -> tuple[datetime, datetime]:
    """The UTC day of a moment."""
    return day_in(now.date(), ZoneInfo("UTC"))


def test_a_contact_after_a_yes_shows_all_that_it_rested_on(session: Session, now: datetime) -> None:
    """Decision with facts, rules and proof, the consent with its entry; the sender's own event adds none."""
    lead_id = the_german(session, now)
    decision_id = asked(session, now, lead_id)
    outcome = tell(session, decision_id, OutcomeKind.SENT, at=now, now=now, actor="key-1")
    again = Event(lead_id, EventKind.MESSAGE_SENT, now, MARKETING)
    record(session, [again], entry_id="entry-2", now=now)
    [found] = contacted(session, lead_id, *whole_day(now))

    assert (found["finding"], found["channel"], found["audit"]) == (
        "backed",
        "email",
        {"entry_id": outcome.entry_id},
    )
    assert found["decision"]["decision_id"] == decision_id
    assert found["decision"]["answer"]["rules"] != []
    assert found["decision"]["facts"]["consents"] != []
    assert found["decision"]["proof"]["path"] == []
    assert [(one["status"], one["proof"]) for one in found["consents"]] == [("given", "double_opt_in")]
    words = "\n".join(contact_in_words(found))
    assert "backed" in words
    assert f"decision {decision_id}" in words


def test_a_contact_that_nobody_asked_about_has_no_ground(session: Session, now: datetime) -> None:
    """It is shown all the same, with the consents of that time: later ones are no ground."""
    lead_id = the_german(session, now)
    sent = Event(lead_id, EventKind.MESSAGE_SENT, now, MARKETING)
    later = a_consent(400, lead_id=lead_id)
    record(session, [sent, later], entry_id="entry-2", now=now)
    [found] = contacted(session, lead_id, *whole_day(now))

    assert (found["finding"], found["decision"], len(found["consents"])) == ("no_decision", None, 1)
    assert "no_decision" in next(contact_in_words(found))


@pytest.mark.parametrize(("hours", "number"), [(-11, 0), (-10, 1), (13.9, 1), (14, 0)])
def test_a_day_is_from_midnight_to_midnight(
    session: Session, now: datetime, hours: float, number: int
) -> None:
    """It is ten o'clock; the first moment is of the day, that of the next is not."""
    lead_id = the_german(session, now)
    sent = Event(lead_id, EventKind.MESSAGE_SENT, now + timedelta(hours=hours), MARKETING)
    record(session, [sent], entry_id="entry-2", now=now)

    assert len(contacted(session, lead_id, *whole_day(now))) == number


def test_a_day_is_as_long_as_its_place_makes_it() -> None:
    """When clocks go back it has 25 hours."""
    since, until = day_in(date(2026, 10, 25), ZoneInfo("Europe/Berlin"))

    assert since == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert until - since == timedelta(hours=25)


def test_of_an_erased_lead_nothing_is_left(session: Session, now: datetime) -> None:
    """The question has no answer any more."""
    lead_id = the_german(session, now)
    tell(session, asked(session, now, lead_id), OutcomeKind.SENT, at=now, now=now, actor="key-1")
    forget(session, lead_id, now=now)

    assert contacted(session, lead_id, *whole_day(now)) == []
