"""Who is who: pure. Identifiers in one normal form, and which of them name one person.

*Identifying* are named work and personal e-mail addresses, numbers marked mobile, and external ids: each
belongs to one lead. Role addresses (`info@`) and all other phones are *shared*: they never merge leads, never
conflict, and never keep anybody out after an erasure. Source: design, "Who is who".
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from consent.vocabulary import AddressType, IdentifierKind, NumberType
from governance.address_words import PERSONAL_DOMAINS, ROLE_WORDS
from governance.errors import IdentityInvalidError

MOST_CHARACTERS = 320
"""Longest identifier taken: an e-mail address can not be longer (RFC 5321, section 4.5.3.1)."""

SEPARATOR = "\x1f"
"""Between system and id of an external identifier; neither may hold it."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN_EMAIL = re.compile(
    rf"(?=.{{1,254}}\Z)(?=[^@]{{1,64}}@)"
    rf"[a-z0-9!#$%&'*+/=?^_`{{|}}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{{|}}~-]+)*"
    rf"@(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?",
    re.ASCII,
)
_ROLE_PARTS = re.compile(r"[._-]+")
_LONGEST_REGION_CODE = 3
_PHONE_PUNCTUATION = re.compile(r"[\d\s()+./\-x#;,*=:extEXT~\u2010-\u2015]+")


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier in normal form.

    Attributes:
        kind: What it is.
        text: The normalised address, the E.164 number, or the id within `system`.
        system: The system that an external id belongs to, case-folded; else None.
        identifying: Whether it belongs to one person only.
        address_type: Of an e-mail address, given or derived.
        number_type: Of a phone number, as given.
    """

    kind: IdentifierKind
    text: str = field(repr=False)
    system: str | None = None
    identifying: bool = True
    address_type: AddressType | None = None
    number_type: NumberType | None = None

    @property
    def key(self) -> str:
        """What look-up and suppression hashes are made over, together with the kind."""
        return self.text if self.system is None else f"{self.system}{SEPARATOR}{self.text}"


@dataclass(frozen=True, slots=True)
class ById:
    """A reference by the service's own random id."""

    lead_id: str


Reference = ById | Identifier
"""What `lead` in a call may stand for."""


def email(value: str, address_type: AddressType | None = None) -> Identifier:
    """An e-mail address: trimmed, local part case-folded, domain as lower-case A-label.

    Args:
        value: The address as given.
        address_type: What the caller knows of it; derived from the address when None.

    Raises:
        IdentityInvalidError: It is no address, or holds a control character.
    """
    given = clean(value, "email")
    plain = given.lower()
    text = plain if _is_plain(plain) else _international(given)
    kind = address_type or classify(text)
    return Identifier(IdentifierKind.EMAIL, text, identifying=kind is not AddressType.ROLE, address_type=kind)


def phone(value: str, country: str | None = None, number_type: NumberType | None = None) -> Identifier:
    """A phone number as E.164.

    Only a number that the caller marks as mobile identifies: number plans tell fixed from mobile in some
    countries and not in others, and a mobile may still be a company's; so an absent `number_type` is unknown,
    and unknown is shared. An extension is dropped.

    Args:
        value: The number as given.
        country: The lead's country (ISO 3166-1 alpha-2), for a number without country code.
        number_type: What the caller knows of it.

    Raises:
        IdentityInvalidError: It is no possible number, or has no country.
    """
    given = clean(value, "phone")
    if not _PHONE_PUNCTUATION.fullmatch(given):
        raise IdentityInvalidError({"phone": ["Not a phone number."]})
    try:
        parsed = phonenumbers.parse(given, country)
    except phonenumbers.NumberParseException:
        raise IdentityInvalidError({"phone": ["Not a phone number with a country."]}) from None
    if not phonenumbers.is_possible_number(parsed):
        raise IdentityInvalidError({"phone": ["Not a possible phone number."]})
    return Identifier(
        IdentifierKind.PHONE,
        phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164),
        identifying=number_type is NumberType.MOBILE,
        number_type=number_type,
    )


