"""What a decision may rest on: the facts document as frozen values.

`parse` checks a document that a caller wrote and names every fault by its place, never by its value;
`trusted` takes a document that the ledger wrote and checks nothing. A fact that is absent is unknown, and
unknown never helps. Source: contract, `facts`.

The values are tuples: a batch makes thousands, and frozen dataclasses of thirty fields cost it a twentieth.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from consent.documents import check_document
from consent.errors import FactsError

# A day, or an instant (`datetime` is a `date`): stored facts are instants, written ones mostly days.
Moment = date

ALL = "all"
DIRECT_MARKETING = frozenset({"direct_marketing"})
EVERYTHING = frozenset({ALL})
NOTHING: Mapping[str, Any] = {}


class Consent(NamedTuple):
    """One consent on file; `proof` None is a consent that can not be shown."""

    channels: frozenset[str]
    purposes: frozenset[str]
    given_on: Moment
    proof: str | None
    withdrawn_on: Moment | None = None
    expires_on: Moment | None = None
    last_used_on: Moment | None = None


class Objection(NamedTuple):
    """What the person objected to; without a date it counts as newer than everything."""

    type: str
    scope: frozenset[str]
    received_on: Moment | None


class Suppression(NamedTuple):
    """An address that must not be used; without channels it covers all."""

    type: str
    channels: frozenset[str]
    received_on: Moment | None
    hash_match: bool | None


class Relationship(NamedTuple):
    """What binds the person and the company."""

    type: str | None
    contract_active: bool | None
    last_purchase_on: Moment | None
    contract_ended_on: Moment | None
    last_inquiry_on: Moment | None
    email_from_sale: bool | None
    own_similar_products: bool | None
    opt_out_offered_at_collection: bool | None
    objected: bool | None

    @property
    def is_customer(self) -> bool:
        """A sale or a running contract is on record."""
        return self.type == "customer" or self.contract_active is True or self.last_purchase_on is not None


class RegisterCheck(NamedTuple):
    """One look into a do-not-call register."""

    register: str
    checked_on: Moment
    listed: bool | None


class Facts(NamedTuple):
    """All facts of one question; the fields are those of the contract's table.

    `jurisdictions` holds the jurisdiction and then the candidates, and is empty when the jurisdiction is
    unknown. `at` (never before `now`) moves hours and frequency only; `added_zone` must allow as well.
    `notice_stated` is true when the document has the key `notice_given_on`, be it null.
    """

    now: datetime
    channel: str
    purpose: str
    jurisdictions: tuple[str, ...] = ()
    at: datetime | None = None
    recipient_tz: str | None = None
    added_zone: str | None = None
    recipient_kind: str | None = None
    address_type: str | None = None
    number_type: str | None = None
    source: str | None = None
    obtained_on: Moment | None = None
    consents: tuple[Consent, ...] = ()
    objections: tuple[Objection, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    restricted: bool = False
    relationship: Relationship | None = None
    last_inbound_contact_on: Moment | None = None
    notice_given_on: Moment | None = None
    notice_stated: bool = False
    notice_in_first_message: bool = False
    lia: str | None = None
    presumed_consent: Mapping[str, Any] | None = None
    publication: Mapping[str, Any] | None = None
    role_relevant: bool | None = None
    b2b_message: bool | None = None
    mass_sending: bool | None = None
    minor: bool | None = None
    register_checks: tuple[RegisterCheck, ...] = ()
    content: Mapping[str, Any] = NOTHING
    gpc: bool = False
    contacts: Mapping[str, Sequence[datetime]] = NOTHING


def moment(text: str | None) -> Moment | None:
    """`2026-11-24` as a day, `2026-11-24T10:00:00Z` as an instant."""
    if text is None:
        return None
    return date.fromisoformat(text) if len(text) == len("YYYY-MM-DD") else datetime.fromisoformat(text)


def parse(document: Any) -> Facts:
    """The facts of a document that a caller wrote.

    Raises:
        FactsError: with every fault by its place.
    """
    errors = check_document(document)
    if errors:
        raise FactsError(errors)
    return trusted(document)


def trusted(document: Mapping[str, Any]) -> Facts:
    """The facts of a document that the ledger wrote; nothing is checked.

    Besides the keys of the contract it may hold `at` and `time_zone` (a further zone that must allow), which
    come with a question; its `now` and `at` may be instants already.

    Raises:
        KeyError, ValueError: the document was not written by the ledger.
    """
    values = [*_ABSENT]
    for key, value in document.items():
        read = _READ.get(key)
        if read is not None and value is not None:
            place, convert = read
            values[place] = value if convert is None else convert(value)
    values[:_ASKED] = _instant(document["now"]), document["channel"], document["purpose"]
    values[_JURISDICTIONS] = _jurisdictions(document.get("jurisdiction"), document.get("candidates"))
    values[_NOTICE_STATED] = "notice_given_on" in document
    return Facts._make(values)


def _instant(value: str | datetime) -> datetime:
    """An instant, be it text or not."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _jurisdictions(first: str | None, candidates: Sequence[str] | None) -> tuple[str, ...]:
    """The jurisdiction, then the candidates; without the first there is none."""
    if not first:
        return ()
    if not candidates:
        return (first,)
    return tuple(dict.fromkeys((first, *candidates)))


