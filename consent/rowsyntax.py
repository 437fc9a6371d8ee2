"""How the rules of one jurisdiction are spelled: registers, caps, grounds, rows; read within its scope."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consent import tablesyntax as syntax
from consent.calendars import Calendar
from consent.contacts import CONTACTS_KEPT
from consent.reasons import Reason
from consent.rows import (
    Cap,
    Condition,
    ConsentTerms,
    Ground,
    GroundKind,
    Hours,
    Period,
    Regime,
    Register,
    Row,
    RuleRef,
)
from consent.tablesyntax import Faults
from consent.vocabulary import Purpose, SourceKind

DATA_USES = (Purpose.PROFILING, Purpose.ENRICHMENT, Purpose.SHARING)
CONFIDENCE = ("high", "medium", "low", "contested")
CONTENT = ("unsubscribe", "postal_address", "accurate_header")
SOURCES = frozenset(SourceKind)
ALLOWING = frozenset(list(Reason)[list(Reason).index(Reason.CONSENT_VALID) :])

ALLOWED_BY = {
    GroundKind.SOFT_OPT_IN: Reason.SOFT_OPT_IN,
    GroundKind.BUSINESS_RELATIONSHIP: Reason.IMPLIED_CONSENT_EBR,
    GroundKind.INQUIRY: Reason.IMPLIED_CONSENT_INQUIRY,
    GroundKind.ORGANISATION_RELATIONSHIP: Reason.B2B_EXEMPT,
    GroundKind.PUBLICATION: Reason.CONSPICUOUS_PUBLICATION,
    GroundKind.ADDRESS_PROVIDED: Reason.ADDRESS_PROVIDED,
    GroundKind.PRESUMED_CONSENT: Reason.PRESUMED_CONSENT_SUBSTANTIATED,
}
FREE_OF_CHARGE = "include_unsubscribe_free_of_charge"  # Directive 2002/58/EC art. 13(2)
FLAGS = ("mass_sending", "b2b_message", "contract_active", "customer")
WORDS = {
    "address_type": ("role", "named_work", "personal"),
    "number_type": ("mobile", "business_landline"),
}

ROW_KEYS = frozenset(
    [
        "id",
        "version",
        "citation",
        "confidence",
        "channels",
        "uses",
        "recipients",
        "when",
        "from",
        "until",
        "regime",
        "consent",
        "consent_lifts_ban",
        "grounds",
        "needs",
        "allow_as",
        "registers",
        "listed_blocks",
        "hours",
        "caps",
        "content",
        "obligations",
        "duties",
        "note",
    ]
)
GROUND_KEYS = frozenset(
    [
        "id",
        "version",
        "citation",
        "within",
        "after_contract",
        "sources",
        "role_relevant",
        "lifts_registers",
        "registers",
        "recheck",
        "needs",
        "obligations",
    ]
)
CAP_KEYS = frozenset(
    ["id", "version", "citation", "most", "within", "channels", "sources", "unless_consent", "jurisdictions"]
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that the rows of one jurisdiction may use."""

    channels: Mapping[str, tuple[str, ...]]
    recipients: Mapping[str, tuple[str, ...]]
    duties: Mapping[str, Mapping[str, Any]]
    registers: Mapping[str, Register]
    hours: Mapping[str, Hours | None]
    caps: Mapping[str, Cap | None]
    consent: Mapping[str, Any]
    calendars: Mapping[str, Calendar]


def read_register(
    value: Any, place: str, faults: Faults, recipients: Mapping[str, tuple[str, ...]]
) -> Register:
    """A register: its names in checks, whom it covers, how long a check is good."""
    table = syntax.mapping(
        value, place, faults, ("id", "version", "citation", "names", "covers", "good_for", "cancels_consents")
    )
    names = syntax.texts(table.get("names"), f"{place}.names", faults)
    if not names:
        faults.add(f"{place}.names", "needs at least one name")
    return Register(
        syntax.rule(table, place, faults),
        frozenset(name.upper() for name in names),
        frozenset(syntax.grouped(table.get("covers"), f"{place}.covers", faults, recipients)),
        syntax.period(table.get("good_for"), f"{place}.good_for", faults),
        syntax.flag(table.get("cancels_consents"), f"{place}.cancels_consents", faults),
    )


