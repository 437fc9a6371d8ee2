"""The contract of `evaluate`: every fact of `facts.md` is known, everything else is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.flows.clients import problem
from tests.flows.living import Living

RULES = Path(__file__).resolve().parents[2].parent / "shared" / "rules"
LEAST = {"now": "2026-06-10T10:00:00+02:00", "channel": "email", "purpose": "direct_marketing"}
ANSWER = {"effect", "reasons", "rules", "obligations", "valid_until", "needs_review", "rulebook"}
FULL: dict[str, Any] = {
    **LEAST,
    "jurisdiction": "DE",
    "candidates": ["DE", "AT"],
    "recipient_tz": "Europe/Berlin",
    "recipient_kind": "corporate_subscriber",
    "address_type": "named_work",
    "number_type": "mobile",
    "source": "data_broker",
    "obtained_on": "2026-06-01",
    "consents": [
        {
            "channels": ["email"],
            "purposes": ["direct_marketing"],
            "given_on": "2026-01-01",
            "withdrawn_on": None,
            "expires_on": "2027-01-01",
            "last_used_on": "2026-05-01",
            "proof": "double_opt_in",
            "wording_version": "3",
        },
        {"channels": ["sms"], "given_on": "2026-01-01", "proof": None},
    ],
    "objections": [{"type": "do_not_call", "scope": ["phone_live"], "received_on": "2026-01-01"}],
    "suppressions": [
        {"type": "bounce", "channels": ["sms"], "received_on": "2026-01-01", "hash_match": True}
    ],
    "restrictions": [],
    "relationship": {
        "type": "customer",
        "contract_active": False,
        "last_purchase_on": "2026-01-01",
        "contract_ended_on": "2026-01-01",
        "last_inquiry_on": "2026-01-01",
        "email_from_sale": True,
        "own_similar_products": True,
        "opt_out_offered_at_collection": True,
        "objected": False,
    },
    "last_inbound_contact_on": "2026-05-01",
    "notice_given_on": "2026-06-02",
    "notice_in_first_message": False,
    "lia": "LIA-1",
    "presumed_consent": {"substantiated": True, "reason": "r"},
    "publication": {"conspicuous": True, "no_solicitation_statement": False, "evidence": "e"},
    "role_relevant": True,
    "b2b_message": True,
    "mass_sending": False,
    "minor": False,
    "register_checks": [{"register": "TPS", "checked_on": "2026-06-01", "listed": False}],
    "content": {
        "promotional": True,
        "unsubscribe": True,
        "postal_address": True,
        "accurate_header": True,
    },
    "signals": {"gpc": False},
    "contacts": {"email": ["2026-05-01T10:00:00+02:00"]},
}


def test_every_fact_of_the_vocabulary_is_known(contracted: Living) -> None:
    """All at once, and each by itself."""
    answer = contracted.ask("POST", "/v1/decisions/evaluate", {"facts": FULL})
    assert set(answer) >= ANSWER
    assert (answer["effect"], answer["reasons"][0]) == ("allow", "CONSENT_VALID")
    for name, value in FULL.items():
        reply = contracted.call("POST", "/v1/decisions/evaluate", {"facts": LEAST | {name: value}})
        assert reply.status == 200, (name, reply)


def test_nothing_is_stored_and_nothing_signed(contracted: Living) -> None:
    """No decision, no entry, no receipt."""
    answer = contracted.ask("POST", "/v1/decisions/evaluate", {"facts": FULL})

    assert not {"decision_id", "receipt", "audit", "lead_id"} & set(answer)


@pytest.mark.parametrize("name", LEAST)
def test_three_facts_are_asked_for(contracted: Living, name: str) -> None:
    """`now`, `channel` and `purpose`."""
    facts = {each: value for each, value in LEAST.items() if each != name}

    problem(contracted.call("POST", "/v1/decisions/evaluate", {"facts": facts}), 422)


@pytest.mark.parametrize(
    "wrong",
    [
        {"surplus": 1},
        {"consents": [{"surplus": 1, **FULL["consents"][0]}]},
        {"relationship": {"surplus": 1}},
        {"content": {"surplus": True}},
        {"signals": {"dnt": True}},
        {"now": "2026-06-10T10:00:00"},
        {"now": "2026-06-10"},
        {"channel": "smoke"},
        {"obtained_on": "01.06.2026"},
        {"jurisdiction": "Germany"},
        {"minor": "no"},
        {"consents": {}},
        {"contacts": {"smoke": []}},
    ],
)
def test_unknown_keys_and_wrong_values_are_422(contracted: Living, wrong: dict[str, Any]) -> None:
    """At every depth."""
    problem(contracted.call("POST", "/v1/decisions/evaluate", {"facts": LEAST | wrong}), 422)


def test_nothing_known_is_a_no(contracted: Living) -> None:
    """Fail closed, with its reason."""
    answer = contracted.ask("POST", "/v1/decisions/evaluate", {"facts": LEAST})

    assert (answer["effect"], answer["reasons"][0]) == ("deny", "JURISDICTION_UNRESOLVED")
    assert answer["needs_review"] is True
    answer = contracted.ask("POST", "/v1/decisions/evaluate", {"facts": LEAST | {"candidates": ["DE"]}})
    assert answer["reasons"][0] == "JURISDICTION_UNRESOLVED"


def test_the_public_cases_pass_over_http(contracted: Living) -> None:
    """As many as lie beside the repository."""
    if not (RULES / "decision-cases.json").exists():
        pytest.skip("the public cases do not lie beside the repository")
    cases = json.loads((RULES / "decision-cases.json").read_text())["cases"]
    wrong = {}
    for case in cases:
        answer = contracted.ask("POST", "/v1/decisions/evaluate", {"facts": case["facts"]})
        if not _is_met(case["expected"], answer):
            wrong[case["id"]] = (case["expected"], answer)
    assert wrong == {}


def test_the_public_deadlines_pass_over_http(contracted: Living) -> None:
    """`due` of every name that a case expects, each with safe date, law and explanation."""
    if not (RULES / "deadline-cases.json").exists():
        pytest.skip("the public cases do not lie beside the repository")
    wrong = {}
    for case in json.loads((RULES / "deadline-cases.json").read_text())["cases"]:
        answer = contracted.ask("POST", "/v1/deadlines", case["call"])["deadlines"]
        assert all(set(each) >= {"name", "due", "safe", "law", "explanation"} for each in answer)
        due = {each["name"]: each["due"] for each in answer}
        if {name: due.get(name) for name in case["expected"]} != case["expected"]:
            wrong[case["id"]] = (case["expected"], due)
    assert wrong == {}


@pytest.mark.parametrize(
    ("regime", "event", "names"),
    [
        ("gdpr", "request_received", {"respond", "extension_notice"}),
        ("gdpr", "data_obtained", {"notice", "notice_outer_limit"}),
        ("gdpr", "breach_aware", {"notify_authority"}),
        ("uk_gdpr", "request_received", {"respond", "extension_notice"}),
        ("uk_gdpr", "complaint_received", {"acknowledge"}),
        ("ccpa", "request_received", {"acknowledge", "respond"}),
        ("ccpa", "opt_out_received", {"honour_opt_out", "ask_again_not_before"}),
        ("can_spam", "opt_out_received", {"honour_opt_out"}),
        ("tcpa", "opt_out_received", {"honour_opt_out"}),
        ("casl", "opt_out_received", {"honour_opt_out"}),
        ("au_spam", "opt_out_received", {"honour_opt_out"}),
        ("tcpa", "register_checked", {"register_check_valid_until"}),
        ("sg_pdpa", "register_checked", {"register_check_valid_until"}),
        ("casl", "inquiry", {"implied_consent_valid_until"}),
        ("casl", "purchase", {"implied_consent_valid_until"}),
        ("fr_cnil", "last_inbound_contact", {"retention_end"}),
        ("lgpd", "request_received", {"respond"}),
    ],
)
def test_every_clock_that_an_event_starts(
    contracted: Living, regime: str, event: str, names: set[str]
) -> None:
    """By moment or, where that is no instant, by day; the extended one where it is asked for."""
    call = {"regime": regime, "event": event}
    at = {"occurred_at": "2026-06-10T10:00:00+02:00", "time_zone": "Europe/Berlin"}

    got = {each["name"] for each in contracted.ask("POST", "/v1/deadlines", call | at)["deadlines"]}
    assert names <= got
    assert got - names <= {"respond_extended"}
    if event != "breach_aware":
        contracted.ask("POST", "/v1/deadlines", call | {"occurred_on": "2026-06-10"})
    if "extension_notice" in names:
        extended = contracted.ask("POST", "/v1/deadlines", call | at | {"extended": True})["deadlines"]
        assert "respond_extended" in {each["name"] for each in extended}


@pytest.mark.parametrize(
    "wrong",
    [
        {"regime": "hipaa"},
        {"event": "birthday"},
        {"event": "inquiry"},
        {"time_zone": "Mars/Olympus"},
        {"calendar": "XX"},
        {"occurred_on": "2026-06-10"},
        {"occurred_at": None},
        {"surplus": 1},
        {"extended": "yes"},
    ],
)
def test_wrong_questions_for_deadlines_are_422(contracted: Living, wrong: dict[str, Any]) -> None:
    """Exactly one of moment and day; known regimes, events, zones and calendars."""
    call = {"regime": "gdpr", "event": "request_received", "occurred_at": "2026-06-10T10:00:00+02:00"}

    problem(contracted.call("POST", "/v1/deadlines", call | wrong), 422)


def _is_met(expected: dict[str, Any], answer: dict[str, Any]) -> bool:
    """What the cases say of themselves: the first reason first, the others and the obligations contained."""
    same = all(
        answer.get(name) == expected[name]
        for name in ("effect", "needs_review", "retry_not_before")
        if name in expected
    )
    contained = all(set(expected.get(name, [])) <= set(answer[name]) for name in ("reasons", "obligations"))
    return same and contained and expected["reasons"][:1] == answer["reasons"][:1]
