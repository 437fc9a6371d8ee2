"""The grammar of a facts document: which keys there are and what each may hold.

Every fault is named by its place (`consents.0.channels`), never by its value. Source: contract, `facts`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import pycountry

from consent import vocabulary as words

RELATIONSHIPS = ("customer",)
Errors = dict[str, list[str]]
Check = Callable[[Any, str, Errors], None]

MOST_ENTRIES = 1000
LONGEST_TEXT = 1000
LONGEST_NAME = 64
EARLIEST_YEAR, LATEST_YEAR = 1900, 2999
DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})\Z")
REGISTER = re.compile(r"[A-Za-z][A-Za-z0-9_/-]*\Z")


def check_document(document: Any) -> Errors:
    """All faults of a document, by place; empty when there are none."""
    errors: Errors = {}
    DOCUMENT(document, "", errors)
    return errors


@cache
def known_jurisdictions() -> frozenset[str]:
    """ISO 3166-1 alpha-2 codes and ISO 3166-2 subdivisions."""
    countries = {country.alpha_2 for country in pycountry.countries}
    return frozenset(countries | {subdivision.code for subdivision in pycountry.subdivisions})


@cache
def known_zones() -> frozenset[str]:
    """The IANA zones."""
    return frozenset(available_timezones())


def is_day(value: Any) -> bool:
    """A calendar day, written `YYYY-MM-DD`."""
    return _reads(value, DAY, date.fromisoformat)


def is_instant(value: Any) -> bool:
    """An RFC 3339 instant with an offset."""
    return _reads(value, INSTANT, datetime.fromisoformat)


def _reads(value: Any, pattern: re.Pattern[str], read: Callable[[str], date]) -> bool:
    """Looks right and is right; within the years in which periods can be counted."""
    if not isinstance(value, str) or not pattern.match(value):
        return False
    try:
        year = read(value).year
    except ValueError:
        return False
    return EARLIEST_YEAR <= year <= LATEST_YEAR


def _fault(errors: Errors, place: str, message: str) -> None:
    errors.setdefault(place or "facts", []).append(message)


def _test(is_right: Callable[[Any], bool], message: str) -> Check:
    """A check of one value."""

    def check(value: Any, place: str, errors: Errors) -> None:
        if not is_right(value):
            _fault(errors, place, message)

    return check


def _one_of(known: Sequence[str]) -> Check:
    """One word of a closed list."""
    allowed = frozenset(str(word) for word in known)
    message = "must be one of: " + ", ".join(sorted(allowed))
    return _test(lambda value: isinstance(value, str) and value in allowed, message)


def _maybe(check: Check) -> Check:
    """Null is the same as absent."""

    def checked(value: Any, place: str, errors: Errors) -> None:
        if value is not None:
            check(value, place, errors)

    return checked


def _many(check: Check, *, least: int = 0) -> Check:
    """A list, each entry of which is checked."""

    def checked(value: Any, place: str, errors: Errors) -> None:
        if not isinstance(value, list):
            _fault(errors, place, "must be a list")
        elif not least <= len(value) <= MOST_ENTRIES:
            _fault(errors, place, f"must have {least} to {MOST_ENTRIES} entries")
        else:
            for number, entry in enumerate(value):
                check(entry, f"{place}.{number}", errors)

    return checked


def _either(is_first: Callable[[Any], bool], first: Check, second: Check) -> Check:
    """Two shapes of one key."""

    def checked(value: Any, place: str, errors: Errors) -> None:
        (first if is_first(value) else second)(value, place, errors)

    return checked


def _mapping(checks: Mapping[str, Check], *needed: str) -> Check:
    """An object of known keys, some of which must be there."""

    def checked(value: Any, place: str, errors: Errors) -> None:
        if not isinstance(value, Mapping):
            _fault(errors, place, "must be an object")
            return
        before = f"{place}." if place else ""
        for key in needed:
            if key not in value:
                _fault(errors, before + key, "is required")
        for key, entry in value.items():
            if key in checks:
                checks[key](entry, before + key, errors)
            else:
                _fault(errors, before + _shown(key), "is not a known key")

    return checked


def _shown(key: Any) -> str:
    """An unknown key, unless it could be somebody's name or address."""
    return key if isinstance(key, str) and re.fullmatch(r"[a-z][a-z_]{0,40}", key) else "?"


def _word(pattern: re.Pattern[str] | None, longest: int) -> Callable[[Any], bool]:
    def is_right(value: Any) -> bool:
        if not isinstance(value, str) or not 0 < len(value) <= longest:
            return False
        return pattern is None or bool(pattern.match(value))

    return is_right


