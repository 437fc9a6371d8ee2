"""Whether one address shows who a whole request is about."""

import pytest

from api.context import Service
from governance.identity import ById, Reference, email, external, phone
from governance.requests.coverage import covers
from tests.governance.requests.desk import a_known_lead

ANNA, BEN = email("anna@example.com"), email("ben@example.com")
MOBILE = {"type": "phone", "value": "+491701234567"}
OTHER_PHONE = phone("+491707654321")


def shown(service: Service, one: Reference, *asked: Reference, leads: tuple[str, ...] = ()) -> bool:
    """Whether the first address covers all that was asked for."""
    with service.main.read() as session:
        return covers(session, service.keyring, one, asked, leads)


def test_an_address_that_nobody_knows_covers_itself_alone(service: Service) -> None:
    """As one that somebody has does: no answer says which it was."""
    assert shown(service, ANNA, ANNA)
    assert not shown(service, ANNA, ANNA, OTHER_PHONE)
    assert not shown(service, ANNA, BEN)


def test_what_belongs_to_the_same_lead_is_covered(service: Service) -> None:
    """The lead's own phone and ids, and the lead's own name."""
    ids = [
        {"type": "email", "value": "anna@example.com"},
        MOBILE,
        {"type": "external", "system": "crm", "value": "17"},
    ]
    lead = a_known_lead(service, "anna@example.com", identifiers=ids, number_type="mobile")

    assert shown(service, ANNA, ANNA, leads=(lead,))
    assert shown(service, ANNA, ANNA, phone(MOBILE["value"]), external("crm", "17"), leads=(lead,))
    assert shown(service, ANNA, ById(lead), leads=(lead,))
    assert shown(service, ById(lead), ANNA, leads=(lead,))
    assert not shown(service, ANNA, ANNA, OTHER_PHONE, leads=(lead,))


def test_an_address_of_ones_own_does_not_show_that_one_is_somebody_else(service: Service) -> None:
    """An attacker gives their own address, and the phone of the one they are after."""
    lead = a_known_lead(
        service,
        "anna@example.com",
        identifiers=[{"type": "email", "value": "anna@example.com"}, MOBILE],
        number_type="mobile",
    )
    a_known_lead(service, "ben@example.com")

    for own in (email("stranger@example.net"), BEN):
        assert not shown(service, own, own, phone(MOBILE["value"]), leads=(lead,))
        assert not shown(service, own, own, leads=(lead,))


@pytest.mark.parametrize("address", ["info@example.com", "sales@example.com"])
def test_an_address_that_several_people_read_shows_nobody(service: Service, address: str) -> None:
    """Whoever reads it may be anybody there."""
    assert not shown(service, email(address), email(address))
