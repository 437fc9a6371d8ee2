"""A lead as it is told to us: validated values, pure.

What shape a document has, the door checks; what its words mean is checked here: countries, zones,
identifiers, text that can be stored. Errors name the field and never repeat the value.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

import pycountry

from audit.canonical import JSON
from consent.vocabulary import AddressType, IdentifierKind, NumberType, SourceKind
from governance import identity
from governance.errors import FactInvalidError, IdentityInvalidError
from governance.identity import Identifier

MOST_IDENTIFIERS = 50
MOST_FIELDS = 200
FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)

ATTRIBUTES = ("country", "region", "time_zone", "recipient_kind", "address_type", "number_type", "minor")
"""What the ledger keeps of a lead in the open, because decisions rest on it."""

_STRICTEST_LAST = (AddressType.ROLE, AddressType.NAMED_WORK, AddressType.PERSONAL)


class LeadState(StrEnum):
    """`LOCKED`: the person is being erased, and nothing is opened or changed any more."""

    ACTIVE = "active"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a lead came from, and when; `evidence` is sealed."""

    key: str
    kind: SourceKind
    obtained_at: datetime
    provider: str | None = None
    evidence: Mapping[str, JSON] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Notice:
    """The privacy notice that the person was given (GDPR, Articles 13 and 14)."""

    article: str
    version: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class NewLead:
    """A person as a source tells of them. `profile` holds each field as JSON text.

    `address_type` is what the addresses say of the recipient, unless the attributes say it.
    """

    identifiers: tuple[Identifier, ...] = field(repr=False)
    attributes: Mapping[str, JSON]
    address_type: AddressType | None
    profile: Mapping[str, bytes] = field(repr=False)
    source: Source
    notice: Notice | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What a rectification asks for; None in `profile` removes a field, in `attributes` makes it unknown.

    `identifiers` replace all those of their kinds.
    """

    identifiers: tuple[Identifier, ...] = field(repr=False)
    attributes: Mapping[str, JSON]
    profile: Mapping[str, bytes | None] = field(repr=False)


def new_lead(document: Mapping[str, Any]) -> NewLead:
    """The lead of a document in the contract's shape (`POST /v1/leads`).

    Raises:
        FactInvalidError: A word, an identifier or a text in it is not as the contract says.
    """
    place = attributes_of(document)
    identifiers = identifiers_of(document, place)
    if not identifiers:
        raise FactInvalidError({"identifiers": ["At least one is needed."]})
    return NewLead(
        identifiers=identifiers,
        attributes=place,
        address_type=strictest(one.address_type for one in identifiers),
        profile={
            name: _stored(value, f"profile.{name}")
            for name, value in _fields(document).items()
            if value is not None
        },
        source=_source(document["source"]),
        notice=_notice(document.get("notice")),
    )


def changes(document: Mapping[str, Any]) -> Changes:
    """The changes of a document in the shape of `PATCH /v1/leads/{id}`.

    Raises:
        FactInvalidError: A word, an identifier or a text in it is not as the contract says.
    """
    place = attributes_of(document)
    return Changes(
        identifiers=identifiers_of(document, place),
        attributes=place,
        profile={
            name: None if value is None else _stored(value, f"profile.{name}")
            for name, value in _fields(document).items()
        },
    )


def identifiers_of(document: Mapping[str, Any], attributes: Mapping[str, JSON]) -> tuple[Identifier, ...]:
    """The identifiers of a document, each once, in their order."""
    address_type = attributes.get("address_type")
    number_type = attributes.get("number_type")
    country = attributes.get("country")
    made: dict[tuple[IdentifierKind, str], Identifier] = {}
    for position, given in enumerate(document.get("identifiers", ())):
        try:
            one = _identifier(
                given,
                country=None if country is None else str(country),
                address_type=None if address_type is None else AddressType(str(address_type)),
                number_type=None if number_type is None else NumberType(str(number_type)),
            )
        except IdentityInvalidError as error:
            messages = [message for several in error.errors.values() for message in several]
            raise FactInvalidError({f"identifiers.{position}": messages}) from None
        made.setdefault((one.kind, one.key), one)
    if len(made) > MOST_IDENTIFIERS:
        raise FactInvalidError({"identifiers": [f"At most {MOST_IDENTIFIERS}."]})
    return tuple(made.values())


def attributes_of(document: Mapping[str, Any]) -> dict[str, JSON]:
    """The attributes that a document gives, checked; a region given alone also says the country."""
    given: dict[str, JSON] = {name: _plain(document[name]) for name in ATTRIBUTES if name in document}
    country, region, zone = (given.get(name) for name in ("country", "region", "time_zone"))
    if country is not None and country not in _countries():
        raise FactInvalidError({"country": ["Not an ISO 3166-1 alpha-2 code."]})
    if region is not None:
        code = _region(str(region), None if country is None else str(country))
        given.update(country=code[:2], region=code)
    if zone is not None and zone not in _zones():
        raise FactInvalidError({"time_zone": ["Not an IANA time zone."]})
    return given


def strictest(kinds: Iterable[AddressType | None]) -> AddressType | None:
    """The strictest of what addresses say of their owner; None says nothing."""
    known = [kind for kind in kinds if kind is not None]
    return max(known, key=_STRICTEST_LAST.index, default=None)


def _region(region: str, country: str | None) -> str:
    """The whole code of a region, which may be given without its country's."""
    code = region if "-" in region or country is None else f"{country}-{region}"
    if code not in _regions() or country not in {None, code[:2]}:
        raise FactInvalidError({"region": ["Not an ISO 3166-2 code of the country."]})
    return code


