"""A consent as an ISO/IEC TS 27560:2023 record, so that others can read it. Pure.

Field names are the standard's; states are the Data Privacy Vocabulary's. Source: the DPV guide to TS 27560.
"""

from collections.abc import Mapping
from typing import Any

from consent.events import Recorded
from consent.notices import Notice

SCHEMA = "ISO/IEC TS 27560:2023"

_STATES = {
    "given": "ConsentGiven",
    "refused": "ConsentRefused",
    "withdrawn": "ConsentWithdrawn",
    "renewed": "RenewedConsentGiven",
}


def consent_record(recorded: Recorded, notice: Notice | None, controller: str) -> dict[str, Any]:
    """The record of one consent, given by or to `controller` (its name as people know it)."""
    event, details = recorded.event, recorded.event.details
    return {
        "schema_version": SCHEMA,
        "record_id": event.id,
        "pii_principal_id": event.lead_id,
        "pii_processing": {
            "privacy_notice": _notice(notice, details),
            "purposes": [_purpose(str(purpose), details) for purpose in _words(details["purposes"])],
        },
        "party_identification": [
            {"party_name": controller, "party_role": "pii_controller", "party_type": "organisation"}
        ],
        "events": [
            {
                "event_time": event.occurred_at.isoformat(),
                "event_type": "ExpressedConsent",
                "event_state": _STATES[str(details["status"])],
                "validity_duration": {"until": details.get("expires_at")},
                "entity_id": "pii_principal" if details.get("initiative") == "subject" else "pii_controller",
                "recorded_at": recorded.recorded_at.isoformat(),
                "audit_entry_id": recorded.entry_id,
            }
        ],
    }


def _notice(notice: Notice | None, details: Mapping[str, Any]) -> dict[str, Any]:
    """The wording as it was shown, and the digest that the audit entry names."""
    return {
        "version": details["wording_version"],
        "language": notice and notice.language,
        "text": notice and notice.text,
        "sha256": details["notice"],
    }


def _purpose(purpose: str, details: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "purpose": purpose,
        "lawful_basis": "consent",
        "collection_method": details["method"],
        "pii_source": details["source_key"],
        "processing_method": [f"contact:{channel}" for channel in _words(details["channels"])],
        "proof": details.get("proof"),
        "withdrawal_method": "POST /v1/consents",
    }


def _words(value: Any) -> list[str]:
    return list(value)
