"""A consent as others read it."""

from datetime import datetime

from consent.events import Recorded
from consent.notices import Notice
from consent.records import SCHEMA, consent_record
from tests.consent.factories import a_consent, day


def test_a_record_says_who_what_when_and_what_was_shown(now: datetime) -> None:
    """Every part that the standard asks for is filled from the ledger, and the audit entry is named."""
    event = a_consent(
        1,
        method="web_form",
        source_key="newsletter",
        wording_version="v1",
        notice="d" * 64,
        initiative="subject",
    )
    record = consent_record(Recorded(event, now, "entry-1"), Notice("v1", "We write.", "en"), "Example Ltd")

    (told,) = record["events"]
    (purpose,) = record["pii_processing"]["purposes"]
    assert record["schema_version"] == SCHEMA
    assert record["pii_principal_id"] == "lead-1"
    assert record["party_identification"][0]["party_name"] == "Example Ltd"
    assert record["pii_processing"]["privacy_notice"]["text"] == "We write."
    assert (purpose["purpose"], purpose["lawful_basis"]) == ("direct_marketing", "consent")
    assert (told["event_state"], told["event_time"]) == ("ConsentGiven", day(1).isoformat())
    assert (told["entity_id"], told["audit_entry_id"]) == ("pii_principal", "entry-1")
