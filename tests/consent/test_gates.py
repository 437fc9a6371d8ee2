"""Stages 5 to 7, each by itself."""

from typing import Any

from consent.gates import judge_basis, judge_channel, judge_registers
from consent.reasons import Reason
from tests.consent.cases import case_of


def check(register: str, day: str, *, listed: bool = False) -> dict[str, Any]:
    """A check of a register."""
    return {"register": register, "checked_on": day, "listed": listed}


def test_a_fax_needs_consent_or_all_that_the_exception_asks() -> None:
    """A relationship, a number that was handed over, and the opt-out notice in the message."""
    fax = {"jurisdiction": "US-NY", "channel": "fax", "relationship": {"last_purchase_on": "2026-01-01"}}

    assert judge_channel(case_of(**fax)) == (Reason.CHANNEL_PROHIBITED,)
    assert judge_channel(case_of(**fax, source="web_form")) == (Reason.CHANNEL_PROHIBITED,)
    exempt = case_of(**fax, source="web_form", content={"unsubscribe": True})
    assert judge_channel(exempt) == ()
    assert judge_basis(exempt) == ()
    assert exempt.allow == (Reason.IMPLIED_CONSENT_EBR,)


def test_listed_comes_before_stale_before_missing() -> None:
    """All that is wrong is told."""
    call = {"jurisdiction": "GB", "channel": "phone_live"}

    assert judge_registers(case_of(**call)) == (Reason.DNC_CHECK_MISSING,)
    stale = case_of(**call, register_checks=[check("TPS", "2026-01-01")])
    assert judge_registers(stale) == (Reason.DNC_CHECK_STALE, Reason.DNC_CHECK_MISSING)
    listed = case_of(
        **call, register_checks=[check("TPS", "2025-01-01", listed=True), check("CTPS", "2026-01-01")]
    )
    assert judge_registers(listed) == (Reason.DNC_LISTED, Reason.DNC_CHECK_STALE)


def test_registers_are_not_asked_where_the_cell_is_opt_in() -> None:
    """Germany has none; Ireland's mobiles need consent anyway."""
    for place in ("DE", "IE"):
        assert judge_registers(case_of(jurisdiction=place, channel="phone_live")) == ()


def test_a_register_that_blocks_is_asked_only_whether_listed() -> None:
    """Italy's automated calls: listed blocks, a missing check does not."""
    call = {"jurisdiction": "IT", "channel": "phone_automated"}

    assert judge_registers(case_of(**call)) == ()
    listed = case_of(**call, register_checks=[check("RPO", "2026-11-20", listed=True)])
    assert judge_registers(listed) == (Reason.DNC_LISTED,)


def test_reasons_about_consent_come_first_and_that_it_is_required_last() -> None:
    """Consent on file, then role, then assessment."""
    case = case_of(
        jurisdiction="FR", consents=[{"channels": ["sms"], "given_on": "2026-01-01", "proof": "web_form"}]
    )

    assert judge_basis(case) == (
        Reason.CONSENT_SCOPE_MISMATCH,
        Reason.ROLE_NOT_RELEVANT,
        Reason.LIA_MISSING,
        Reason.CONSENT_REQUIRED,
    )


def test_a_role_address_rests_on_no_assessment() -> None:
    """And says nothing of one; with an assessment it may."""
    info = {"jurisdiction": "GB", "address_type": "role"}
    without, with_lia = case_of(**info), case_of(**info, lia="L")

    assert (judge_basis(without), without.allow) == ((), (Reason.CORPORATE_SUBSCRIBER_EXEMPT,))
    assert judge_basis(with_lia) == ()
    assert with_lia.allow == (Reason.CORPORATE_SUBSCRIBER_EXEMPT, Reason.LEGITIMATE_INTEREST)


def test_implied_consent_says_until_when() -> None:
    """The later of purchase and end of contract."""
    case = case_of(
        jurisdiction="CA", relationship={"last_purchase_on": "2025-01-01", "contract_ended_on": "2025-06-30"}
    )

    assert judge_basis(case) == ()
    assert "recheck_by:2027-06-30" in case.obligations
