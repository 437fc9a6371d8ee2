"""An explanation goes through all stages, and says what is missing for a yes."""

import json
from typing import Any

import pytest

from consent.casebook import DecisionCase, decision_cases
from consent.decision import decide
from consent.explaining import explain
from consent.facts import parse
from consent.reasons import MISSING, STAGES, Reason
from consent.rulebook import NO_RULEBOOK, starting_rulebook

CALL: dict[str, Any] = {
    "now": "2026-11-24T21:00:00+01:00",
    "jurisdiction": "DE",
    "recipient_kind": "corporate_subscriber",
    "channel": "phone_live",
    "purpose": "direct_marketing",
    "source": "data_broker",
    "presumed_consent": {"substantiated": False},
    "consents": [
        {"channels": ["email"], "given_on": "2026-01-01", "proof": "web_form"},
        {
            "channels": ["phone_live"],
            "given_on": "2026-01-01",
            "withdrawn_on": "2026-02-01",
            "proof": "web_form",
        },
    ],
}


def test_it_goes_on_after_the_first_no() -> None:
    """Withdrawn, presumed without substance, no notice, at night: each stage is told."""
    found = explain(starting_rulebook(), parse(CALL))
    denied = {one.name: one.reasons[0] for one in found.tried if one.result == "denied"}

    assert found.decision == decide(starting_rulebook(), parse(CALL))
    assert denied == {
        "objections": Reason.CONSENT_WITHDRAWN,
        "legal basis": Reason.CONSENT_SCOPE_MISMATCH,
        "transparency": Reason.NOTICE_ART14_OVERDUE,
        "time": Reason.OUTSIDE_PERMITTED_HOURS,
    }
    assert found.missing[0] == MISSING[Reason.CONSENT_WITHDRAWN]


def test_every_consent_and_every_ground_is_tried() -> None:
    """Each consent on file by its number, each stand-in by its name."""
    found = explain(starting_rulebook(), parse(CALL))
    tried = {one.what: (one.result, one.reasons) for one in found.tried if one.stage == 7}

    assert tried["consent 1"] == ("not met", (Reason.CONSENT_SCOPE_MISMATCH,))
    assert tried["consent 2"] == ("not met", (Reason.CONSENT_WITHDRAWN,))
    assert tried["presumed_consent"] == ("not met", (Reason.PRESUMED_CONSENT_NOT_SUBSTANTIATED,))


def test_a_service_message_leaves_early() -> None:
    """What would have been asked of advertising was not asked."""
    notice = CALL | {"purpose": "service_notice", "relationship": {"contract_active": True}}
    found = explain(starting_rulebook(), parse(notice))

    assert {one.result for one in found.tried if one.stage > 3} == {"not asked"}
    assert found.missing == ()


def test_an_unresolved_question_says_what_it_lacks() -> None:
    """No country, or no rulebook."""
    nowhere = parse(CALL | {"jurisdiction": None})

    assert explain(starting_rulebook(), nowhere).missing == (MISSING[Reason.JURISDICTION_UNRESOLVED],)
    assert explain(NO_RULEBOOK, nowhere).missing == (MISSING[Reason.RULEBOOK_MISSING],)


@pytest.mark.parametrize("case", decision_cases(), ids=lambda case: case.id)
def test_the_stage_that_decided_is_told_as_it_was_decided(case: DecisionCase) -> None:
    """For every case of the table: same reasons at the same stage, nothing missing for a yes; plain JSON."""
    facts = parse(dict(case.facts))
    found = explain(starting_rulebook(), facts)
    decision = found.decision
    told = [reason for one in found.tried if one.stage == decision.stage for reason in one.reasons]

    if decision.effect == "deny" and found.tried:
        assert set(decision.reasons) <= set(told)
    if decision.effect == "allow":
        assert "denied" not in {one.result for one in found.tried}
    assert {one.name for one in found.tried} <= set(STAGES)
    json.dumps(found.document())