def _identifier(
    given: Mapping[str, Any],
    *,
    country: str | None,
    address_type: AddressType | None,
    number_type: NumberType | None,
) -> Identifier:
    """One identifier in normal form."""
    kind, value, system = IdentifierKind(given["type"]), given["value"], given.get("system")
    if kind is IdentifierKind.EXTERNAL:
        if system is None:
            raise IdentityInvalidError({"system": ["An external id needs its system."]})
        return identity.external(system, value)
    if system is not None:
        raise IdentityInvalidError({"system": ["Only an external id has a system."]})
    if kind is IdentifierKind.EMAIL:
        return identity.email(value, address_type)
    return identity.phone(value, country, number_type)


def _plain(value: Any) -> JSON:
    """A word of an enum as text; anything else as it is."""
    plain: JSON = value.value if isinstance(value, StrEnum) else value
    return plain


def _fields(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The profile, its names checked."""
    profile: Mapping[str, Any] = document.get("profile") or {}
    if len(profile) > MOST_FIELDS:
        raise FactInvalidError({"profile": [f"At most {MOST_FIELDS} fields."]})
    if not all(FIELD_NAME.fullmatch(name) for name in profile):
        raise FactInvalidError({"profile": ["A field's name is [a-z][a-z0-9_]*, at most 64 characters."]})
    return profile


def _source(document: Mapping[str, Any]) -> Source:
    """The source, its texts checked."""
    provider = document.get("provider")
    evidence = document.get("evidence")
    if evidence is not None:
        _stored(evidence, "source.evidence")
    return Source(
        key=_line(document["key"], "source.key"),
        kind=SourceKind(document["kind"]),
        obtained_at=document["obtained_at"],
        provider=None if provider is None else _line(provider, "source.provider"),
        evidence=evidence,
    )


def _notice(document: Mapping[str, Any] | None) -> Notice | None:
    """The notice, if one was given."""
    if document is None:
        return None
    return Notice(document["article"], _line(document["version"], "notice.version"), document["given_at"])


def _line(value: str, name: str) -> str:
    """One line of text that any database can hold."""
    try:
        return identity.clean(value, name)
    except IdentityInvalidError as error:
        raise FactInvalidError(error.errors) from None


def _stored(value: Any, name: str) -> bytes:
    """`value` as JSON bytes; numbers that are none, and halves of characters, are refused."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except ValueError:
        raise FactInvalidError({name: ["Not a value that can be stored."]}) from None


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2."""
    return frozenset(country.alpha_2 for country in pycountry.countries)


@lru_cache(maxsize=1)
def _regions() -> frozenset[str]:
    """ISO 3166-2."""
    return frozenset(region.code for region in pycountry.subdivisions)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    """The IANA zones that this installation knows."""
    return frozenset(available_timezones())
