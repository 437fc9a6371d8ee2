"""Compares identifiers as people mean them: e-mails whatever their case, numbers however spaced. Pure."""

import re
import unicodedata
from functools import lru_cache

import phonenumbers

from consent.vocabulary import AddressType, IdentifierKind
from governance import identity
from governance.errors import IdentityInvalidError
from governance.stores.protocol import Identity

NOT_DIGIT = re.compile(r"\D")
EXTENSION = re.compile(r"\s*(?:;ext=|ext\.?|x|#)\s*\d{1,6}\s*$", re.IGNORECASE)
SHORTEST_NUMBER = 6
LONGEST_COUNTRY_CODE = 3
COARSE_DIGITS = 6


def normal_email(value: str) -> str | None:
    """The contract's normal form; one made leniently where a store holds what no mail server would take.

    Example: ` Jane@MÜLLER.de ` becomes `jane@xn--mller-kva.de`. None where there is no address at all.
    """
    try:
        return identity.email(value).text
    except IdentityInvalidError:
        lenient = unicodedata.normalize("NFC", value.strip()).casefold()
    local, at, domain = lenient.rpartition("@")
    return lenient if at and local and domain else None


@lru_cache(maxsize=4096)
def normal_phone(value: str) -> str | None:
    """E.164 where the number says its country, else its bare digits; None where it is too short for one."""
    bare = EXTENSION.sub("", value.strip().removeprefix("tel:"))
    international = re.sub(r"^\s*00", "+", bare)
    if international.startswith("+"):
        try:
            parsed = phonenumbers.parse(international, None)
        except phonenumbers.NumberParseException:
            parsed = None
        if parsed is not None:
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    digits = NOT_DIGIT.sub("", bare)
    return digits if len(digits) >= SHORTEST_NUMBER else None


def normal(kind: IdentifierKind, value: str) -> str | None:
    """The form in which values of `kind` are compared; None where `value` holds no such identifier."""
    if kind is IdentifierKind.EMAIL:
        return normal_email(value)
    if kind is IdentifierKind.PHONE:
        return normal_phone(value)
    return value.strip() or None


def same_phone(one: str, other: str) -> bool:
    """Whether two normal numbers are one: a number without its country fits any country's."""
    if one == other:
        return True
    if one.startswith("+") == other.startswith("+"):
        return False
    full, bare = (one, other) if one.startswith("+") else (other, one)
    digits, national = full[1:], bare.lstrip("0")
    if digits == bare:
        return True
    return (
        len(national) >= SHORTEST_NUMBER
        and digits.endswith(national)
        and 0 < len(digits) - len(national) <= LONGEST_COUNTRY_CODE
    )


def same(one: Identity, other: Identity) -> bool:
    """Whether two identities are the same identifier."""
    if one.kind is not other.kind:
        return False
    if one.kind is IdentifierKind.PHONE:
        return same_phone(one.value, other.value)
    return one.value == other.value and one.system == other.system


def identifies(one: Identity) -> bool:
    """Whether an identity belongs to one person by its nature.

    Addresses of people and external ids do. A number does not: it may be a switchboard's.
    """
    if one.shared or one.kind is IdentifierKind.PHONE:
        return False
    return one.kind is not IdentifierKind.EMAIL or identity.classify(one.value) is not AddressType.ROLE


def email_spellings(email: str) -> tuple[str, ...]:
    """The spellings under which a normal address may stand in a column, once trimmed and lower-cased."""
    local, _, domain = email.rpartition("@")
    try:
        readable = domain.encode("ascii").decode("idna") if "xn--" in domain else domain
    except UnicodeError:
        readable = domain
    return tuple(dict.fromkeys((email, f"{local}@{readable}")))


def number_tail(text: str) -> str:
    """The last digits of a number, its extension left out: what all spellings of the same one share."""
    return NOT_DIGIT.sub("", EXTENSION.sub("", text))[-COARSE_DIGITS:]


def phone_pattern(phone: str) -> str:
    """A SQL LIKE pattern that every spelling of `phone` matches, and little else.

    Its last digits, however spaced: `+49301234567` gives `%2%3%4%5%6%7%`. Compared exactly afterwards.
    """
    return "%" + "%".join(NOT_DIGIT.sub("", phone)[-COARSE_DIGITS:]) + "%"
