"""Why the answer is what it is: every rule tried, what it found, and what is missing for a yes. Pure.

An answer stops at the first stage that denies; an explanation goes on through all of them, in every
jurisdiction, and tries every ground and every consent on file, so that a person sees the whole way to a yes.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

from consent.decision import (
    BASIS,
    FILTERS,
    ORIGIN,
    PURPOSE,
    REGISTERS,
    Decision,
    cases_of,
    decide,
    rule_behind,
)
from consent.facts import Consent, Facts
from consent.gates import lacking
from consent.grounds import try_ground
from consent.missing import lacking_checks, name_of, way_to_yes
from consent.reasons import MISSING, STAGES, Reason
from consent.rows import Regime, RuleRef
from consent.rulebook import Rulebook
from consent.states import Reasons, judge_origin
from consent.weighing import Case
from consent.wording import MEANING

# Which facts a stage looks at.
LOOKED_AT: dict[int, tuple[str, ...]] = {
    ORIGIN: ("jurisdictions", "recipient_kind", "source", "obtained_on"),
    2: ("suppressions", "restricted", "minor", "last_inbound_contact_on", "obtained_on", "source"),
    PURPOSE: ("relationship", "content", "last_inbound_contact_on", "source", "obtained_on"),
    4: ("objections", "suppressions", "consents", "gpc", "relationship"),
    5: ("consents", "relationship"),
    6: ("register_checks", "consents", "relationship"),
    BASIS: (
        *("consents", "relationship", "presumed_consent", "publication", "source", "role_relevant"),
        *("b2b_message", "mass_sending", "address_type", "number_type", "lia"),
    ),
    8: ("source", "obtained_on", "notice_given_on", "notice_in_first_message", "address_type"),
    9: ("recipient_tz", "added_zone", "at", "contacts"),
    10: ("content",),
}


@dataclass(frozen=True, slots=True)
class Tried:
    """One rule at one stage: `passed`, `denied`, `allowed`, `not met` or `not asked`.

    `facts` are the names of the facts that were known to it; `words` say what it found, in plain words,
    `missing` what it lacks.
    """

    stage: int
    name: str
    jurisdiction: str
    recipient_kind: str
    rule: RuleRef
    what: str
    result: str
    reasons: tuple[Reason, ...]
    words: tuple[str, ...]
    facts: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer, all that was tried, and what is missing for a yes: each of these, in any of its ways."""

    decision: Decision
    tried: tuple[Tried, ...]
    missing: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "effect": self.decision.effect.value,
            "reasons": list(self.decision.reasons),
            "words": [MEANING[reason] for reason in self.decision.reasons],
            "tried": [asdict(one) for one in self.tried],
            "missing": list(self.missing),
        }


def explain(rulebook: Rulebook, facts: Facts, *, stored: bool = False) -> Explanation:
    """The answer of `decide` on the same facts, with everything that led to it."""
    decision = decide(rulebook, facts, stored=stored)
    cases = cases_of(rulebook, facts)
    tried = [_stages(case, stored=stored) for case in cases]
    ways = [way_to_yes(case, _denied(stages)) for case, stages in zip(cases, tried, strict=True)]
    missing = _by_case(cases, ways) if cases else _missing(decision.reasons)
    return Explanation(decision, tuple([one for stages in tried for one in stages]), missing)


def _denied(tried: list[Tried]) -> dict[int, Reasons]:
    return {one.stage: one.reasons for one in tried if one.result == "denied"}


def _by_case(cases: list[Case], ways: list[tuple[str, ...]]) -> tuple[str, ...]:
    """What each case lacks, under its name where they differ."""
    if len(set(ways)) == 1:
        return ways[0]
    return tuple(
        f"{case.law.code}, {case.kind.replace('_', ' ')}: {way}"
        for case, several in zip(cases, ways, strict=True)
        for way in several
    )


