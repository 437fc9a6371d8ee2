"""Judging one question: known leads, unknown people, several at once."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from consent.judging import Asker, Judged, Known, Sitting, judge
from consent.question import Question
from consent.rulebook import NO_RULEBOOK, starting_rulebook
from consent.stops import Stop
from consent.vocabulary import Effect, ObjectionKind, SuppressionKind
from tests.consent.factories import german_facts

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
SITTING = Sitting(starting_rulebook(), Asker("key-1"), NOW)
QUESTION = Question("email", "direct_marketing")
CONSENTED = json.dumps(german_facts())
EARLIER = NOW - timedelta(days=1)


def judged(
    facts: dict[str, str], *stops: Stop, sitting: Sitting = SITTING, question: Question = QUESTION
) -> Judged:
    """The answer, with nothing known from before."""
    return judge(sitting, question, facts, stops, {})


def first_reason(found: Judged) -> str:
    """The reason that decided."""
    return found.decision.reasons[0].value


def test_a_known_lead_is_judged_on_its_stored_facts() -> None:
    """The text of the facts is kept as it stood."""
    found = judged({"lead-1": CONSENTED})

    assert (found.decision.effect, found.lead_id, found.facts) == (Effect.ALLOW, "lead-1", CONSENTED)


def test_a_lead_of_which_nothing_was_told_is_a_no() -> None:
    """No country, no law, no contact."""
    assert first_reason(judged({"lead-1": "{}"})) == "JURISDICTION_UNRESOLVED"


def test_without_a_rulebook_everything_is_no() -> None:
    """A service that lost its rules does not guess."""
    sitting = replace(SITTING, rulebook=NO_RULEBOOK)

    assert judged({"lead-1": CONSENTED}, sitting=sitting).decision.effect is Effect.DENY
    assert judged({}, sitting=sitting).decision.effect is Effect.DENY


def test_a_stop_of_the_address_is_added_to_what_is_stored() -> None:
    """An objection kept by hash counts at once, and stands in the facts used."""
    found = judged({"lead-1": CONSENTED}, Stop(ObjectionKind.DIRECT_MARKETING, NOW))

    assert first_reason(found) == "OBJECTION_DIRECT_MARKETING"
    assert json.loads(found.facts)["objections"][0]["type"] == "direct_marketing"


@pytest.mark.parametrize(
    ("stops", "expected"),
    [
        ([], "LEAD_UNKNOWN"),
        ([Stop(SuppressionKind.ERASURE_SUPPRESSION, EARLIER)], "SUPPRESSED_AFTER_ERASURE"),
        ([Stop(SuppressionKind.UNSUBSCRIBE, EARLIER, ("email",))], "UNSUBSCRIBED"),
        ([Stop(SuppressionKind.UNSUBSCRIBE, EARLIER, ("sms",))], "LEAD_UNKNOWN"),
        ([Stop(ObjectionKind.PROFILING, EARLIER, purposes=("profiling",))], "LEAD_UNKNOWN"),
        (
            [Stop(SuppressionKind.BOUNCE, EARLIER), Stop(SuppressionKind.ERASURE_SUPPRESSION, EARLIER)],
            "SUPPRESSED_AFTER_ERASURE",
        ),
    ],
)
def test_somebody_unknown_is_answered_by_what_was_kept(stops: list[Stop], expected: str) -> None:
    """By the strongest that covers channel and purpose; without a lead."""
    found = judged({}, *stops)

    assert (first_reason(found), found.lead_id, found.decision.effect) == (expected, None, Effect.DENY)


def test_of_several_leads_the_strictest_answers() -> None:
    """One no is a no for their common address, in whatever order they come."""
    objected = {"type": "direct_marketing", "scope": "all", "received_on": "2026-11-20T10:00:00+00:00"}
    facts = {"lead-1": CONSENTED, "lead-2": json.dumps(german_facts(objections=[objected]))}

    for order in (facts, dict(reversed(facts.items()))):
        found = judged(order)
        assert (found.decision.effect, found.lead_id) == (Effect.DENY, "lead-2")


@pytest.mark.parametrize(
    ("purposes", "contract", "expected"),
    [
        (None, True, "PURPOSE_INCOMPATIBLE"),
        (frozenset({"research"}), True, "PURPOSE_INCOMPATIBLE"),
        (frozenset({"service_notice"}), False, "PURPOSE_INCOMPATIBLE"),
        (frozenset({"service_notice"}), True, "SERVICE_MESSAGE"),
    ],
)
def test_a_service_notice_needs_a_key_made_for_it_and_a_contract(
    purposes: frozenset[str] | None, expected: str, *, contract: bool
) -> None:
    """The asker does not choose the truth."""
    sitting = replace(SITTING, asker=Asker("key-1", purposes))
    facts = json.dumps(german_facts(relationship={"type": "customer", "contract_active": contract}))

    found = judged({"lead-1": facts}, sitting=sitting, question=Question("email", "service_notice"))

    assert first_reason(found) == expected


def test_a_wrong_purpose_does_not_hide_an_earlier_no() -> None:
    """The stages keep their order: an erased person is erased, whatever is asked."""
    stop = Stop(SuppressionKind.ERASURE_SUPPRESSION, EARLIER)

    found = judged({"lead-1": CONSENTED}, stop, question=Question("email", "legal_notice"))

    assert first_reason(found) == "SUPPRESSED_AFTER_ERASURE"


def test_leads_with_the_same_facts_are_judged_once() -> None:
    """The second finds the decision of the first; another question does not."""
    known: Known = {}
    for question in (QUESTION, QUESTION, Question("sms", "direct_marketing")):
        judge(SITTING, question, {"lead-1": CONSENTED}, (), known)

    assert len(known) == 2
