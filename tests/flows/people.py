"""Made-up people, and what is said of them, as bodies of calls."""

from typing import Any

SINCE = "2026-02-01T09:00:00+00:00"
GIVEN = "2026-03-01T09:00:00+00:00"


def line(email: str, **more: Any) -> dict[str, Any]:
    """A lead: the body of `POST /v1/leads`, and a line of an import."""
    return {
        "identifiers": [{"type": "email", "value": email}],
        "country": "DE",
        "profile": {"first_name": "Jo"},
        "source": {"key": "crm", "kind": "web_form", "obtained_at": SINCE},
        "notice": {"article": "13", "version": "2026-01", "given_at": SINCE},
        **more,
    }


def consent_of(email: str, **more: Any) -> dict[str, Any]:
    """A consent to e-mail."""
    return {
        "lead": {"email": email},
        "status": "given",
        "purposes": ["direct_marketing"],
        "channels": ["email"],
        "source_key": "form",
        "method": "double_opt_in",
        "notice": {"version": "2026-01", "text": "Yes, write to me.", "language": "en"},
        "occurred_at": GIVEN,
        "evidence": {"ip": "192.0.2.7"},
        **more,
    }


def objection_of(email: str, **more: Any) -> dict[str, Any]:
    """An objection to direct marketing on every channel."""
    return {
        "lead": {"email": email},
        "kind": "direct_marketing",
        "received_at": GIVEN,
        "via": "phone",
        **more,
    }


def question_of(email: str, **more: Any) -> dict[str, Any]:
    """May this person be sent an e-mail of direct marketing?"""
    return {"lead": {"email": email}, "channel": "email", "purpose": "direct_marketing", **more}


def request_of(email: str, **more: Any) -> dict[str, Any]:
    """A request to be erased."""
    return {"type": "erasure", "identities": [{"email": email}], **more}