def read_cap(value: Any, place: str, faults: Faults, channels: Mapping[str, tuple[str, ...]]) -> Cap | None:
    """A frequency cap; nothing is no limit. Without `within` it counts for ever."""
    if value is None:
        return None
    table = syntax.mapping(value, place, faults, CAP_KEYS)
    most = table.get("most")
    if not isinstance(most, int) or isinstance(most, bool) or not 1 <= most <= CONTACTS_KEPT:
        faults.add(f"{place}.most", f"must be a whole number from 1 to {CONTACTS_KEPT}")
    sources = table.get("sources")
    within = table.get("within")
    return Cap(
        syntax.rule(table, place, faults),
        most if isinstance(most, int) else 1,
        None if within is None else syntax.duration(within, f"{place}.within", faults),
        frozenset(syntax.grouped(table.get("channels"), f"{place}.channels", faults, channels)),
        None if sources is None else frozenset(syntax.words(sources, f"{place}.sources", faults, SOURCES)),
        syntax.flag(table.get("unless_consent"), f"{place}.unless_consent", faults),
    )


def read_row(value: Mapping[str, Any], place: str, faults: Faults, scope: Scope) -> Row:
    """One rule of a table, with the duties, registers, hours and caps that it names."""
    syntax.mapping(value, place, faults, ROW_KEYS)
    get = value.get
    rule = syntax.rule(value, place, faults)
    regime = syntax.word(get("regime"), f"{place}.regime", faults, Regime)
    if get("confidence") not in CONFIDENCE:
        faults.add(f"{place}.confidence", "must be one of: " + ", ".join(CONFIDENCE))
    needs = syntax.words(get("needs"), f"{place}.needs", faults, ("lia", "role"))
    allow = syntax.words(get("allow_as"), f"{place}.allow_as", faults, ALLOWING)
    if (regime is Regime.OPT_OUT) != bool(allow):
        faults.add(f"{place}.allow_as", "is for rows that are opt_out, and needed there")
    content, obligations = _duties(value, place, faults, scope)
    grounds = syntax.listed(get("grounds"), f"{place}.grounds", faults)
    return Row(
        rule=rule,
        regime=regime,
        confidence=str(get("confidence")),
        when=_conditions(get("when"), f"{place}.when", faults),
        effective_from=syntax.day(get("from"), f"{place}.from", faults),
        effective_to=syntax.day(get("until"), f"{place}.until", faults),
        consent=_consent_terms(scope, get("consent"), f"{place}.consent", faults),
        consent_lifts_ban=syntax.flag(get("consent_lifts_ban"), f"{place}.consent_lifts_ban", faults),
        grounds=tuple(
            _ground(one, f"{place}.grounds.{number}", faults, rule, scope)
            for number, one in enumerate(grounds)
        ),
        allow=tuple(Reason(reason) for reason in allow),
        needs_lia="lia" in needs,
        needs_role="role" in needs,
        registers=_registers(get("registers"), f"{place}.registers", faults, scope),
        listed_blocks=_registers(get("listed_blocks"), f"{place}.listed_blocks", faults, scope),
        hours=_hours(get("hours"), f"{place}.hours", faults, scope),
        caps=_caps(get("caps"), f"{place}.caps", faults, scope),
        content=content,
        obligations=obligations,
    )


