"""Judging one question by stored facts, for leads that are known and for people who are not. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from audit.columns import to_micros
from consent.decision import FAIL_CLOSED, HOLDS, Decision, decide
from consent.facts import trusted
from consent.laws import FALLBACK
from consent.question import Question, facts_for
from consent.reasons import Reason
from consent.rulebook import Rulebook
from consent.stops import Stop, with_stops
from consent.vocabulary import Effect, ObjectionKind, Purpose, SuppressionKind

_DECODER = json.JSONDecoder()

NO_FACTS = "{}"  # of somebody unknown

_BOUND_PURPOSES = frozenset({Purpose.SERVICE_NOTICE.value, Purpose.LEGAL_NOTICE.value})
_STAGE_OF_PURPOSE = 3
_REASONS: Mapping[SuppressionKind | ObjectionKind, Reason] = {
    SuppressionKind.ERASURE_SUPPRESSION: Reason.SUPPRESSED_AFTER_ERASURE,
    ObjectionKind.DIRECT_MARKETING: Reason.OBJECTION_DIRECT_MARKETING,
    ObjectionKind.PROFILING: Reason.OBJECTION_PROFILING,
    SuppressionKind.UNSUBSCRIBE: Reason.UNSUBSCRIBED,
    ObjectionKind.DO_NOT_CALL: Reason.INTERNAL_DNC,
    SuppressionKind.MANUAL: Reason.INTERNAL_DNC,
    ObjectionKind.DO_NOT_SELL_OR_SHARE: Reason.SALE_SHARING_OPT_OUT,
    SuppressionKind.BOUNCE: Reason.BOUNCED,
    SuppressionKind.COMPLAINT: Reason.COMPLAINED,
}
"""What a suppression of somebody who is no lead answers; of several, the first here decides."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the id of a key, and the purposes that it is bound to, if it is."""

    id: str
    purposes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Sitting:
    """What all questions of one call are judged by: the rules, who asks, and when.

    `stamp` is `now` as it is stored, `day` its day in UTC, `micros` its microseconds: each is written once a
    call instead of once an answer.
    """

    rulebook: Rulebook
    asker: Asker
    now: datetime
    stamp: str = field(init=False, repr=False, compare=False)
    day: str = field(init=False, repr=False, compare=False)
    micros: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stamp", self.now.isoformat())
        object.__setattr__(self, "day", self.now.date().isoformat())
        object.__setattr__(self, "micros", to_micros(self.now))


class Judged(NamedTuple):
    """A decision, about whom, and the text of the facts that it rests on.

    A tuple, as are the other values of which a batch makes thousands: it costs a third of a dataclass.
    """

    decision: Decision
    lead_id: str | None
    facts: str


Known = dict[tuple[str, str], Decision]
"""Decisions of one sitting by question and facts: leads of one import often have the same."""


def judge(
    sitting: Sitting, question: Question, facts: Mapping[str, str], stops: Sequence[Stop], known: Known
) -> Judged:
    """The answer about the leads that a reference fits: the strictest of theirs; of none, why not.

    `facts` are the stored facts documents by lead, as text; `stops` are the suppressions of the address that
    the question named; `known` is read and added to.
    """
    if not facts:
        return Judged(_unknown(sitting, question, stops), None, NO_FACTS)
    judged = []
    for lead_id, text in facts.items():
        used = _encode(with_stops(_decode(text), stops)) if stops else text
        key = (question.text, used)
        decision = known.get(key)
        if decision is None:
            decision = known[key] = rule(sitting, question, _decode(used))
        judged.append(Judged(decision, lead_id, used))
    return judged[0] if len(judged) == 1 else _strictest(judged)


def rule(sitting: Sitting, question: Question, stored: Mapping[str, Any]) -> Decision:
    """What the rules say of one lead, and whether this asker may ask it."""
    facts = trusted(facts_for(question, stored, sitting.now))
    decision = decide(sitting.rulebook, facts, stored=True)
    if decision.stage >= _STAGE_OF_PURPOSE and not _may_ask(question, sitting.asker, stored):
        return _no(sitting, Reason.PURPOSE_INCOMPATIBLE)
    return decision


def _may_ask(question: Question, asker: Asker, stored: Mapping[str, Any]) -> bool:
    """A notice under a contract needs a key made for it, and a contract on record; a label is no ground."""
    if question.purpose not in _BOUND_PURPOSES:
        return True
    if asker.purposes is None or question.purpose not in asker.purposes:
        return False
    return bool(stored.get("relationship", {}).get("contract_active"))


def _unknown(sitting: Sitting, question: Question, stops: Sequence[Stop]) -> Decision:
    """Nobody of that address is here: what was kept of it decides, else that it is unknown."""
    covering = {stop.kind for stop in stops if stop.covers(question.channel, question.purpose)}
    reason = next((reason for kind, reason in _REASONS.items() if kind in covering), Reason.LEAD_UNKNOWN)
    return _no(sitting, reason)


def _no(sitting: Sitting, reason: Reason) -> Decision:
    """A "no" that needs no law to be looked at, with what any law asks of the sender then."""
    law = sitting.rulebook.laws.get(FALLBACK)
    refusal = law.refusals.get(reason) if law else None
    return Decision(
        effect=Effect.DENY,
        reasons=(reason,),
        rules=(refusal.rule if refusal else FAIL_CLOSED,),
        obligations=refusal.obligations if refusal else (),
        valid_until=(sitting.now + HOLDS).replace(microsecond=0),
        retry_not_before=None,
        needs_review=False,
    )


def _strictest(judged: Sequence[Judged]) -> Judged:
    """A "no" before a "yes"; of several "no"s a lasting one of the earliest stage; then the shortest."""
    return min(
        judged,
        key=lambda one: (
            one.decision.effect is not Effect.DENY,
            one.decision.retry_not_before is not None,
            one.decision.stage,
            one.decision.valid_until,
        ),
    )


def _decode(text: str) -> Mapping[str, Any]:
    """What `_encode` or the ledger wrote; `loads` spends a quarter of its time on looking for blanks."""
    facts: Mapping[str, Any] = _DECODER.raw_decode(text)[0]
    return facts


def _encode(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, separators=(",", ":"), ensure_ascii=False)
