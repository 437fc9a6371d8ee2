"""The contract of events: every kind of fact is taken with its details, and counts in the next decision."""

from typing import Any

import pytest

from tests.flows.clients import ahead, lead_of, problem
from tests.flows.living import Living
from tests.flows.people import GIVEN, SINCE, consent_of, line, question_of

RELATIONSHIP: dict[str, Any] = {
    "email_from_sale": True,
    "own_similar_products": True,
    "opt_out_offered_at_collection": True,
}
EVENTS: dict[str, dict[str, Any]] = {
    "purchase": RELATIONSHIP,
    "inquiry": {},
    "contract_started": {},
    "contract_ended": {},
    "inbound_contact": {},
    "notice_given": {"article": "14", "version": "2026-01"},
    "register_check": {"register": "TPS", "listed": False},
    "publication": {"conspicuous": True, "no_solicitation_statement": False, "evidence": "sealed page"},
    "presumed_interest": {"substantiated": True, "reason": "buys such machines"},
    "legitimate_interest_assessment": {"id": "LIA-7"},
    "message_sent": {"channel": "email"},
    "bounce": {"channel": "email"},
    "complaint": {"channel": "email"},
    "signal": {"gpc": True},
}


@pytest.fixture(scope="module")
def lead_id(contracted: Living) -> str:
    """A lead to tell of."""
    return lead_of(contracted, "events@firm.example")


@pytest.mark.parametrize("kind", EVENTS)
def test_every_kind_is_taken_with_its_details(contracted: Living, lead_id: str, kind: str) -> None:
    """201; an unknown detail is 422, and so is a missing moment."""
    path = f"/v1/leads/{lead_id}/events"
    body = {"kind": kind, "occurred_at": GIVEN, **EVENTS[kind]}

    reply = contracted.call("POST", path, body)
    assert reply.status == 201, reply
    problem(contracted.call("POST", path, body | {"surplus": 1}), 422)
    problem(contracted.call("POST", path, {"kind": kind, **EVENTS[kind]}), 422)


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "birthday", "occurred_at": GIVEN},
        {"kind": "purchase", "occurred_at": "yesterday"},
        {"kind": "purchase", "occurred_at": "2026-03-01T09:00:00"},
        {"kind": "register_check", "occurred_at": GIVEN},
        {"kind": "register_check", "occurred_at": GIVEN, "register": "TPS", "listed": "no"},
        {"kind": "message_sent", "occurred_at": GIVEN, "channel": "smoke"},
        {"kind": "message_sent", "occurred_at": GIVEN},
        {"kind": "legitimate_interest_assessment", "occurred_at": GIVEN},
        {"kind": "bounce", "occurred_at": GIVEN, "channels": ["smoke"]},
        {"occurred_at": GIVEN},
    ],
)
def test_wrong_events_are_422(contracted: Living, lead_id: str, body: dict[str, Any]) -> None:
    """Unknown kinds, moments without offset, details of other types, details that are missing."""
    problem(contracted.call("POST", f"/v1/leads/{lead_id}/events", body), 422)


def test_an_event_of_an_unknown_lead_is_404(contracted: Living) -> None:
    """Nothing is minted for it."""
    path = "/v1/leads/0b8c0f5e-5b0e-4a52-9c0d-0d3f3a1f7e55/events"

    problem(contracted.call("POST", path, {"kind": "inquiry", "occurred_at": GIVEN}), 404, "lead_unknown")


def test_a_purchase_makes_a_soft_opt_in(contracted: Living) -> None:
    """GB: with all its conditions, and only then."""
    asked = lead_of(contracted, "soft@firm.example", country="GB", recipient_kind="individual_subscriber")
    assert _first(contracted, "soft@firm.example") == ("deny", "CONSENT_REQUIRED")

    _tell(contracted, asked, "purchase", **RELATIONSHIP)
    assert _first(contracted, "soft@firm.example") == ("allow", "SOFT_OPT_IN")


def test_a_register_check_opens_the_telephone(contracted: Living) -> None:
    """GB companies: CTPS and TPS both, fresh; one that says listed closes it."""
    lead = line("tps@firm.example", country="GB", recipient_kind="corporate_subscriber")
    lead["identifiers"].append({"type": "phone", "value": "+442079460123"})
    lead_id = contracted.ask("POST", "/v1/leads", lead)["lead_id"]
    call = {"channel": "phone_live"}
    assert _first(contracted, "tps@firm.example", **call) == ("deny", "DNC_CHECK_MISSING")

    today = ahead(hours=-1)
    _tell(contracted, lead_id, "register_check", at=today, register="CTPS", listed=False)
    assert _first(contracted, "tps@firm.example", **call) == ("deny", "DNC_CHECK_MISSING")
    _tell(contracted, lead_id, "register_check", at=today, register="TPS", listed=True)
    assert _first(contracted, "tps@firm.example", **call) == ("deny", "DNC_LISTED")
    _tell(contracted, lead_id, "register_check", register="TPS", listed=False)
    assert _first(contracted, "tps@firm.example", **call)[0] == "deny"


@pytest.mark.parametrize(("kind", "code"), [("bounce", "BOUNCED"), ("complaint", "COMPLAINED")])
def test_bounces_and_complaints_stop(contracted: Living, kind: str, code: str) -> None:
    """In the very next decision, though there is a consent."""
    email = f"{kind}.stops@firm.example"
    lead_id = lead_of(contracted, email)
    contracted.ask("POST", "/v1/consents", consent_of(email))
    assert _first(contracted, email) == ("allow", "CONSENT_VALID")

    _tell(contracted, lead_id, kind, at=ahead(minutes=-1), channel="email")
    assert _first(contracted, email) == ("deny", code)