FLAG = _test(lambda value: isinstance(value, bool), "must be true or false")
TEXT = _test(_word(None, LONGEST_TEXT), f"must be a text of 1 to {LONGEST_TEXT} characters")
WHEN = _test(lambda value: is_day(value) or is_instant(value), "must be YYYY-MM-DD or an instant with offset")
AT = _test(is_instant, "must be an RFC 3339 instant with an offset")
PLACE = _test(
    lambda value: isinstance(value, str) and value in known_jurisdictions(),
    "must be an ISO 3166-1 alpha-2 code, or an ISO 3166-2 code such as US-CA",
)
ZONE = _test(lambda value: isinstance(value, str) and value in known_zones(), "must be an IANA time zone")
CHANNEL = _one_of(list(words.Channel))
PURPOSE = _one_of(list(words.Purpose))
NAME_OF_REGISTER = _test(_word(REGISTER, LONGEST_NAME), "must be the name of a register")
CHANNEL_OR_ALL = _one_of(["all", *words.Channel])
SCOPE = _either(lambda value: isinstance(value, str), CHANNEL_OR_ALL, _many(CHANNEL_OR_ALL))

CONSENT = _mapping(
    {
        "channels": _many(CHANNEL),
        "purposes": _maybe(_many(PURPOSE)),
        "given_on": WHEN,
        "withdrawn_on": _maybe(WHEN),
        "expires_on": _maybe(WHEN),
        "last_used_on": _maybe(WHEN),
        "proof": _maybe(_one_of(list(words.Proof))),
        "wording_version": _maybe(TEXT),
    },
    "channels",
    "given_on",
)
OBJECTION = _mapping(
    {"type": _one_of(list(words.ObjectionKind)), "scope": _maybe(SCOPE), "received_on": _maybe(WHEN)}, "type"
)
SUPPRESSION = _mapping(
    {
        "type": _one_of(list(words.SuppressionKind)),
        "channels": _maybe(SCOPE),
        "received_on": _maybe(WHEN),
        "created_on": _maybe(WHEN),
        "hash_match": _maybe(FLAG),
    },
    "type",
)
RELATIONSHIP = _mapping(
    {
        "type": _maybe(_one_of(RELATIONSHIPS)),
        "contract_active": _maybe(FLAG),
        "last_purchase_on": _maybe(WHEN),
        "contract_ended_on": _maybe(WHEN),
        "last_inquiry_on": _maybe(WHEN),
        "email_from_sale": _maybe(FLAG),
        "own_similar_products": _maybe(FLAG),
        "opt_out_offered_at_collection": _maybe(FLAG),
        "objected": _maybe(FLAG),
    }
)
REGISTER_CHECK = _mapping(
    {"register": NAME_OF_REGISTER, "checked_on": WHEN, "listed": _maybe(FLAG)}, "register", "checked_on"
)
CONTENT = _mapping(
    {key: _maybe(FLAG) for key in ("promotional", "unsubscribe", "postal_address", "accurate_header")}
)
PUBLICATION = _mapping(
    {"conspicuous": _maybe(FLAG), "no_solicitation_statement": _maybe(FLAG), "evidence": _maybe(TEXT)}
)
RESTRICTION = _mapping({"type": _one_of(["art18"]), "since": _maybe(WHEN)}, "type")

DOCUMENT = _mapping(
    {
        "now": AT,
        "channel": CHANNEL,
        "purpose": PURPOSE,
        "jurisdiction": _maybe(PLACE),
        "candidates": _maybe(_many(PLACE)),
        "recipient_tz": _maybe(ZONE),
        "recipient_kind": _maybe(_one_of(list(words.RecipientKind))),
        "address_type": _maybe(_one_of(list(words.AddressType))),
        "number_type": _maybe(_one_of(list(words.NumberType))),
        "source": _maybe(_one_of(list(words.SourceKind))),
        "obtained_on": _maybe(WHEN),
        "consents": _maybe(_many(CONSENT)),
        "objections": _maybe(_many(OBJECTION)),
        "suppressions": _maybe(_many(SUPPRESSION)),
        "restrictions": _maybe(_many(RESTRICTION)),
        "relationship": _maybe(RELATIONSHIP),
        "last_inbound_contact_on": _maybe(WHEN),
        "notice_given_on": _maybe(WHEN),
        "notice_in_first_message": _maybe(FLAG),
        "lia": _maybe(TEXT),
        "presumed_consent": _maybe(_mapping({"substantiated": _maybe(FLAG), "reason": _maybe(TEXT)})),
        "publication": _maybe(PUBLICATION),
        "role_relevant": _maybe(FLAG),
        "b2b_message": _maybe(FLAG),
        "mass_sending": _maybe(FLAG),
        "minor": _maybe(FLAG),
        "register_checks": _maybe(_many(REGISTER_CHECK)),
        "content": _maybe(CONTENT),
        "signals": _maybe(_mapping({"gpc": _maybe(FLAG)})),
        "contacts": _maybe(_mapping({str(channel): _many(AT) for channel in words.Channel})),
    },
    "now",
    "channel",
    "purpose",
)
