"""Each stand-in for consent, condition by condition: every one missing once."""

from typing import Any

import pytest

from consent.grounds import MET, NO_FACTS, Tried, try_ground
from consent.reasons import Reason
from consent.rows import Ground, GroundKind
from consent.weighing import Case
from tests.consent.cases import case_of

CUSTOMER = {
    "type": "customer",
    "email_from_sale": True,
    "own_similar_products": True,
    "opt_out_offered_at_collection": True,
}


def tried(kind: GroundKind, **facts: Any) -> Tried:
    """How that ground of the row fares."""
    case = case_of(**facts)
    return try_ground(case, ground_of(case, kind))


def ground_of(case: Case, kind: GroundKind) -> Ground:
    """The row's ground of a kind."""
    return next(ground for ground in case.row.grounds if ground.kind is kind)


@pytest.mark.parametrize(
    "missing", ["email_from_sale", "own_similar_products", "opt_out_offered_at_collection"]
)
@pytest.mark.parametrize("value", [False, None])
def test_a_soft_opt_in_needs_every_condition(missing: str, value: bool | None) -> None:  # noqa: FBT001 - a case
    """False or unknown is the same."""
    assert tried(GroundKind.SOFT_OPT_IN, relationship=CUSTOMER) == MET
    assert tried(GroundKind.SOFT_OPT_IN, relationship=CUSTOMER | {missing: value}) == Tried(
        met=False, reason=Reason.SOFT_OPT_IN_CONDITIONS_NOT_MET
    )


def test_a_soft_opt_in_is_tried_only_where_a_sale_is_told_of() -> None:
    """An inquiry is none."""
    assert tried(GroundKind.SOFT_OPT_IN) == NO_FACTS
    assert tried(GroundKind.SOFT_OPT_IN, relationship={"last_inquiry_on": "2026-11-01"}) == NO_FACTS


@pytest.mark.parametrize(
    ("publication", "role_relevant", "expected"),
    [
        ({"conspicuous": True, "no_solicitation_statement": False}, True, MET),
        (
            {"conspicuous": True, "no_solicitation_statement": False},
            None,
            Tried(met=False, reason=Reason.ROLE_NOT_RELEVANT),
        ),
        ({"conspicuous": True}, True, NO_FACTS),
        ({"conspicuous": True, "no_solicitation_statement": True}, True, NO_FACTS),
        ({"no_solicitation_statement": False}, True, NO_FACTS),
        (None, True, NO_FACTS),
    ],
)
def test_a_publication_needs_every_condition(
    publication: dict[str, bool] | None,
    role_relevant: bool | None,  # noqa: FBT001 - a case
    expected: Tried,
) -> None:
    """In plain sight, no word against advertising, about the role."""
    facts = {"jurisdiction": "AU", "publication": publication, "role_relevant": role_relevant}

    assert tried(GroundKind.PUBLICATION, **facts) == expected


def test_a_relationship_without_a_term_ends_with_the_contract() -> None:
    """Australia: a customer, a sale, a running contract; not one that has ended."""
    facts = {"jurisdiction": "AU"}
    for relationship in ({"type": "customer"}, {"last_purchase_on": "2010-01-01"}, {"contract_active": True}):
        assert tried(GroundKind.BUSINESS_RELATIONSHIP, **facts, relationship=relationship) == MET
    ended = {"type": "customer", "contract_ended_on": "2025-01-01"}
    assert tried(GroundKind.BUSINESS_RELATIONSHIP, **facts, relationship=ended) == NO_FACTS


def test_organisations_that_deal_with_each_other() -> None:
    """Canada: both organisations, in a relationship, about the recipient's work."""
    facts = {"jurisdiction": "CA", "b2b_message": True, "role_relevant": True}
    customer = {"type": "customer"}

    assert tried(GroundKind.ORGANISATION_RELATIONSHIP, **facts, relationship=customer) == MET
    for lacking in ({"b2b_message": None}, {"recipient_kind": "consumer"}, {"relationship": None}):
        assert (
            tried(GroundKind.ORGANISATION_RELATIONSHIP, **{**facts, "relationship": customer, **lacking})
            == NO_FACTS
        )


def test_an_objection_bars_every_ground() -> None:
    """Whoever said no to such use has not handed over the address for it."""
    facts = {"jurisdiction": "JP", "source": "business_card"}

    assert tried(GroundKind.ADDRESS_PROVIDED, **facts) == MET
    assert tried(GroundKind.ADDRESS_PROVIDED, **facts, relationship={"objected": True}) == NO_FACTS


def test_what_is_to_come_has_not_happened() -> None:
    """A purchase of next week is none."""
    facts = {"jurisdiction": "CA", "relationship": {"last_purchase_on": "2026-12-01"}}

    assert tried(GroundKind.BUSINESS_RELATIONSHIP, **facts) == NO_FACTS
