"""A question, and what it adds to the facts."""

import json
from datetime import UTC, datetime, timedelta

from consent.facts import trusted
from consent.question import Question, facts_for, question_of

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
FULL = Question(
    "email",
    "direct_marketing",
    at=NOW + timedelta(days=1),
    time_zone="Asia/Tokyo",
    content={"promotional": False},
    context={"role_relevant": True},
)


def test_a_question_is_read_back_from_its_text() -> None:
    """What is stored and signed says all of it."""
    for question in (FULL, Question("sms", "research")):
        assert question_of(json.loads(question.text)) == question


def test_what_was_not_said_stands_nowhere() -> None:
    """An absent flag is unknown, not false."""
    assert Question("sms", "research").document() == {"channel": "sms", "purpose": "research"}


def test_a_question_adds_to_the_facts_and_moves_nothing_stored() -> None:
    """`now` stays now; `at` and the zone stand beside the recipient's own."""
    facts = trusted(facts_for(FULL, {"jurisdiction": "DE", "recipient_tz": "Europe/Berlin"}, NOW))

    assert (facts.now, facts.at, facts.recipient_tz) == (NOW, NOW + timedelta(days=1), "Europe/Berlin")
    assert facts.added_zone == "Asia/Tokyo"
    assert (facts.content, facts.role_relevant) == ({"promotional": False}, True)