def external(system: str, value: str) -> Identifier:
    """The id that another system knows the person by; the system's name is case-folded, the id is kept."""
    return Identifier(
        IdentifierKind.EXTERNAL, clean(value, "external.id"), clean(system, "external.system").casefold()
    )


def classify(address: str) -> AddressType:
    """What a normalised address says of its owner: a function, a private person, or somebody at work."""
    local, _, domain = address.rpartition("@")
    if _is_role(local.partition("+")[0]):
        return AddressType.ROLE
    return AddressType.PERSONAL if domain in PERSONAL_DOMAINS else AddressType.NAMED_WORK


def parse_reference(document: Mapping[str, Any]) -> Reference:
    """A reference to a lead: exactly one of `lead_id`, `email`, `phone`, `external`.

    Raises:
        IdentityInvalidError: Not exactly one key, an unknown key, or a value that is no such identifier.
    """
    if len(document) != 1:
        raise IdentityInvalidError({"lead": ["Give exactly one of lead_id, email, phone, external."]})
    [(key, value)] = document.items()
    if key == "external" and isinstance(value, Mapping) and set(value) == {"system", "id"}:
        return external(_text(value["system"], "external.system"), _text(value["id"], "external.id"))
    if key == "email":
        return email(_text(value, key))
    if key == "phone":
        return phone(_text(value, key))
    if key == "lead_id":
        return ById(clean(_text(value, key), key))
    raise IdentityInvalidError(
        {"lead": ["Give exactly one of lead_id, email, phone, external {system, id}."]}
    )


def _text(value: object, name: str) -> str:
    """`value`, which must be a string."""
    if not isinstance(value, str):
        raise IdentityInvalidError({name: ["Not a string."]})
    return value


def clean(value: str, name: str) -> str:
    """`value` without surrounding blanks; control characters and surrogates are refused, not trimmed."""
    if not value.isprintable() and any(unicodedata.category(char) in {"Cc", "Cs", "Cn"} for char in value):
        raise IdentityInvalidError({name: ["Control characters are not allowed."]})
    trimmed = value.strip()
    if not trimmed or len(trimmed) > MOST_CHARACTERS:
        raise IdentityInvalidError({name: [f"Between 1 and {MOST_CHARACTERS} characters."]})
    return trimmed


def _is_plain(address: str) -> bool:
    """Whether an address is ASCII and in normal form already, so that no library needs to look at it."""
    return _PLAIN_EMAIL.fullmatch(address) is not None and "xn--" not in address


def _international(address: str) -> str:
    """The normal form of an address that is not plain ASCII (RFC 6531, UTS 46); `.test` is allowed."""
    try:
        valid = validate_email(address, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError:
        raise IdentityInvalidError({"email": ["Not an e-mail address."]}) from None
    domain = (valid.ascii_domain or valid.domain).lower()
    return f"{_folded(valid.local_part)}@{domain}"


def _folded(text: str) -> str:
    """Case-folded and composed, in the order that makes a second pass change nothing (Unicode, D145)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold()).casefold()


def _is_role(local: str) -> bool:
    """`info`, `info2`, `sales-uk`, `customer.service`: words of function, with a region or a number."""
    bare = local.rstrip("0123456789")
    if bare in ROLE_WORDS or _ROLE_PARTS.sub("", bare) in ROLE_WORDS:
        return True
    parts = _ROLE_PARTS.split(bare)
    words = 1
    if len(parts) > 1 and min(map(len, parts[:2])) > 1 and "".join(parts[:2]) in ROLE_WORDS:
        words = 2  # `no-reply-eu`, but not the initials of `h.r.lee`
    return "".join(parts[:words]) in ROLE_WORDS and all(
        part in ROLE_WORDS or len(part) <= _LONGEST_REGION_CODE for part in parts[words:]
    )
