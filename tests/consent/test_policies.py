"""A company's own rules need no code: caps, quiet hours, expiry, where they are to hold."""

from typing import Any

import pytest

from consent.decision import Decision, decide
from consent.facts import parse
from consent.reasons import Reason
from consent.rulebook import as_json, parse_rulebook, starting_document

CITATION = {"law": "company policy", "article": "2026-11"}
QUESTION = {
    "now": "2026-11-24T10:00:00-05:00",
    "jurisdiction": "US-NY",
    "channel": "email",
    "purpose": "direct_marketing",
}


@pytest.fixture
def document() -> dict[str, Any]:
    """The starting rulebook, to be added to."""
    found: dict[str, Any] = as_json(starting_document())
    return found


def asked(document: dict[str, Any], **facts: Any) -> Decision:
    """The answer of that rulebook."""
    return decide(parse_rulebook(document), parse(QUESTION | facts))


def test_a_cap_of_the_company(document: dict[str, Any]) -> None:
    """Two e-mails a week, in the United States and its states only."""
    document["policies"]["caps"].append(
        {
            "id": "ACME-TWO-A-WEEK",
            "most": 2,
            "within": "7 days",
            "channels": ["email"],
            "jurisdictions": ["US"],
            "citation": CITATION,
        }
    )
    sent = {"email": ["2026-11-20T10:00:00-05:00", "2026-11-23T10:00:00-05:00"]}
    capped = asked(document, contacts=sent)

    assert capped.reasons == (Reason.FREQUENCY_CAP_REACHED,)
    assert capped.rules[0].id == "ACME-TWO-A-WEEK"
    assert capped.retry_not_before is not None
    assert capped.retry_not_before.isoformat() == "2026-11-27T10:00:00-05:00"
    assert asked(document, contacts=sent, jurisdiction="SG").effect == "allow"


def test_quiet_hours_of_the_company(document: dict[str, Any]) -> None:
    """No e-mail in the evening."""
    document["policies"]["quiet_hours"].append(
        {"id": "ACME-DAYTIME", "every_day": "09:00-18:00", "channels": ["email"], "citation": CITATION}
    )

    assert asked(document).effect == "allow"
    night = asked(document, now="2026-11-24T19:00:00-05:00")
    assert night.reasons == (Reason.OUTSIDE_PERMITTED_HOURS,)
    assert night.retry_not_before is not None
    assert night.retry_not_before.isoformat() == "2026-11-25T09:00:00-05:00"


def test_expiry_of_the_company(document: dict[str, Any]) -> None:
    """Consent is stale after six months instead of twenty-four."""
    consent = {"channels": ["email"], "given_on": "2026-05-01", "proof": "web_form"}
    document["consent"]["stale_after"] = "6 months"

    assert asked(document, jurisdiction="DE", consents=[consent]).reasons[0] is Reason.CONSENT_STALE
    assert asked(as_json(starting_document()), jurisdiction="DE", consents=[consent]).effect == "allow"
