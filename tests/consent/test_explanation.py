"""A stored decision, told in full."""

from datetime import datetime

from sqlalchemy.orm import Session

from consent.check import check
from consent.decisions import decision
from consent.events import EventKind
from consent.explanation import KEY_MISSING, in_words, told
from consent.ledger import forget, record
from consent.question import Question, Subject
from tests.consent.factories import a_sitting, an_event, asked, the_german


def test_an_explanation_judges_the_same_facts_again(session: Session, now: datetime) -> None:
    """Whatever became of the lead since; every stage is there, and the answer is the stored one."""
    decision_id = asked(session, now, the_german(session, now))
    record(session, [an_event(EventKind.OBJECTION, 320, kind="direct_marketing")], entry_id="entry", now=now)

    document = told(session, decision(session, decision_id))

    assert (document["effect"], document["explanation"]["effect"]) == ("allow", "allow")
    assert {one["stage"] for one in document["explanation"]["tried"]} >= set(range(1, 11))


def test_a_no_says_what_is_missing(session: Session, now: datetime) -> None:
    """In words for a person."""
    lead_id = the_german(session, now)
    question = Question("sms", "direct_marketing")
    answered, _ = check(session.connection(), a_sitting(now), question, Subject((lead_id,)))

    lines = list(in_words(told(session, decision(session, answered.decision_id))))

    assert lines[0].startswith("deny on 2026-11-24")
    assert any(line.startswith("Missing for a yes: ") for line in lines)
    assert "Because: a consent on file does not cover this channel and purpose" in lines
    assert any("the ground for the contact" in line and "denied" in line for line in lines)
    assert any(line.strip().startswith("facts: consents") for line in lines)


def test_a_key_that_may_not_ask_is_what_is_missing(session: Session, now: datetime) -> None:
    """The rules had nothing against it; the explanation says the answer's effect all the same."""
    lead_id = the_german(session, now)
    record(session, [an_event(EventKind.CONTRACT_STARTED, 310)], entry_id="entry", now=now)
    question = Question("email", "service_notice")
    answered, _ = check(session.connection(), a_sitting(now), question, Subject((lead_id,)))

    explanation = told(session, decision(session, answered.decision_id))["explanation"]

    assert (explanation["effect"], explanation["reasons"]) == ("deny", ["PURPOSE_INCOMPATIBLE"])
    assert KEY_MISSING in explanation["missing"]


def test_of_an_erased_lead_only_that_is_told(session: Session, now: datetime) -> None:
    """Two lines."""
    decision_id = asked(session, now, the_german(session, now))
    forget(session, "lead-1", now=now)
    session.expire_all()

    document = told(session, decision(session, decision_id))

    assert set(document) == {"decision_id", "day", "effect", "rulebook", "erased", "audit"}
    assert len(list(in_words(document))) == 2


def test_somebody_unknown_has_no_rules_to_try(session: Session, now: datetime) -> None:
    """No facts, no law; the answer and its proof are there."""
    question = Question("email", "direct_marketing")
    answered, _ = check(session.connection(), a_sitting(now), question, Subject(()))

    document = told(session, decision(session, answered.decision_id))

    assert document["explanation"] is None
    assert any("LEAD_UNKNOWN" in line for line in in_words(document))
