"""One person before one law: the row that answers, the day there, and which consents count.

A `Case` is what the stages look at: made per question and jurisdiction, it lives no longer than the answer.
"""

from datetime import date, datetime, tzinfo
from functools import lru_cache

from consent.facts import Consent, Facts, Moment, RegisterCheck
from consent.hours import zone
from consent.periods import add, day_of, is_later, is_to_come
from consent.reasons import Reason
from consent.rows import Cell, Condition, ConsentTerms, Ground, Law, Period, Register, Row, RuleRef
from consent.vocabulary import AddressType, Channel, Proof, RecipientKind

# The person acted: such a consent lifts an earlier stop.
ACTED = frozenset({Proof.DOUBLE_OPT_IN, Proof.SIGNED_WEB_FORM, Proof.WEB_FORM})


class Case:
    """The facts of one question under one law; the stages leave their findings here."""

    allow: tuple[Reason, ...] = ()
    contested = False
    exempt: Ground | None = None
    failures: tuple[Reason, ...] = ()
    gate_passed = False
    ground: Ground | None = None
    last_day: date | None = None
    obligations: tuple[str, ...] = ()
    retry: datetime | None = None
    rule: RuleRef | None = None
    until: datetime | None = None

    def __init__(self, facts: Facts, law: Law, cell: Cell, kind: str) -> None:
        self.facts = facts
        self.law = law
        self.cell = cell
        self.kind = kind
        self.zones = _zones(facts, law)
        self.today = _today(facts.now, self.zones)
        self.row = _row(cell, self)
        self.valid: list[Consent] = []
        if facts.consents:
            weigh_consents(self)

    @property
    def place(self) -> tzinfo:
        """The zone in which instants become days."""
        return self.zones[0] if self.zones else self.facts.now.tzinfo or zone("UTC")

    @property
    def impersonal(self) -> bool:
        """A role address of a legal person: no personal data, so neither assessment nor notice is asked."""
        return (
            self.facts.address_type == AddressType.ROLE
            and self.kind == RecipientKind.CORPORATE_SUBSCRIBER
            and self.facts.channel == Channel.EMAIL
        )

    @property
    def owes_notice(self) -> bool:
        """Whether the law has the person told of the processing at all."""
        return self.law.gdpr and not self.impersonal

    def day(self, moment: Moment) -> date:
        """The day of a fact, on the recipient's clock if it is an instant."""
        return day_of(moment, self.place) if isinstance(moment, datetime) else moment

    def happened(self, moment: Moment | None) -> bool:
        """It is known, and not to come."""
        return moment is not None and not is_to_come(moment, self.facts.now)

    def holds_until(self, day: date) -> None:
        """The answer rests on something whose last valid day is `day`."""
        if self.last_day is None or day < self.last_day:
            self.last_day = day


def last_day_of(case: Case, since: Moment, period: Period) -> date:
    """The last valid day of a period after a fact."""
    return add(case.day(since), period)


def weigh_consents(case: Case) -> None:
    """Sorts the consents on file: `valid` ones cover channel and purpose, the others leave why they fail."""
    facts, terms = case.facts, case.row.consent
    failures: frozenset[Reason] = _NONE
    for consent in facts.consents:
        if consent.withdrawn_on is not None or is_to_come(consent.given_on, facts.now):
            continue
        found = _consent_reasons(case, consent)
        if terms.written and consent.proof not in ACTED and found <= _AGES:
            # Too weak a form counts as no consent at all; courts may differ on it.
            case.contested = case.contested or (terms.contested and not found)
        elif found:
            failures |= found
        elif not _cancelled(case, consent):
            case.valid.append(consent)
    case.failures = tuple([reason for reason in _CONSENT_REASONS if reason in failures])


def _consent_reasons(case: Case, consent: Consent) -> frozenset[Reason]:
    """Why a consent does not carry this question: scope, else proof, else age."""
    facts = case.facts
    if facts.channel not in consent.channels or facts.purpose not in consent.purposes:
        return _OUT_OF_SCOPE
    if consent.proof is None:
        return _NOT_DEMONSTRABLE
    return _age_reasons(case, consent, case.row.consent)


_NONE: frozenset[Reason] = frozenset()
_OUT_OF_SCOPE = frozenset({Reason.CONSENT_SCOPE_MISMATCH})
_NOT_DEMONSTRABLE = frozenset({Reason.CONSENT_NOT_DEMONSTRABLE})
_EXPIRED = frozenset({Reason.CONSENT_EXPIRED})
_STALE = frozenset({Reason.CONSENT_STALE})
_AGES = _EXPIRED | _STALE


_CONSENT_REASONS = (
    Reason.CONSENT_NOT_DEMONSTRABLE,
    Reason.CONSENT_EXPIRED,
    Reason.CONSENT_STALE,
    Reason.CONSENT_SCOPE_MISMATCH,
)


