"""How long data are kept: declared with a duration, a beginning and a reason, and said in words."""

from typing import Any

import pytest

from governance.stores.errors import DocumentError
from governance.stores.periods import Retention
from governance.stores.reading import parse
from tests.governance.stores.factories import document

TAX = {"kept": "P10Y", "from": "the end of the calendar year", "because": "AO s. 147(3)"}


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ("P10Y", "10 years"),
        ("P1Y6M", "1 year and 6 months"),
        ("P2W", "2 weeks"),
        ("P1D", "1 day"),
        ("P90D", "90 days"),
    ],
)
def test_a_period_is_said_in_words(kept: str, words: str) -> None:
    """As a person who is told about their data reads it."""
    assert Retention(kept, "the last call", "our rule").in_words == f"{words} from the last call (our rule)"


def test_a_document_declares_periods_by_purpose_and_by_table() -> None:
    """Both are optional; a document without them is read as before."""
    declared = document()
    declared["tables"]["consents_log"]["retention"] = TAX
    parsed = parse(declared | {"retention": {"direct_marketing": TAX | {"kept": "P2Y"}}})

    assert parsed.tables["consents_log"].retention == Retention("P10Y", TAX["from"], TAX["because"])
    assert parsed.retention["direct_marketing"].kept == "P2Y"
    assert (parse(document()).retention, parse(document()).tables["orders"].retention) == ({}, None)


@pytest.mark.parametrize(
    ("retention", "places"),
    [
        ({"research": TAX}, {"retention.research"}),
        ({"direct_marketing": None}, {f"retention.direct_marketing.{name}" for name in TAX}),
        ({"direct_marketing": TAX | {"kept": "ten years"}}, {"retention.direct_marketing.kept"}),
        ({"direct_marketing": TAX | {"kept": "P0D"}}, {"retention.direct_marketing.kept"}),
        ({"direct_marketing": TAX | {"kept": "P"}}, {"retention.direct_marketing.kept"}),
        ({"direct_marketing": TAX | {"kept": "PT5M"}}, {"retention.direct_marketing.kept"}),
        ({"direct_marketing": TAX | {"until": "x"}}, {"retention.direct_marketing.until"}),
        ({"direct_marketing": {**TAX, "because": " "}}, {"retention.direct_marketing.because"}),
        ("ten years", {"retention"}),
    ],
)
def test_what_is_no_period_is_refused_by_its_place(retention: Any, places: set[str]) -> None:
    """A purpose that the store does not serve, no duration, no reason, an unknown field."""
    with pytest.raises(DocumentError) as refused:
        parse(document(retention=retention))

    assert set(refused.value.errors) == places