def _stages(case: Case, *, stored: bool) -> list[Tried]:
    """One case through all stages, denied or not."""
    reasons = judge_origin(case, stored=stored)
    tried = [_tried(case, ORIGIN, STAGES[ORIGIN - 1], reasons)]
    for number, stage in FILTERS:
        if _left(tried):
            tried.append(_tried(case, number, STAGES[number - 1], (), result="not asked"))
            continue
        case.rule = None
        reasons = stage(case)
        one = _tried(case, number, STAGES[number - 1], reasons)
        if number in {PURPOSE, BASIS} and not reasons and case.allow:
            one = _allowed(case, one)
        tried.append(one)
        if number == REGISTERS and not case.valid:
            tried += _registers(case)
        if number == BASIS:
            tried += _grounds(case)
    return tried


def _allowed(case: Case, one: Tried) -> Tried:
    """A stage that says yes, and on what ground."""
    words = tuple(MEANING[reason] for reason in case.allow)
    return replace(one, result="allowed", reasons=case.allow, words=words, rule=case.rule or case.row.rule)


def _left(tried: list[Tried]) -> bool:
    """A service message or a reply left with an allow."""
    return any(one.stage == PURPOSE and one.result == "allowed" for one in tried)


def _registers(case: Case) -> list[Tried]:
    """Each register that the row asks by itself, by its name."""
    row = case.row
    failed = dict(lacking_checks(case, row.registers))
    return [
        replace(
            _tried(
                case,
                REGISTERS,
                f"register {name_of(register)}",
                (failed[register],) if register in failed else (),
                result="not met" if register in failed else "met",
            ),
            rule=register.rule,
        )
        for register in row.registers
        if case.kind in register.covers or register in failed
    ]


def _grounds(case: Case) -> list[Tried]:
    """Each consent on file and each stand-in for one, whether it was needed or not."""
    found = [_consent(case, number, consent) for number, consent in enumerate(case.facts.consents, 1)]
    for ground in case.row.grounds:
        outcome = try_ground(case, ground)
        result = "met" if outcome.met else "not met"
        reasons = (outcome.reason,) if outcome.reason else ()
        found.append(
            replace(_tried(case, BASIS, ground.kind.value, reasons, result=result), rule=ground.rule)
        )
    if case.row.regime is Regime.OPT_OUT:
        lacks = tuple(lacking(case))
        found.append(_tried(case, BASIS, "opt-out regime", lacks, result="not met" if lacks else "met"))
    return found


def _consent(case: Case, number: int, consent: Consent) -> Tried:
    """One consent judged by itself."""
    alone = Case(case.facts._replace(consents=(consent,)), case.law, case.cell, case.kind)
    if alone.valid:
        return _tried(case, BASIS, f"consent {number}", (), result="met")
    reasons: Reasons = alone.failures
    if consent.withdrawn_on is not None:
        reasons = (Reason.CONSENT_WITHDRAWN,)
    return _tried(case, BASIS, f"consent {number}", reasons or (Reason.CONSENT_REQUIRED,), result="not met")


def _tried(case: Case, stage: int, what: str, reasons: Reasons, *, result: str | None = None) -> Tried:
    """One line of the explanation."""
    found = result or ("denied" if reasons else "passed")
    rule = rule_behind(case, reasons[0], stage) if reasons else case.row.rule
    return Tried(
        stage,
        STAGES[stage - 1],
        case.law.code,
        case.kind,
        rule,
        what,
        found,
        reasons,
        tuple(MEANING[reason] for reason in reasons),
        tuple(name for name in LOOKED_AT[stage] if _known(getattr(case.facts, name))),
        _missing(reasons),
    )


def _known(value: object) -> bool:
    """Absent, empty and false facts told the rule nothing."""
    return value not in (None, (), False) and value != {}


def _missing(reasons: list[Reason] | Reasons) -> tuple[str, ...]:
    return tuple(dict.fromkeys(MISSING[reason] for reason in reasons if reason in MISSING))
