"""Stages 1 to 4, each by itself."""

from typing import Any

import pytest

from consent.reasons import Reason
from consent.states import judge_objections, judge_origin, judge_purpose, judge_state
from tests.consent.cases import case_of

DOI = {"channels": ["email"], "given_on": "2026-06-01", "proof": "double_opt_in"}


def test_only_stored_leads_are_asked_for_their_source() -> None:
    """Stage 1."""
    assert judge_origin(case_of(), stored=False) == ()
    assert judge_origin(case_of(source="web_form"), stored=True) == (Reason.SOURCE_UNKNOWN,)


def test_all_that_is_wrong_with_a_record_is_told() -> None:
    """Stage 2: erased, restricted and a minor at once."""
    case = case_of(
        minor=True, restrictions=[{"type": "art18"}], suppressions=[{"type": "erasure_suppression"}]
    )

    assert judge_state(case) == (
        *(Reason.SUPPRESSED_AFTER_ERASURE, Reason.PROCESSING_RESTRICTED, Reason.MINOR),
    )


def test_a_customer_is_no_prospect() -> None:
    """A running contract keeps the record, whatever the last contact was."""
    old = {"jurisdiction": "FR", "last_inbound_contact_on": "2020-01-01"}

    assert judge_state(case_of(**old)) == (Reason.RETENTION_EXPIRED,)
    assert judge_state(case_of(**old, relationship={"contract_active": True})) == ()


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"source": "webinar", "obtained_on": "2026-05-23"}, (Reason.RETENTION_EXPIRED,)),
        ({"source": "webinar", "obtained_on": "2026-05-24"}, ()),
        ({"source": "business_card", "obtained_on": "2025-11-23"}, (Reason.RETENTION_EXPIRED,)),
        (
            {
                "source": "webinar",
                "obtained_on": "2026-01-01",
                "relationship": {"last_inquiry_on": "2026-10-01"},
            },
            (),
        ),
        ({"source": "webinar", "obtained_on": "2026-01-01", "consents": [DOI]}, ()),
        ({"source": "web_form", "obtained_on": "2020-01-01"}, ()),
    ],
)
def test_follow_up_on_an_opt_out_has_its_window(facts: dict[str, Any], expected: tuple[Reason, ...]) -> None:
    """Six months after a webinar, twelve after a card, unless the person came back."""
    assert judge_state(case_of(jurisdiction="SE", lia="L", **facts)) == expected


def test_a_reply_needs_a_request_of_the_last_months() -> None:
    """Stage 3: an inquiry, a contact, or a form that was filled in."""
    reply = {"purpose": "reply_to_request"}
    asked = case_of(**reply, source="web_form", obtained_on="2026-11-23")

    assert (judge_purpose(asked), asked.allow) == ((), (Reason.REPLY_TO_REQUEST,))
    assert judge_purpose(case_of(**reply, last_inbound_contact_on="2026-05-24")) == ()
    for facts in (
        {"last_inbound_contact_on": "2026-05-23"},
        {"source": "content_download", "obtained_on": "2026-11-23"},
        {"relationship": {"last_inquiry_on": "2026-12-23"}},
        {"last_inbound_contact_on": "2026-11-23", "content": {"promotional": True}},
    ):
        assert judge_purpose(case_of(**reply, **facts)) == (Reason.PURPOSE_INCOMPATIBLE,)


def test_the_narrowest_no_is_told_first() -> None:
    """Stage 4: this channel, then everything, then what no consent lifts."""
    case = case_of(
        objections=[{"type": "direct_marketing", "received_on": "2026-01-01"}],
        suppressions=[
            {"type": "bounce", "received_on": "2026-01-01"},
            {"type": "complaint", "received_on": "2026-01-01"},
            {"type": "unsubscribe", "received_on": "2026-01-01"},
        ],
    )

    assert judge_objections(case) == (
        *(Reason.UNSUBSCRIBED, Reason.OBJECTION_DIRECT_MARKETING, Reason.COMPLAINED, Reason.BOUNCED),
    )


@pytest.mark.parametrize("type_", ["bounce", "complaint", "manual"])
def test_only_the_persons_own_no_is_lifted(type_: str) -> None:
    """A dead address stays dead, a complaint stands, a manual stop is ours."""
    suppression = {"type": type_, "received_on": "2026-01-01", "channels": ["email"]}

    assert (
        judge_objections(case_of(consents=[DOI], suppressions=[suppression | {"type": "unsubscribe"}])) == ()
    )
    assert judge_objections(case_of(consents=[DOI], suppressions=[suppression])) != ()


def test_a_customer_who_objected_is_left_alone_in_an_opt_out_row() -> None:
    """The flag has no date, so only a valid consent speaks against it."""
    objected = {"jurisdiction": "GB", "relationship": {"objected": True}}

    assert judge_objections(case_of(**objected)) == (Reason.OBJECTION_DIRECT_MARKETING,)
    assert judge_objections(case_of(**objected, consents=[DOI])) == ()


def test_an_expired_or_stale_consent_lifts_nothing() -> None:
    """The person's no outlives a yes that has ended."""
    no = [{"type": "direct_marketing", "received_on": "2020-01-01"}]
    for consent in (DOI | {"expires_on": "2026-11-01"}, DOI | {"given_on": "2021-01-01"}):
        assert judge_objections(case_of(consents=[consent], objections=no)) == (
            Reason.OBJECTION_DIRECT_MARKETING,
        )
