"""The words of an answer."""

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

from consent.answers import read, shown_text, stored_text, words_of
from consent.decision import Decision
from consent.judging import Asker, Judged, Sitting
from consent.question import Question
from consent.reasons import Reason
from consent.rows import RuleRef
from consent.rulebook import starting_rulebook
from consent.vocabulary import Effect

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
SITTING = Sitting(starting_rulebook(), Asker("key-1"), NOW)
DECISION = Decision(
    effect=Effect.DENY,
    reasons=(Reason.OUTSIDE_PERMITTED_HOURS,),
    rules=(RuleRef("R-1", 2, 'an "odd" citation \u00a7 7 \\ 2'),),
    obligations=("identify_sender", "recheck_by:2026-12-01"),
    valid_until=NOW + timedelta(minutes=15),
    retry_not_before=datetime(2026, 11, 25, 8, tzinfo=timezone(timedelta(hours=1))),
    needs_review=True,
)
JUDGED = Judged(DECISION, "lead-1", '{"jurisdiction":"DE"}')


def stored(judged: Judged) -> dict[str, object]:
    """The stored answer as a document."""
    text = stored_text(
        SITTING, Question("email", "research"), judged, "decision-1", words_of(judged.decision)
    )
    return dict(read(text))


def test_a_stored_answer_says_everything() -> None:
    """Who asked what of whom, when, on which facts, by which rules, and what came of it."""
    document = stored(JUDGED)

    assert document == {
        "decision_id": "decision-1",
        "lead_id": "lead-1",
        "facts_sha256": hashlib.sha256(JUDGED.facts.encode()).hexdigest(),
        "asker": "key-1",
        "decided_at": "2026-11-24T10:00:00+00:00",
        "question": {"channel": "email", "purpose": "research"},
        "rulebook": starting_rulebook().hash,
        "effect": "deny",
        "reasons": ["OUTSIDE_PERMITTED_HOURS"],
        "rules": [{"id": "R-1", "version": 2, "citation": 'an "odd" citation \u00a7 7 \\ 2'}],
        "obligations": ["identify_sender", "recheck_by:2026-12-01"],
        "valid_until": "2026-11-24T10:15:00+00:00",
        "needs_review": True,
        "retry_not_before": "2026-11-25T08:00:00+01:00",
    }


def test_nobody_is_null() -> None:
    """Of somebody unknown there is no lead."""
    assert stored(Judged(DECISION, None, "{}"))["lead_id"] is None


def test_what_is_shown_is_what_is_stored() -> None:
    """The words are the same; facts and question stay inside, the receipt and the entry come along."""
    words = words_of(DECISION._replace(retry_not_before=None))
    shown = json.loads(
        shown_text("decision-1", "lead-1", words, rulebook="hash", entry_id="entry-1", receipt="a.b.c")
    )
    bare = json.loads(shown_text("decision-1", None, words, rulebook="hash", entry_id="entry-1"))

    assert (shown["audit"], shown["receipt"], shown["lead_id"]) == (
        {"entry_id": "entry-1"},
        "a.b.c",
        "lead-1",
    )
    assert "retry_not_before" not in shown
    assert {"receipt", "lead_id"}.isdisjoint(bare)
    assert bare["rules"] == shown["rules"] == stored(JUDGED)["rules"]
