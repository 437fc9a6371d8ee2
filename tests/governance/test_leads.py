"""A lead as it is told: words checked, texts storable, identifiers once."""

from typing import Any

import pytest

from consent.vocabulary import AddressType, NumberType
from governance.errors import FactInvalidError
from governance.leads import MOST_FIELDS, MOST_IDENTIFIERS, changes, new_lead, strictest
from tests.governance.lead_desk import NOW, a_lead


@pytest.mark.parametrize(
    ("given", "country", "region"),
    [
        ({"country": "US", "region": "US-CA"}, "US", "US-CA"),
        ({"country": "US", "region": "CA"}, "US", "US-CA"),
        ({"region": "DE-BE"}, "DE", "DE-BE"),
        ({"country": "FR"}, "FR", None),
    ],
)
def test_a_place_is_a_country_and_perhaps_a_region(
    given: dict[str, str], country: str, region: str | None
) -> None:
    """ISO 3166; a region given alone says the country too."""
    lead = new_lead(a_lead(**given))

    assert lead.attributes.get("country") == country
    assert lead.attributes.get("region") == region


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"country": "de"}, "country"),
        ({"country": "UK"}, "country"),
        ({"country": "DE", "region": "FR-75"}, "region"),
        ({"region": "CA"}, "region"),
        ({"region": "XX-YY"}, "region"),
        ({"time_zone": "CEST+1"}, "time_zone"),
        ({"profile": {"Name": 1}}, "profile"),
        ({"profile": {"n" * 65: 1}}, "profile"),
        ({"profile": {f"f{number}": 1 for number in range(MOST_FIELDS + 1)}}, "profile"),
        ({"profile": {"size": float("inf")}}, "profile.size"),
        ({"profile": {"name": "half \ud800"}}, "profile.name"),
        ({"source": {"key": "\x00", "kind": "event", "obtained_at": NOW}}, "source.key"),
        ({"source": {"key": "k", "kind": "event", "obtained_at": NOW, "provider": " "}}, "source.provider"),
        (
            {"source": {"key": "k", "kind": "event", "obtained_at": NOW, "evidence": {"a": float("nan")}}},
            "source.evidence",
        ),
        ({"notice": {"article": "13", "version": "a\nb", "given_at": NOW}}, "notice.version"),
    ],
)
def test_what_means_nothing_is_refused_by_name(given: dict[str, Any], field: str) -> None:
    """The error names the field; a database would have refused later, or kept nonsense."""
    with pytest.raises(FactInvalidError) as caught:
        new_lead(a_lead(**given))

    assert list(caught.value.errors) == [field]


def test_an_identifier_counts_once() -> None:
    """However often and however it is written."""
    lead = new_lead(a_lead(("email", "a@example.com"), ("email", "A@EXAMPLE.com"), ("phone", "+49301234567")))

    assert [one.text for one in lead.identifiers] == ["a@example.com", "+49301234567"]


def test_there_is_a_limit_to_identifiers() -> None:
    """And at least one is needed."""
    many = [("external", str(number), "crm") for number in range(MOST_IDENTIFIERS + 1)]
    with pytest.raises(FactInvalidError):
        new_lead(a_lead(*many))
    with pytest.raises(FactInvalidError):
        new_lead(a_lead() | {"identifiers": []})


@pytest.mark.parametrize(
    "identifier", [("external", "1"), ("email", "a@example.com", "crm"), ("phone", "0301234567")]
)
def test_an_identifier_is_named_by_its_place(identifier: tuple[str, ...]) -> None:
    """An external id without system, an address with one, a number without country."""
    with pytest.raises(FactInvalidError) as caught:
        new_lead(a_lead(("email", "b@example.com"), identifier))

    assert list(caught.value.errors) == ["identifiers.1"]


def test_the_country_completes_a_number_and_the_caller_knows_what_it_is() -> None:
    """`country`, `address_type` and `number_type` of the lead hold for its identifiers."""
    lead = new_lead(
        a_lead(
            ("phone", "0171 1234567"),
            ("email", "info@example.com"),
            country="DE",
            number_type=NumberType.MOBILE,
            address_type="named_work",
        )
    )

    assert [one.text for one in lead.identifiers] == ["+491711234567", "info@example.com"]
    assert all(one.identifying for one in lead.identifiers)
    assert lead.attributes["number_type"] == "mobile"


def test_the_strictest_address_speaks_for_the_lead() -> None:
    """A private address makes a private person, whatever else is known; without addresses nothing is said."""
    lead = new_lead(a_lead(("email", "info@example.com"), ("email", "jane@gmail.com")))

    assert lead.address_type is AddressType.PERSONAL
    assert strictest([None, AddressType.ROLE, AddressType.NAMED_WORK]) is AddressType.NAMED_WORK
    assert strictest([None]) is None


def test_null_is_absent_in_a_lead_and_an_order_in_a_change() -> None:
    """Nothing to store, or something to remove."""
    asked = changes({"profile": {"a": None, "b": 1}, "country": None})

    assert new_lead(a_lead(profile={"a": None, "b": 1})).profile == {"b": b"1"}
    assert asked.profile == {"a": None, "b": b"1"}
    assert asked.attributes == {"country": None}
    assert asked.identifiers == ()