def _consent(one: Mapping[str, Any]) -> Consent:
    """One entry of `consents[]`; absent purposes mean direct marketing."""
    get = one.get
    purposes = get("purposes")
    given_on = moment(one["given_on"])
    if given_on is None:
        raise ValueError("a consent needs the day on which it was given")
    return Consent(
        frozenset(one["channels"]),
        DIRECT_MARKETING if purposes is None else frozenset(purposes),
        given_on,
        get("proof"),
        moment(get("withdrawn_on")),
        moment(get("expires_on")),
        moment(get("last_used_on")),
    )


def _scope(value: str | Sequence[str] | None) -> frozenset[str]:
    """`all`, a list of channels, or nothing, which is all."""
    if value is None or value == ALL:
        return EVERYTHING
    return frozenset((value,) if isinstance(value, str) else value)


def _objection(one: Mapping[str, Any]) -> Objection:
    """One entry of `objections[]`."""
    return Objection(one["type"], _scope(one.get("scope")), moment(one.get("received_on")))


def _suppression(one: Mapping[str, Any]) -> Suppression:
    """One entry of `suppressions[]`."""
    received = one.get("received_on") or one.get("created_on")
    return Suppression(one["type"], _scope(one.get("channels")), moment(received), one.get("hash_match"))


def _relationship(one: Mapping[str, Any] | None) -> Relationship | None:
    """`relationship`, or None when nothing is known."""
    if not one:
        return None
    get = one.get
    return Relationship(
        get("type"),
        get("contract_active"),
        moment(get("last_purchase_on")),
        moment(get("contract_ended_on")),
        moment(get("last_inquiry_on")),
        get("email_from_sale"),
        get("own_similar_products"),
        get("opt_out_offered_at_collection"),
        get("objected"),
    )


def _register_check(one: Mapping[str, Any]) -> RegisterCheck:
    """One entry of `register_checks[]`."""
    checked_on = moment(one["checked_on"])
    if checked_on is None:
        raise ValueError("a register check needs its day")
    return RegisterCheck(one["register"], checked_on, one.get("listed"))


def _contacts(value: Mapping[str, Sequence[str]] | None) -> Mapping[str, Sequence[datetime]]:
    """Earlier contacts by channel."""
    if not value:
        return NOTHING
    return {channel: [datetime.fromisoformat(text) for text in times] for channel, times in value.items()}


def _is_true(value: object) -> bool:
    """Only `true` itself is a promise or a signal."""
    return value is True


def _each(convert: Callable[[Mapping[str, Any]], Any]) -> Callable[[Sequence[Mapping[str, Any]]], Any]:
    """Of a list: what each of it is."""
    return lambda several: tuple([convert(one) for one in several])


_ABSENT = (None, None, None, *Facts._field_defaults.values())
_ASKED = 3  # now, channel, purpose
_JURISDICTIONS = Facts._fields.index("jurisdictions")
_NOTICE_STATED = Facts._fields.index("notice_stated")
_FIELDS: Mapping[str, tuple[str, Callable[[Any], Any] | None]] = {
    **{
        name: (name, None)
        for name in (
            *("recipient_tz", "recipient_kind", "address_type", "number_type", "source", "lia"),
            *("presumed_consent", "publication", "role_relevant", "b2b_message", "mass_sending", "minor"),
            "content",
        )
    },
    **{name: (name, moment) for name in ("obtained_on", "last_inbound_contact_on", "notice_given_on")},
    "at": ("at", _instant),
    "time_zone": ("added_zone", None),
    "consents": ("consents", _each(_consent)),
    "objections": ("objections", _each(_objection)),
    "suppressions": ("suppressions", _each(_suppression)),
    "restrictions": ("restricted", bool),
    "relationship": ("relationship", _relationship),
    "notice_in_first_message": ("notice_in_first_message", _is_true),
    "register_checks": ("register_checks", _each(_register_check)),
    "signals": ("gpc", lambda signals: signals.get("gpc") is True),
    "contacts": ("contacts", _contacts),
}
_READ = {key: (Facts._fields.index(field), convert) for key, (field, convert) in _FIELDS.items()}
"""Which key of a document is which field of `Facts`, and how it is read: a document holds few of them."""
