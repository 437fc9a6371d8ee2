"""The answer to a question: judged, put into the words that are stored and signed, and shown. Pure.

A stored answer is one JSON text. Its salted hash is a leaf of the tree whose root stands in the audit entry,
so that text is never spelled again: what is read back is what was hashed.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consent.decision import FAIL_CLOSED, HOLDS, Decision, decide
from consent.facts import trusted
from consent.laws import FALLBACK
from consent.question import Question, facts_for
from consent.reasons import Reason
from consent.rulebook import Rulebook
from consent.stops import Stop, with_stops
from consent.vocabulary import Effect, ObjectionKind, Purpose, SuppressionKind

NO_FACTS = "{}"  # of a lead about which nothing was ever told

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

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the id of a key, and the purposes that it is bound to, if it is."""

    id: str
    purposes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Sitting:
    """What all questions of one call are judged by: the rules, who asks, and when."""

    rulebook: Rulebook
    asker: Asker
    now: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision, about whom, and the text of the stored facts that it rests on."""

    decision: Decision
    lead_id: str | None
    facts: str


def judge(sitting: Sitting, question: Question, facts: Mapping[str, str], stops: Sequence[Stop]) -> Judged:
    """The answer about the leads that a reference fits: the strictest of theirs; of none, why not.

    `facts` are the stored facts documents by lead, as text; `stops` are the suppressions of the address that
    the question named.
    """
    if not facts:
        return Judged(_unknown(sitting, question, stops), None, NO_FACTS)
    judged = [_judge_lead(sitting, question, lead_id, text, stops) for lead_id, text in facts.items()]
    return judged[0] if len(judged) == 1 else _strictest(judged)


def stored_answer(sitting: Sitting, question: Question, judged: Judged, decision_id: str) -> dict[str, Any]:
    """What is stored, hashed and signed of an answer."""
    decision = judged.decision
    retry = decision.retry_not_before
    return {
        "decision_id": decision_id,
        "asker": sitting.asker.id,
        "lead_id": judged.lead_id,
        "question": question.document(),
        "facts_sha256": hashlib.sha256(judged.facts.encode()).hexdigest(),
        "decided_at": sitting.now.isoformat(),
        "effect": decision.effect.value,
        "reasons": list(decision.reasons),
        "rules": [
            {"id": rule.id, "version": rule.version, "citation": rule.citation} for rule in decision.rules
        ],
        "obligations": list(decision.obligations),
        "valid_until": decision.valid_until.isoformat(),
        "retry_not_before": retry and retry.isoformat(),
        "needs_review": decision.needs_review,
        "rulebook": sitting.rulebook.hash,
    }


def text_of(answer: Mapping[str, Any]) -> str:
    """The one text of a stored answer."""
    return _encode(answer)


def shown(answer: Mapping[str, Any], entry_id: str, receipt: str | None = None) -> dict[str, Any]:
    """The answer as the contract writes it."""
    document = {
        "decision_id": answer["decision_id"],
        "effect": answer["effect"],
        "reasons": answer["reasons"],
        "rules": answer["rules"],
        "obligations": answer["obligations"],
        "valid_until": answer["valid_until"],
        "needs_review": answer["needs_review"],
        "rulebook": answer["rulebook"],
        "audit": {"entry_id": entry_id},
    }
    if answer["retry_not_before"]:
        document["retry_not_before"] = answer["retry_not_before"]
    if answer["lead_id"]:
        document["lead_id"] = answer["lead_id"]
    if receipt is not None:
        document["receipt"] = receipt
    return document


def _judge_lead(
    sitting: Sitting, question: Question, lead_id: str, text: str, stops: Sequence[Stop]
) -> Judged:
    stored: dict[str, Any] = json.loads(text)
    if stops:
        stored = with_stops(stored, stops)
        text = _encode(stored)
    now = sitting.now
    decision = decide(sitting.rulebook, trusted(facts_for(question, stored, now)), stored=True)
    if decision.stage >= _STAGE_OF_PURPOSE and not _may_ask(question, sitting.asker, stored):
        decision = _no(sitting, Reason.PURPOSE_INCOMPATIBLE)
    return Judged(decision, lead_id, text)


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
    """A "no" before a "yes"; of several "no"s one that no waiting lifts; of several "yes"es the shortest."""
    return min(
        judged,
        key=lambda one: (
            one.decision.effect is not Effect.DENY,
            one.decision.retry_not_before is not None,
            one.decision.valid_until,
        ),
    )
