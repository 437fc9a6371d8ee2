"""Identifiers are compared as people mean them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.vocabulary import IdentifierKind
from governance.stores.comparison import (
    email_spellings,
    identifies,
    normal_email,
    normal_phone,
    phone_pattern,
    same,
    same_phone,
)
from governance.stores.protocol import Identity
from tests.governance.stores.factories import email, phone


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (" Jane.Doe@Acme.Example ", "jane.doe@acme.example"),
        ("zoë@MÜLLER.de", "zoë@xn--mller-kva.de"),
        ("jane@localhost", "jane@localhost"),
        ("jane at acme", None),
        ("", None),
        ("@acme.example", None),
    ],
)
def test_addresses_have_one_form(written: str, expected: str | None) -> None:
    """Case, blanks and the spelling of the domain make no difference; what is no address is none."""
    assert expected == normal_email(written)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("+49 (0)30 / 123-4567", "+49301234567"),
        ("0049 30 1234567", "+49301234567"),
        ("tel:+1-555-555-0168", "+15555550168"),
        ("+1 555 555 0168 x123", "+15555550168"),
        ("(030) 1234567", "0301234567"),
        ("12", None),
        ("call me", None),
    ],
)
def test_numbers_have_one_form(written: str, expected: str | None) -> None:
    """E.164 where the country is said, bare digits where not; extensions are dropped."""
    assert expected == normal_phone(written)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("+49301234567", "0301234567", True),
        ("+15555550168", "15555550168", True),
        ("+15555550168", "5555550168", True),
        ("+49301234567", "+43301234567", False),
        ("+49301234567", "234567", False),
        ("0301234567", "0401234567", False),
    ],
)
def test_a_number_without_its_country_fits(one: str, other: str, expected: bool) -> None:  # noqa: FBT001
    """But never only the end of one."""
    assert expected == same_phone(one, other)
    assert expected == same_phone(other, one)


def test_identities_of_other_kinds_and_systems_differ() -> None:
    """The same text is another identifier elsewhere."""
    here = Identity(IdentifierKind.EXTERNAL, "1", "crm")
    assert same(here, Identity(IdentifierKind.EXTERNAL, "1", "crm"))
    assert not same(here, Identity(IdentifierKind.EXTERNAL, "1", "erp"))
    assert not same(email("a@b.example"), phone("+49301234567"))


def test_what_belongs_to_one_person_by_nature() -> None:
    """Named addresses and external ids; not role addresses, numbers, or what is known to be shared."""
    assert identifies(email("jane.doe@acme.example"))
    assert identifies(Identity(IdentifierKind.EXTERNAL, "1", "crm"))
    assert not identifies(email("info@acme.example"))
    assert not identifies(phone("+4915112345678"))
    assert not identifies(email("jane.doe@acme.example", shared=True))


def test_a_domain_is_looked_for_in_both_spellings() -> None:
    """As A-label and as people write it."""
    assert email_spellings("a@xn--mller-kva.de") == ("a@xn--mller-kva.de", "a@müller.de")
    assert email_spellings("a@acme.example") == ("a@acme.example",)


@given(st.text(alphabet=" -().", max_size=3), st.integers(10**6, 10**9 - 1))
def test_every_spacing_matches_the_pattern(space: str, national: int) -> None:
    """The coarse filter of SQL lets every spelling of a number through."""
    number = f"+49{national}"
    written = space.join(str(national))
    place = 0
    for digit in phone_pattern(number).strip("%").split("%"):
        place = written.index(digit, place) + 1
    assert place <= len(written)
