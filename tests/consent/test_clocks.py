"""The clocks of the rulebook are those of the contract."""

from typing import Any

import pytest

from consent.clocks import Pauses, Unit, read_clocks
from consent.rulebook import starting_rulebook
from consent.tablesyntax import Faults

CONTRACT = {
    "gdpr": {
        "request_received": {"respond", "extension_notice", "respond_extended"},
        "data_obtained": {"notice", "notice_outer_limit"},
        "breach_aware": {"notify_authority"},
    },
    "ccpa": {
        "request_received": {"acknowledge", "respond", "respond_extended"},
        "opt_out_received": {"honour_opt_out", "ask_again_not_before"},
    },
    "can_spam": {"opt_out_received": {"honour_opt_out"}},
    "tcpa": {
        "opt_out_received": {"honour_opt_out"},
        "register_checked": {"register_check_valid_until"},
    },
    "casl": {
        "opt_out_received": {"honour_opt_out"},
        "inquiry": {"implied_consent_valid_until"},
        "purchase": {"implied_consent_valid_until"},
    },
    "au_spam": {"opt_out_received": {"honour_opt_out"}},
    "sg_pdpa": {"register_checked": {"register_check_valid_until"}},
    "fr_cnil": {"last_inbound_contact": {"retention_end"}},
    "lgpd": {"request_received": {"respond"}},
}
CONTRACT["uk_gdpr"] = CONTRACT["gdpr"] | {"complaint_received": {"acknowledge"}}


@pytest.mark.parametrize("regime", sorted(CONTRACT))
def test_every_event_starts_its_clocks(regime: str) -> None:
    """By the names of the contract."""
    clocks = starting_rulebook().clocks
    for event, names in CONTRACT[regime].items():
        assert {clock.name for clock in clocks[regime, event]} == names


def test_the_laws_differ_in_how_they_pause() -> None:
    """The union adds days, the United Kingdom restarts, California does neither."""
    clocks = starting_rulebook().clocks
    pauses = {law: clocks[law, "request_received"][0].pauses for law in ("gdpr", "uk_gdpr", "ccpa")}

    assert pauses == {"gdpr": Pauses.ADD_DAYS, "uk_gdpr": Pauses.RESTART, "ccpa": Pauses.NONE}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({}, None),
        ({"period": "10 fortnights"}, "period"),
        ({"pauses": "sometimes"}, "pauses"),
        ({"calendar": "XX"}, "calendar"),
        ({"only_when": "asked"}, "only_when"),
        ({"safe": ["sound"]}, "safe.0"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_fault_is_named_by_its_place(changes: dict[str, Any], place: str | None) -> None:
    """Every key of a clock."""
    faults = Faults()
    clock = {"name": "respond", "period": "10 business_days", "law": "a law", "calendar": "US"}
    found = read_clocks({"ccpa": {"request_received": [clock | changes]}}, faults)

    assert list(faults.found) == ([f"deadlines.ccpa.request_received.0.{place}"] if place else [])
    if place is None:
        assert found["ccpa", "request_received"][0].unit is Unit.BUSINESS_DAY
