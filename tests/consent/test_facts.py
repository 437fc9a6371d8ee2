"""The facts document: read strictly from callers, cheaply from the ledger."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from consent.errors import FactsError
from consent.facts import Facts, parse, trusted

NOW = "2026-11-24T10:00:00+01:00"
QUESTION = {"now": NOW, "channel": "email", "purpose": "direct_marketing"}


def test_what_is_absent_is_unknown() -> None:
    """Only the moment, the channel and the purpose are needed."""
    facts = parse(QUESTION)

    assert facts == Facts(datetime.fromisoformat(NOW), "email", "direct_marketing")
    assert facts.jurisdictions == ()


def test_null_is_absent_but_for_the_notice() -> None:
    """A notice that is stated as null is asked for."""
    assert parse(QUESTION | {"lia": None, "consents": None, "signals": None}) == parse(QUESTION)
    assert parse(QUESTION | {"notice_given_on": None}).notice_stated


def test_days_stay_days_and_instants_instants() -> None:
    """They are compared in different ways."""
    facts = parse(QUESTION | {"obtained_on": "2026-11-01", "last_inbound_contact_on": "2026-11-01T10:00:00Z"})

    assert facts.obtained_on == date(2026, 11, 1)
    assert facts.last_inbound_contact_on == datetime(2026, 11, 1, 10, tzinfo=UTC)


def test_the_jurisdiction_comes_before_the_candidates() -> None:
    """Each once; without the first the others do not count."""
    both = QUESTION | {"jurisdiction": "DE", "candidates": ["GB", "DE"]}

    assert parse(both).jurisdictions == ("DE", "GB")
    assert parse(both | {"jurisdiction": None}).jurisdictions == ()


def test_absent_purposes_are_direct_marketing_and_absent_channels_all() -> None:
    """Of a consent, and of a suppression; an objection without scope covers all as well."""
    facts = parse(
        QUESTION
        | {
            "consents": [{"channels": ["email"], "given_on": "2026-01-01"}],
            "suppressions": [{"type": "manual"}],
            "objections": [{"type": "direct_marketing"}],
        }
    )

    assert facts.consents[0].purposes == {"direct_marketing"}
    assert facts.suppressions[0].channels == facts.objections[0].scope == {"all"}


def test_a_stored_document_may_hold_what_comes_with_a_question() -> None:
    """A later moment, a further zone, instants that are no text any more."""
    now = datetime(2026, 11, 24, 10, tzinfo=UTC)
    facts = trusted(QUESTION | {"now": now, "at": now, "time_zone": "Asia/Tokyo", "content": {"topic": "x"}})

    assert (facts.now, facts.at, facts.added_zone) == (now, now, "Asia/Tokyo")


@pytest.mark.parametrize("document", [None, [], "x", 7, {"consents": {}}, {"consents": [[]]}, {"now": 5}])
def test_no_shape_is_a_crash(document: Any) -> None:
    """Whatever it is, the faults are named by place."""
    with pytest.raises(FactsError) as refused:
        parse(document)

    assert refused.value.errors


def test_no_value_is_repeated() -> None:
    """A fault names the place; what stood there could be somebody's address."""
    with pytest.raises(FactsError) as refused:
        parse(QUESTION | {"source": "ada@example.com", "jurisdiction": "Ada", "consents": ["ada"]})

    assert "ada" not in repr(refused.value.errors).lower().replace("canada", "")