def _duties(
    value: Mapping[str, Any], place: str, faults: Faults, scope: Scope
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Content that must not be missing, and obligations: those of the named duties, then the row's own."""
    name = value.get("duties")
    if name is not None and (not isinstance(name, str) or name not in scope.duties):
        faults.add(f"{place}.duties", "is not named in this jurisdiction or above it")
    duties = syntax.mapping(scope.duties.get(str(name)), f"duties.{name}", faults, ("content", "obligations"))
    content = [
        *syntax.texts(duties.get("content"), f"duties.{name}.content", faults),
        *syntax.texts(value.get("content"), f"{place}.content", faults),
    ]
    obligations = (
        *syntax.texts(duties.get("obligations"), f"duties.{name}.obligations", faults),
        *syntax.texts(value.get("obligations"), f"{place}.obligations", faults),
    )
    return (
        syntax.words(list(dict.fromkeys(content)), f"{place}.content", faults, CONTENT),
        tuple(dict.fromkeys(obligations)),
    )


def _conditions(value: Any, place: str, faults: Faults) -> tuple[Condition, ...]:
    """`{number_type: business_landline}`, `{customer: true, customer_within: 12 months}`."""
    table = syntax.mapping(value, place, faults, (*FLAGS, *WORDS, "customer_within"))
    found: list[Condition] = []
    for fact, wanted in table.items():
        if fact in FLAGS:
            within = table.get("customer_within") if fact == "customer" else None
            limit = None if within is None else syntax.period(within, f"{place}.customer_within", faults)
            found.append(Condition(fact, frozenset({syntax.flag(wanted, f"{place}.{fact}", faults)}), limit))
        elif fact in WORDS:
            entries = wanted if isinstance(wanted, list) else [wanted]
            found.append(
                Condition(fact, frozenset(syntax.words(entries, f"{place}.{fact}", faults, WORDS[fact])))
            )
    return tuple(found)


def _consent_terms(scope: Scope, value: Any, place: str, faults: Faults) -> ConsentTerms:
    """What a consent must be, in the jurisdiction and by the row; `stale_after: never` is allowed."""
    terms = {**scope.consent, **syntax.named(value, place, faults)}
    table = syntax.mapping(
        terms, place, faults, ("written", "contested", "lasts", "lasts_without_end", "stale_after")
    )

    def term(key: str) -> Period | None:
        text = table.get(key, "never")
        return None if text == "never" else syntax.period(text, f"{place}.{key}", faults)

    return ConsentTerms(
        syntax.flag(table.get("written"), f"{place}.written", faults),
        syntax.flag(table.get("contested"), f"{place}.contested", faults),
        term("lasts"),
        term("lasts_without_end"),
        term("stale_after"),
    )


def _ground(value: Any, place: str, faults: Faults, rule: RuleRef, scope: Scope) -> Ground:
    """`- soft_opt_in: {…}`: one stand-in for consent; without id and citation it is the row's rule."""
    if not isinstance(value, Mapping) or len(value) != 1:
        faults.add(place, "must be one kind of ground with its conditions")
        return Ground(GroundKind.SOFT_OPT_IN, rule, ())
    name, conditions = next(iter(value.items()))
    kind = syntax.word(name, place, faults, GroundKind)
    here = f"{place}.{kind}"
    table = syntax.mapping(conditions, here, faults, GROUND_KEYS)
    get = table.get
    own = syntax.texts(get("obligations"), f"{here}.obligations", faults)
    obligations = (FREE_OF_CHARGE, *own) if kind is GroundKind.SOFT_OPT_IN else own
    return Ground(
        kind=kind,
        rule=syntax.rule(table, here, faults, rule),
        allow=(ALLOWED_BY[kind],),
        obligations=obligations,
        within=_period(get("within"), f"{here}.within", faults),
        after_contract=_period(get("after_contract"), f"{here}.after_contract", faults),
        sources=frozenset(syntax.words(get("sources"), f"{here}.sources", faults, SOURCES)),
        role_relevant=syntax.flag(get("role_relevant"), f"{here}.role_relevant", faults),
        needs_content=syntax.words(get("needs"), f"{here}.needs", faults, CONTENT),
        lifts_registers=syntax.flag(get("lifts_registers"), f"{here}.lifts_registers", faults),
        registers=_registers(get("registers"), f"{here}.registers", faults, scope),
        recheck=syntax.flag(get("recheck"), f"{here}.recheck", faults),
    )


def _period(value: Any, place: str, faults: Faults) -> Period | None:
    return None if value is None else syntax.period(value, place, faults)


def _registers(value: Any, place: str, faults: Faults, scope: Scope) -> tuple[Register, ...]:
    """Registers by their names in this jurisdiction."""
    return tuple(scope.registers[name] for name in syntax.words(value, place, faults, scope.registers))


def _hours(value: Any, place: str, faults: Faults, scope: Scope) -> tuple[Hours, ...]:
    """The hours of that name; a name without hours is no limit."""
    if value is None:
        return ()
    hours = [scope.hours[name] for name in syntax.words([value], place, faults, scope.hours)]
    return tuple(one for one in hours if one is not None)


def _caps(value: Any, place: str, faults: Faults, scope: Scope) -> tuple[Cap, ...]:
    """The caps of those names; a name without a cap is no limit."""
    caps = [scope.caps[name] for name in syntax.words(value, place, faults, scope.caps)]
    return tuple(one for one in caps if one is not None)
