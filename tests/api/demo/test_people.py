"""The demo's made-up people are nobody's: numbers that nobody has."""

from zoneinfo import available_timezones

import phonenumbers
import pytest

from api.demo.crm import COMPANIES_EACH, LEADS
from api.demo.people import COMPANIES, COUNTRIES, TITLES, Country


def filled(pattern: str, digit: str) -> str:
    """A number of the pattern."""
    return pattern.replace("#", digit)


@pytest.mark.parametrize("country", COUNTRIES, ids=lambda country: country.region or country.code)
def test_every_number_can_be_of_its_country(country: Country) -> None:
    """What the service's own parser refuses would be refused by the story."""
    for pattern in (country.mobile, country.landline):
        for digit in "19":
            number = phonenumbers.parse(filled(pattern, digit))
            assert phonenumbers.is_possible_number(number)
            assert number.country_code == phonenumbers.country_code_for_region(country.code)


@pytest.mark.parametrize("country", COUNTRIES, ids=lambda country: country.region or country.code)
def test_there_are_more_numbers_than_people(country: Country) -> None:
    """No two get one mobile, and no two companies of a country one switchboard."""
    assert 10 ** country.mobile.count("#") > LEADS
    assert 10 ** country.landline.count("#") > 100 + len(COMPANIES)
    assert country.mobile.rstrip("#") != country.landline.rstrip("#")


def test_zones_and_regions_exist() -> None:
    """A region is of its country, as ISO 3166-2 writes it."""
    assert {one.time_zone for one in COUNTRIES} <= available_timezones()
    assert [one for one in COUNTRIES if one.region and not one.region.startswith(f"{one.code}-")] == []
    assert len({(one.code, one.region) for one in COUNTRIES}) == len(COUNTRIES)


def test_names_are_several_and_none_twice() -> None:
    """A doubled name would be met twice as often."""
    of_people = [names for one in COUNTRIES for names in (one.first_names, one.last_names)]
    for names in (COMPANIES, TITLES, *of_people):
        assert len(set(names)) == len(names) >= COMPANIES_EACH