def test_details_go_by_the_names_of_facts_too(contracted: Living) -> None:
    """`lia` of an assessment, `channels` of what stops."""
    email = "names@facts.example"
    lead_id = lead_of(contracted, email, country="GB", recipient_kind="corporate_subscriber")
    _tell(contracted, lead_id, "legitimate_interest_assessment", lia="LIA-7")
    assert _first(contracted, email) == ("allow", "CORPORATE_SUBSCRIBER_EXEMPT")

    _tell(contracted, lead_id, "bounce", channels=["sms"])
    assert _first(contracted, email)[0] == "allow"
    _tell(contracted, lead_id, "complaint", channels=["sms", "email"])
    assert _first(contracted, email) == ("deny", "COMPLAINED")


def test_a_signal_of_the_browser_opts_out_of_sale(contracted: Living) -> None:
    """GPC in California."""
    email = "gpc@firm.example"
    lead_id = lead_of(contracted, email, country="US", region="US-CA", recipient_kind="consumer")

    _tell(contracted, lead_id, "signal", at=ahead(minutes=-1), gpc=True)
    assert _first(contracted, email, purpose="sharing", channel="retargeting_ads") == (
        "deny",
        "SALE_SHARING_OPT_OUT",
    )


def test_an_article_14_notice_and_an_assessment_allow_companies(contracted: Living) -> None:
    """A corporate subscriber in GB from a broker: no notice, no assessment, no contact."""
    email = "broker@firm.example"
    source = {"key": "b", "kind": "data_broker", "obtained_at": ahead(days=-10)}
    lead = line(email, country="GB", recipient_kind="corporate_subscriber", source=source)
    del lead["notice"]
    lead_id = contracted.ask("POST", "/v1/leads", lead)["lead_id"]
    assert _first(contracted, email) == ("deny", "LIA_MISSING")

    _tell(contracted, lead_id, "legitimate_interest_assessment", id="LIA-1")
    assert _first(contracted, email) == ("deny", "NOTICE_ART14_OVERDUE")
    promised = contracted.ask(
        "POST", "/v1/decisions", question_of(email, context={"notice_in_first_message": True})
    )
    assert promised["effect"] == "allow"
    assert {"give_art14_notice", "state_source"} <= set(promised["obligations"])
    _tell(contracted, lead_id, "notice_given", at=ahead(days=-1), article="14", version="2026-01")
    assert _first(contracted, email) == ("allow", "CORPORATE_SUBSCRIBER_EXEMPT")


def test_a_notice_under_article_13_is_asked_of_stored_leads(contracted: Living) -> None:
    """Sources other than third parties."""
    email = "unnoticed@firm.example"
    lead = line(email)
    del lead["notice"]
    lead_id = contracted.ask("POST", "/v1/leads", lead)["lead_id"]
    contracted.ask("POST", "/v1/consents", consent_of(email))
    assert _first(contracted, email) == ("deny", "NOTICE_ART13_MISSING")

    _tell(contracted, lead_id, "notice_given", article="13", version="2026-01")
    assert _first(contracted, email) == ("allow", "CONSENT_VALID")


def test_implied_consent_in_canada(contracted: Living) -> None:
    """A purchase and an inquiry, of the last months."""
    for kind, code in (("purchase", "IMPLIED_CONSENT_EBR"), ("inquiry", "IMPLIED_CONSENT_INQUIRY")):
        email = f"{kind}@canada.example"
        lead_id = lead_of(contracted, email, country="CA", recipient_kind="corporate_subscriber")
        _tell(contracted, lead_id, kind, at=ahead(days=-30))
        answer = contracted.ask("POST", "/v1/decisions", question_of(email))
        assert (answer["effect"], answer["reasons"][0]) == ("allow", code)
        assert any(duty.startswith("recheck_by:") for duty in answer["obligations"])


def test_a_published_address_in_canada(contracted: Living) -> None:
    """Conspicuous, without a statement against, and relevant to the role."""
    email = "published@canada.example"
    lead_id = lead_of(contracted, email, country="CA", recipient_kind="corporate_subscriber")
    _tell(contracted, lead_id, "publication", **EVENTS["publication"])

    assert _first(contracted, email, context={"role_relevant": False})[0] == "deny"
    assert _first(contracted, email, context={"role_relevant": True}) == ("allow", "CONSPICUOUS_PUBLICATION")


def test_sources_are_mandatory_for_stored_leads_and_dates_are_kept(contracted: Living) -> None:
    """`GET /v1/decisions/{id}` names the facts by which it was decided."""
    email = "kept.facts@firm.example"
    lead_id = lead_of(contracted, email)
    _tell(contracted, lead_id, "inbound_contact", at=SINCE)
    decided = contracted.ask("POST", "/v1/decisions", question_of(email))

    shown = contracted.ask("GET", f"/v1/decisions/{decided['decision_id']}")
    assert "2026-02-01" in str(shown)


def _tell(service: Living, lead_id: str, kind: str, at: str = GIVEN, **details: Any) -> None:
    body = {"kind": kind, "occurred_at": at, **details}
    reply = service.call("POST", f"/v1/leads/{lead_id}/events", body)
    assert reply.status == 201, reply


def _first(service: Living, email: str, **question: Any) -> tuple[str, str]:
    answer = service.ask("POST", "/v1/decisions", question_of(email) | question)
    return answer["effect"], answer["reasons"][0]
