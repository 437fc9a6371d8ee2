"""Identifiers: one normal form, and which of them name one person."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.vocabulary import AddressType, IdentifierKind, NumberType
from governance import identity
from governance.errors import IdentityInvalidError
from governance.identity import ById, Identifier


@pytest.mark.parametrize(
    ("given_as", "normal"),
    [
        ("Jane.Doe@Example.COM", "jane.doe@example.com"),
        ("  jane@example.com ", "jane@example.com"),
        ("jane+news@example.com", "jane+news@example.com"),
        ("o'brien@example.ie", "o'brien@example.ie"),
        ("jane@EXÄMPLE.de", "jane@xn--exmple-cua.de"),
        ("jane@xn--exmple-cua.de", "jane@xn--exmple-cua.de"),
        ("JÜRGEN@example.de", "jürgen@example.de"),
        ("GROSS.STRAẞE@example.de", "gross.strasse@example.de"),
        ("jane@crm.test", "jane@crm.test"),
        ("jürgen@crm.test", "jürgen@crm.test"),
    ],
)
def test_an_address_has_one_normal_form(given_as: str, normal: str) -> None:
    """Trimmed, local part case-folded, domain as lower-case A-label: the contract's rule."""
    assert identity.email(given_as).text == normal


@pytest.mark.parametrize(
    "given_as",
    [
        "",
        "   ",
        "jane",
        "jane@",
        "@example.com",
        "jane@example",
        "jane@@example.com",
        "jane doe@example.com",
        "jane@exam ple.com",
        ".jane@example.com",
        "jane.@example.com",
        "ja..ne@example.com",
        "jane@-example.com",
        "jane@example-.com",
        "jane@example..com",
        "jane@example.com.",
        "jane@127.0.0.1",
        "jane@[127.0.0.1]",
        '"jane doe"@example.com',
        "jane@example.com\n",
        "jane@example.com\r\nBcc: x@example.com",
        "jane\x00@example.com",
        "jane\u2028@example.com",
        "jane\ud800@example.com",
        "j" * 65 + "@example.com",
        "jane@" + "a" * 64 + ".com",
        "jane@" + "a." * 200 + "com",
        "x" * 10_000,
    ],
)
def test_what_is_no_address_is_refused_without_being_repeated(given_as: str) -> None:
    """Newlines, controls, quoted forms, broken domains: an error that names the field and not the value."""
    with pytest.raises(IdentityInvalidError) as caught:
        identity.email(given_as)

    assert list(caught.value.errors) == ["email"]
    assert not given_as.strip() or given_as not in str(caught.value) + str(caught.value.errors)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("info@example.com", AddressType.ROLE),
        ("Sales@example.com", AddressType.ROLE),
        ("contact@example.com", AddressType.ROLE),
        ("sales-uk@example.com", AddressType.ROLE),
        ("info2@example.com", AddressType.ROLE),
        ("info+fair@example.com", AddressType.ROLE),
        ("customer.service@example.com", AddressType.ROLE),
        ("no-reply-eu@example.com", AddressType.ROLE),
        ("mailer-daemon-uk@example.com", AddressType.ROLE),
        ("h.r.lee@example.com", AddressType.NAMED_WORK),
        ("vertrieb@example.de", AddressType.ROLE),
        ("comptabilite@example.fr", AddressType.ROLE),
        ("info@gmail.com", AddressType.ROLE),
        ("jane.doe@gmail.com", AddressType.PERSONAL),
        ("jane@web.de", AddressType.PERSONAL),
        ("jane.doe@example.com", AddressType.NAMED_WORK),
        ("sales.johnson@example.com", AddressType.NAMED_WORK),
        ("infante@example.com", AddressType.NAMED_WORK),
    ],
)
def test_an_address_says_whose_it_is(address: str, kind: AddressType) -> None:
    """A function's mailbox is shared; a person's, at work or at home, identifies that person."""
    made = identity.email(address)

    assert made.address_type is kind
    assert made.identifying is (kind is not AddressType.ROLE)


def test_what_the_caller_knows_outweighs_what_the_address_says() -> None:
    """`address_type` is derived only when it is absent."""
    assert identity.email("info@example.com", AddressType.NAMED_WORK).identifying
    assert not identity.email("jane.doe@example.com", AddressType.ROLE).identifying