def _age_reasons(case: Case, consent: Consent, terms: ConsentTerms) -> frozenset[Reason]:
    """Whether a consent is too old, by its own end, by law, or by lying unused."""
    found = _NONE
    expires = consent.expires_on
    if expires is not None and is_later(
        case.facts.now if isinstance(expires, datetime) else case.today, expires, case.place
    ):
        found = _EXPIRED
    end = consent_ends(case, consent, terms)
    if end is not None and case.today > end:
        found = _EXPIRED
    if terms.stale_after is not None and case.today > goes_stale(case, consent, terms.stale_after):
        found |= _STALE
    return found


def consent_ends(case: Case, consent: Consent, terms: ConsentTerms) -> date | None:
    """The last day that the law leaves a consent, whatever it says itself."""
    term = terms.lasts or (terms.lasts_without_end if consent.expires_on is None else None)
    return None if term is None else last_day_of(case, consent.given_on, term)


def goes_stale(case: Case, consent: Consent, period: Period) -> date:
    """The last day before an unused consent is stale: counted from its last use or contact by the person."""
    newest = case.day(consent.given_on)
    for moment in (consent.last_used_on, case.facts.last_inbound_contact_on):
        if moment is not None and not is_to_come(moment, case.facts.now):
            newest = max(newest, case.day(moment))
    return add(newest, period)


_DASHES = str.maketrans("-/", "__")


def named_in(check: RegisterCheck, register: Register) -> bool:
    """Whether a check was of that register."""
    name = check.register.upper()
    return name in register.names or name.translate(_DASHES) in register.names


def newest_check(case: Case, register: Register) -> RegisterCheck | None:
    """The newest check of a register that has a result; of two of one day the one that says listed."""
    newest: RegisterCheck | None = None
    for check in case.facts.register_checks:
        if check.listed is None or not named_in(check, register) or not case.happened(check.checked_on):
            continue
        if (
            newest is None
            or is_later(check.checked_on, newest.checked_on, case.place)
            or (check.listed and not is_later(newest.checked_on, check.checked_on, case.place))
        ):
            newest = check
    return newest


def _cancelled(case: Case, consent: Consent) -> bool:
    """Whether being listed on a register of this row ended the consent (L. 5/2018: enrolment does)."""
    row = case.row
    return any(
        check.listed is True
        and named_in(check, register)
        and not is_later(consent.given_on, check.checked_on, case.place)
        for register in (*row.registers, *row.listed_blocks)
        if register.cancels_consents
        for check in case.facts.register_checks
    )


def _zones(facts: Facts, law: Law) -> tuple[tzinfo, ...]:
    """The recipient's zone, else all of the jurisdiction's; the asker may only add one."""
    own = (zone(facts.recipient_tz),) if facts.recipient_tz else tuple([zone(name) for name in law.zones])
    return (*own, zone(facts.added_zone)) if facts.added_zone else own


def _today(now: datetime, zones: tuple[tzinfo, ...]) -> date:
    """The day at the recipient; the latest where there are several, else the day that the asker has."""
    return _latest_day(now, zones) if zones else now.date()


@lru_cache(maxsize=256)  # all leads of a call share its moment
def _latest_day(now: datetime, zones: tuple[tzinfo, ...]) -> date:
    """Of an instant, however it is written: equal instants are one key of the cache."""
    return max([now.astimezone(place).date() for place in zones])


def _row(cell: Cell, case: Case) -> Row:
    """The first row that is in force and whose conditions are met; a cell always has one."""
    if len(cell) == 1:
        return cell[0]
    today = case.today
    for row in cell:
        in_force = (row.effective_from is None or row.effective_from <= today) and (
            row.effective_to is None or today <= row.effective_to
        )
        if in_force and all(_meets(case, condition) for condition in row.when):
            return row
    raise AssertionError("a rulebook without gaps has a row for every day")


def _meets(case: Case, condition: Condition) -> bool:
    """Whether a fact is as a row wants it; what is unknown is not."""
    facts = case.facts
    if condition.fact == "customer":
        return _is_customer(case, condition.within)
    if condition.fact == "contract_active":
        return facts.relationship is not None and facts.relationship.contract_active in condition.values
    return getattr(facts, condition.fact) in condition.values


def _is_customer(case: Case, within: Period | None) -> bool:
    """A running contract, or a sale: any, or one within a period."""
    relationship = case.facts.relationship
    if relationship is None:
        return False
    if within is None or relationship.contract_active:
        return relationship.is_customer
    bought = relationship.last_purchase_on
    return bought is not None and case.happened(bought) and case.today <= last_day_of(case, bought, within)
