"""May this person be contacted, now? Pure: the same rulebook and facts always give the same answer.

The stages, in order; the first that denies decides, and all its failing reasons are listed:

1.  resolve: a rulebook, a jurisdiction, and for a stored lead its source
2.  record state: erased, restricted, a minor, kept too long
3.  purpose: a service message or a reply leaves here, allowed or not
4.  objections: every no that no later act of the person has lifted
5.  channel: what the law prohibits
6.  registers: do-not-call checks, where the cell is opt-out and no consent covers the channel
7.  legal basis: consent, else what stands in for it, else the opt-out regime
8.  transparency: the notices of GDPR arts 13 and 14
9.  time: hours in every zone of the recipient, and frequency
10. content: what the message must carry
11. allow: with what the sender must do, and for how long the answer holds

Several jurisdictions, or kinds of recipient, are judged each for itself; every one must allow.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, TypeVar

from consent.facts import Facts
from consent.gates import judge_basis, judge_channel, judge_registers
from consent.laws import FALLBACK
from consent.limits import THIRD_PARTIES, judge_content, judge_notice, judge_time
from consent.obligations import Obligation
from consent.periods import end_of
from consent.reasons import REVIEWED, STAGES, Reason
from consent.rows import RuleRef
from consent.rowsyntax import DATA_USES
from consent.rulebook import Rulebook
from consent.states import Reasons, judge_objections, judge_origin, judge_purpose, judge_state
from consent.vocabulary import Effect, RecipientKind
from consent.weighing import Case

Item = TypeVar("Item")
HOLDS = timedelta(minutes=15)
USES = frozenset(use.value for use in DATA_USES)
ORIGIN, STATE, PURPOSE, REGISTERS, BASIS, TIME = 1, 2, 3, 6, 7, 9
LAST_STAGE = len(STAGES)
FAIL_CLOSED = RuleRef("CORE-FAIL-CLOSED", 1, "product rule: where no rule answers, the answer is no")
FILTERS = (
    (2, judge_state),
    (3, judge_purpose),
    (4, judge_objections),
    (5, judge_channel),
    (6, judge_registers),
    (7, judge_basis),
    (8, judge_notice),
    (9, judge_time),
    (10, judge_content),
)


class Decision(NamedTuple):
    """The answer; the first reason is the one that decided.

    It holds until `valid_until`. `retry_not_before` is given where waiting helps; `stage` is the number of
    the stage that decided.
    """

    effect: Effect
    reasons: tuple[Reason, ...]
    rules: tuple[RuleRef, ...]
    obligations: tuple[str, ...]
    valid_until: datetime
    retry_not_before: datetime | None
    needs_review: bool
    stage: int = LAST_STAGE


def decide(rulebook: Rulebook, facts: Facts, *, stored: bool = False) -> Decision:
    """The answer to the question that the facts put; `stored` leads must have a source too."""
    cases = cases_of(rulebook, facts)
    if not cases:
        return unresolved(rulebook, facts)
    if len(cases) == 1:
        return judge(cases[0], stored=stored)
    return strictest([judge(case, stored=stored) for case in cases])


def cases_of(rulebook: Rulebook, facts: Facts) -> list[Case]:
    """One case a jurisdiction, two where an unknown kind of recipient matters; none if unresolved."""
    what = facts.purpose if facts.purpose in USES else facts.channel
    kind = facts.recipient_kind
    cases: list[Case] = []
    for code in facts.jurisdictions:
        law = rulebook.law(code)
        if law is None:
            return []
        cells = law.cells[what, kind]
        if kind is not None or len(cells) == 1:
            cases.append(Case(facts, law, cells[0], kind or RecipientKind.INDIVIDUAL_SUBSCRIBER))
        else:
            kinds = (RecipientKind.INDIVIDUAL_SUBSCRIBER, RecipientKind.CONSUMER)
            cases += [Case(facts, law, cell, one) for cell, one in zip(cells, kinds, strict=True)]
    return cases


def unresolved(rulebook: Rulebook, facts: Facts) -> Decision:
    """No to a question that can not be put to any law."""
    reason = Reason.JURISDICTION_UNRESOLVED if rulebook.laws else Reason.RULEBOOK_MISSING
    law = rulebook.laws.get(FALLBACK)
    refusal = law.refusals.get(reason) if law else None
    return Decision(
        Effect.DENY,
        (reason,),
        (refusal.rule if refusal else FAIL_CLOSED,),
        refusal.obligations if refusal else (),
        (facts.now + HOLDS).replace(microsecond=0),
        None,
        reason in REVIEWED,
        ORIGIN,
    )


def judge(case: Case, *, stored: bool) -> Decision:
    """One case through the stages, up to the first that denies or allows."""
    reasons = judge_origin(case, stored=stored)
    if reasons:
        return _deny(case, reasons, ORIGIN)
    for number, stage in FILTERS:
        reasons = stage(case)
        if reasons:
            return _deny(case, reasons, number)
        if number == PURPOSE and case.allow:
            break
    return _allow(case)


def strictest(decisions: Sequence[Decision]) -> Decision:
    """One answer for all: the denial of the earliest stage, or an allow with every duty of every law."""
    denials = sorted((one for one in decisions if one.effect is Effect.DENY), key=lambda one: one.stage)
    chosen = denials or list(decisions)
    first = chosen[0]
    retries = [one.retry_not_before for one in denials]
    known = [retry for retry in retries if retry is not None]
    return first._replace(
        reasons=_union(one.reasons for one in chosen if one.stage == first.stage),
        rules=_union(one.rules for one in chosen),
        obligations=_union(one.obligations for one in chosen),
        valid_until=min(one.valid_until for one in decisions),
        retry_not_before=max(known) if known and len(known) == len(retries) else None,
        needs_review=first.needs_review,
    )


def _union(lists: Iterable[Sequence[Item]]) -> tuple[Item, ...]:
    """Everything once, in the order in which it first appears."""
    return tuple(dict.fromkeys(item for one in lists for item in one))


def rule_behind(case: Case, reason: Reason, stage: int) -> RuleRef:
    """The rule that a denial rests on: what the stage found, else that of the reason, else the row."""
    if case.rule is not None and stage in {STATE, REGISTERS, TIME}:
        return case.rule
    refusal = case.law.refusals.get(reason)
    return refusal.rule if refusal else case.row.rule


def _deny(case: Case, reasons: Reasons, stage: int) -> Decision:
    """No, by the rule behind the first reason."""
    law = case.law
    obligations = [
        duty for reason in reasons if reason in law.refusals for duty in law.refusals[reason].obligations
    ]
    until = case.facts.now + HOLDS
    if case.retry is not None and case.retry < until and case.facts.at is None:
        until = case.retry.astimezone(until.tzinfo)
    return Decision(
        Effect.DENY,
        reasons,
        (rule_behind(case, reasons[0], stage),),
        tuple(obligations),
        until.replace(microsecond=0),
        case.retry,
        reasons[0] in REVIEWED or (case.contested and stage == BASIS),
        stage,
    )


def _allow(case: Case) -> Decision:
    """Yes, with the duties of the row and those of the notice, up to the next boundary."""
    facts, row = case.facts, case.row
    obligations = case.obligations
    if facts.notice_in_first_message:
        obligations = (*obligations, Obligation.GIVE_ART14_NOTICE)
        if facts.source in THIRD_PARTIES:
            obligations = (*obligations, Obligation.STATE_SOURCE)
    return Decision(
        Effect.ALLOW,
        case.allow,
        (case.rule or row.rule,),
        _each_once(obligations),
        _valid_until(case),
        None,
        needs_review=False,
    )


@lru_cache(maxsize=1024)
def _each_once(obligations: tuple[str, ...]) -> tuple[str, ...]:
    """Duties that a row and a ground both name, in the order in which they first stand."""
    return tuple(dict.fromkeys(map(str, obligations)))


def _valid_until(case: Case) -> datetime:
    """A quarter of an hour, or less where a rule's boundary comes before."""
    now = case.facts.now
    until = now + HOLDS
    if case.until is not None and case.until < until:
        until = case.until.astimezone(now.tzinfo)
    if case.last_day is not None and case.last_day <= case.today:
        over = min([end_of(case.today, place) for place in case.zones or (case.place,)])
        if now < over < until:
            until = over.astimezone(now.tzinfo)
    return until.replace(microsecond=0)
