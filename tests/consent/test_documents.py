"""The grammar of a facts document: every key, every place."""

from typing import Any

import pytest

from consent.documents import check_document, is_day, is_instant, known_jurisdictions
from consent.vocabulary import Channel

WHOLE: dict[str, Any] = {
    "now": "2026-11-24T10:00:00.123456Z",
    "channel": "email",
    "purpose": "direct_marketing",
    "jurisdiction": "US-CA",
    "candidates": ["US-CA", "GB"],
    "recipient_tz": "America/Los_Angeles",
    "recipient_kind": "consumer",
    "address_type": "role",
    "number_type": "unknown",
    "source": "partner",
    "obtained_on": "2026-01-01",
    "consents": [
        {
            "channels": ["email"],
            "purposes": ["profiling"],
            "given_on": "2026-01-01",
            "withdrawn_on": "2026-01-02T00:00:00+01:00",
            "expires_on": "2027-01-01",
            "last_used_on": "2026-01-01",
            "proof": None,
            "wording_version": "v3",
        }
    ],
    "objections": [{"type": "profiling", "scope": ["email"], "received_on": "2026-01-01"}],
    "suppressions": [
        {"type": "bounce", "channels": ["email"], "received_on": "2026-01-01", "hash_match": True}
    ],
    "restrictions": [{"type": "art18", "since": "2026-01-01"}],
    "relationship": {"type": "customer", "contract_active": True, "objected": False},
    "last_inbound_contact_on": "2026-01-01",
    "notice_given_on": None,
    "notice_in_first_message": False,
    "lia": "LIA-1",
    "presumed_consent": {"substantiated": True, "reason": "tender"},
    "publication": {"conspicuous": True, "no_solicitation_statement": False, "evidence": "page"},
    "role_relevant": True,
    "b2b_message": True,
    "mass_sending": False,
    "minor": False,
    "register_checks": [{"register": "SG_DNC", "checked_on": "2026-01-01", "listed": False}],
    "content": {"promotional": True, "unsubscribe": True, "postal_address": True, "accurate_header": True},
    "signals": {"gpc": True},
    "contacts": {"email": ["2026-01-01T10:00:00Z"]},
}


def test_every_key_of_the_contract_is_known() -> None:
    """Nothing is wrong with a whole document."""
    assert check_document(WHOLE) == {}


@pytest.mark.parametrize("key", sorted(WHOLE))
@pytest.mark.parametrize("value", ["nonsense", 17, [17], {"x": 1}])
def test_every_key_minds_its_type(key: str, value: Any) -> None:
    """A fault stands under that key; a free text may be any text."""
    errors = check_document(WHOLE | {key: value})

    if (key, value) == ("lia", "nonsense"):
        assert errors == {}
    else:
        assert errors
        assert all(place.split(".")[0] == key for place in errors)


def test_a_list_has_an_end() -> None:
    """Nobody has a thousand consents."""
    assert check_document(WHOLE | {"objections": [WHOLE["objections"][0]] * 1001}) == {
        "objections": ["must have 0 to 1000 entries"]
    }


@pytest.mark.parametrize(
    ("text", "day", "instant"),
    [
        ("2026-11-24", True, False),
        ("2026-11-24T10:00:00Z", False, True),
        ("2026-11-24T10:00:00+05:30", False, True),
        ("2026-11-24T10:00:00", False, False),
        ("2026-11-24 10:00:00Z", False, False),
        ("2026-11-24T25:00:00Z", False, False),
        ("20261124", False, False),
        ("2026-W48-2", False, False),
        ("0001-01-01", False, False),
    ],
)
def test_days_and_instants_have_one_spelling(text: str, day: bool, instant: bool) -> None:  # noqa: FBT001 - a case
    """RFC 3339, within the years that can be counted in."""
    assert (is_day(text), is_instant(text)) == (day, instant)


def test_jurisdictions_are_those_of_iso_3166() -> None:
    """Countries and subdivisions; the United Kingdom is GB."""
    assert {"DE", "GB", "US-CA", "CA-ON", "AU-NSW"} <= known_jurisdictions()
    assert "UK" not in known_jurisdictions()
    assert len(Channel) == 10
