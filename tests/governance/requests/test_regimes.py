"""Which law a request falls under."""

import pytest

from governance.requests.regimes import regime_of, regime_of_places


@pytest.mark.parametrize(
    ("country", "region", "expected"),
    [
        ("DE", None, "gdpr"),
        ("GB", None, "uk_gdpr"),
        ("US", "US-CA", "ccpa"),
        ("US", "CA", "ccpa"),
        ("US", "US-VA", "us_state"),
        ("US", None, "us_state"),
        ("CA", "CA-ON", "casl"),
        ("BR", None, "lgpd"),
        ("JP", None, "gdpr"),
        (None, None, "gdpr"),
    ],
)
def test_the_place_of_the_person_chooses_the_regime(
    country: str | None, region: str | None, expected: str
) -> None:
    """The contract's six regimes, and GDPR where nothing is known."""
    assert regime_of(country, region) == expected


def test_places_that_differ_fall_under_the_strictest() -> None:
    """Two leads of one person in two countries."""
    assert regime_of_places([("US", "US-CA"), ("GB", None)]) == "gdpr"
    assert regime_of_places([("GB", None), ("GB", None)]) == "uk_gdpr"
    assert regime_of_places([]) == "gdpr"
