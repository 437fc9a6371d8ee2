"""What a person's corrections change in the service's own data."""

import pytest

from consent.vocabulary import NumberType
from governance.custody import Opened
from governance.errors import FactInvalidError
from governance.identity import email, phone
from governance.requests.own_corrections import changes_of, count
from governance.stores.protocol import Correction

OPENED = Opened(
    lead_id="lead",
    identifiers=(email("ana@example.com"), email("ana.b@example.com"), phone("+4930123456")),
    profile={"first_name": "Ana", "seats": 5},
    attributes={"country": "DE"},
    sources=(),
)


def test_only_what_is_held_is_corrected() -> None:
    """A field that is not there was never wrong; a number keeps its kind."""
    changes = changes_of(OPENED, [Correction("first_name", "Anna"), Correction("title", "Dr")])

    assert dict(changes.profile) == {"first_name": b'"Anna"'}
    assert changes.identifiers == ()
    assert count(changes) == 1


def test_only_what_still_says_so_is_corrected() -> None:
    """So that doing it again, or after somebody else, changes nothing."""
    for correction in (Correction("first_name", "Anna", "Anita"), Correction("first_name", "Ana")):
        assert count(changes_of(OPENED, [correction])) == 0
    assert count(changes_of(OPENED, [Correction("first_name", None, "Ana")])) == 1


def test_one_of_several_addresses_is_replaced_and_the_others_stay() -> None:
    """`replace_identifiers` wants all of a kind."""
    changes = changes_of(OPENED, [Correction("email", "anna@example.com", "ana@example.com")])

    assert [one.text for one in changes.identifiers] == ["anna@example.com", "ana.b@example.com"]
    assert count(changes_of(OPENED, [Correction("email", "x@example.com", "nobody@example.com")])) == 0


def test_a_mobile_number_stays_the_persons_own() -> None:
    """What identified goes on identifying."""
    mobile = phone("+491701234567", number_type=NumberType.MOBILE)
    opened = Opened("lead", (mobile,), {}, {}, ())
    [changed] = changes_of(opened, [Correction("phone", "+491707654321", "+491701234567")]).identifiers

    assert (changed.text, changed.identifying) == ("+491707654321", True)


def test_the_country_is_corrected_where_decisions_read_it() -> None:
    """And one that is none is refused."""
    assert changes_of(OPENED, [Correction("country", "AT", "DE")]).attributes == {"country": "AT"}
    assert count(changes_of(OPENED, [Correction("country", "DE")])) == 0
    with pytest.raises(FactInvalidError):
        changes_of(OPENED, [Correction("country", "Austria", "DE")])