@pytest.mark.parametrize(
    ("given_as", "country", "normal"),
    [
        ("+49 30 1234567", None, "+49301234567"),
        ("+49 (0)30 1234567", None, "+49301234567"),
        ("0171 1234567", "DE", "+491711234567"),
        ("0044 20 7946 0958", "DE", "+442079460958"),
        ("(212) 555-0100", "US", "+12125550100"),
        ("+1 212 555 0100 ext. 5", "US", "+12125550100"),
        ("+39 06 12345678", "DE", "+390612345678"),
    ],
)
def test_a_number_has_one_normal_form(given_as: str, country: str | None, normal: str) -> None:
    """E.164, with the lead's country for numbers that carry none."""
    assert identity.phone(given_as, country).text == normal


@pytest.mark.parametrize(
    "given_as",
    ["", "12", "030 1234567", "+49", "call me", "+1 800 FLOWERS", "+49301234567\n", "+" + "1" * 40],
)
def test_what_is_no_number_is_refused(given_as: str) -> None:
    """Also a national number when nobody knows the country."""
    with pytest.raises(IdentityInvalidError) as caught:
        identity.phone(given_as)

    assert list(caught.value.errors) == ["phone"]


@pytest.mark.parametrize(
    ("number_type", "identifying"),
    [
        (NumberType.MOBILE, True),
        (NumberType.BUSINESS_LANDLINE, False),
        (NumberType.UNKNOWN, False),
        (None, False),
    ],
)
def test_only_a_number_marked_mobile_identifies(number_type: NumberType | None, *, identifying: bool) -> None:
    """A guess from the number plan would merge colleagues who share a company's mobile."""
    assert identity.phone("+491711234567", number_type=number_type).identifying is identifying


def test_an_external_id_belongs_to_its_system() -> None:
    """The same id in two systems is two people; a system's name minds no case, an id does."""
    hubspot, salesforce = identity.external("HubSpot", " 12a "), identity.external("salesforce", "12a")

    assert (hubspot.system, hubspot.text) == ("hubspot", "12a")
    assert hubspot.key != salesforce.key
    assert hubspot.key != identity.external("hubspot", "12A").key
    assert hubspot.identifying


@pytest.mark.parametrize(("system", "value"), [("", "1"), ("crm", ""), ("crm\x1f1", "2"), ("crm", "1\n")])
def test_an_external_id_without_system_or_with_controls_is_refused(system: str, value: str) -> None:
    """The separator between system and id can not be smuggled in."""
    with pytest.raises(IdentityInvalidError):
        identity.external(system, value)


def test_a_reference_is_one_of_four() -> None:
    """Each form of the contract is understood."""
    assert identity.parse_reference({"lead_id": "abc"}) == ById("abc")
    assert identity.parse_reference({"email": "Jane@example.com"}) == identity.email("jane@example.com")
    assert identity.parse_reference({"phone": "+49 30 1234567"}) == identity.phone("+49301234567")
    assert identity.parse_reference({"external": {"system": "crm", "id": "1"}}) == identity.external(
        "crm", "1"
    )


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"email": "a@example.com", "phone": "+49301234567"},
        {"name": "Jane"},
        {"email": 1},
        {"email": None},
        {"lead_id": ["x"]},
        {"lead_id": ""},
        {"external": "crm:1"},
        {"external": {"system": "crm"}},
        {"external": {"system": "crm", "id": 1}},
        {"external": {"system": "crm", "id": "1", "more": "x"}},
    ],
)
def test_any_other_reference_is_refused(document: dict[str, object]) -> None:
    """None, two, an unknown one, or one of a wrong type."""
    with pytest.raises(IdentityInvalidError):
        identity.parse_reference(document)


def test_an_identifier_does_not_show_itself() -> None:
    """Log lines and tracebacks print reprs."""
    assert "jane" not in repr(identity.email("jane@example.com"))


LOCAL = st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=20)


@given(LOCAL)
def test_a_normal_form_is_its_own_normal_form(local: str) -> None:
    """Otherwise a look-up with what an export shows would miss the lead."""
    try:
        once = identity.email(f"{local}@example.com")
    except IdentityInvalidError:
        return

    assert identity.email(once.text) == once


@given(LOCAL)
def test_letter_case_and_composition_do_not_matter(local: str) -> None:
    """However an address is typed, it is the same person's."""
    try:
        plain = identity.email(f"{local}@example.com").text
        folded = identity.email(f"{local.casefold()}@example.com").text
        apart = identity.email(f"{unicodedata.normalize('NFD', local)}@example.com").text
    except IdentityInvalidError:
        return

    assert plain == folded == apart


@given(st.text(max_size=60))
def test_no_text_at_all_breaks_the_normalising(text: str) -> None:
    """Whatever arrives: an identifier, or the one error that a caller expects."""
    for make in (identity.email, identity.phone):
        try:
            made = make(text)
        except IdentityInvalidError:
            continue

        assert isinstance(made, Identifier)
        assert made.text == make(made.text).text
        assert made.kind in IdentifierKind
