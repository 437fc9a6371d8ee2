"""The words of an answer: as it is stored, hashed and signed, and as it is shown. Pure.

A stored answer is one JSON text. Its salted hash is a leaf of the tree whose root stands in the audit entry,
so that text is never spelled again: what is read back is what was hashed. It is put together from parts that
many answers share; the ids and hashes between them need no escaping.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from consent.decision import Decision
from consent.judging import Judged, Sitting
from consent.question import Question
from consent.rows import RuleRef

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode


def stored_text(sitting: Sitting, question: Question, judged: Judged, decision_id: str, words: str) -> str:
    """What is stored, hashed and signed of an answer; `words` are those of its decision."""
    facts_sha256 = hashlib.sha256(judged.facts.encode()).hexdigest()
    return (
        f'{{"decision_id":"{decision_id}","lead_id":{_id(judged.lead_id)},"facts_sha256":"{facts_sha256}",'
        f'"asker":"{sitting.asker.id}","decided_at":"{sitting.stamp}","question":{question.text},'
        f'"rulebook":"{sitting.rulebook.hash}",{words}}}'
    )


def words_of(decision: Decision) -> str:
    """The members of an answer from `effect` on, which are stored and shown alike."""
    retry = decision.retry_not_before
    waiting = f',"retry_not_before":"{retry.isoformat()}"' if retry else ""
    return (
        f'"effect":"{decision.effect.value}","reasons":{_codes(decision.reasons)},'
        f'"rules":[{",".join([_rule(rule) for rule in decision.rules])}],'
        f'"obligations":{_codes(decision.obligations)},"valid_until":"{decision.valid_until.isoformat()}",'
        f'"needs_review":{"true" if decision.needs_review else "false"}{waiting}'
    )


def shown_text(
    decision_id: str,
    lead_id: str | None,
    words: str,
    *,
    rulebook: str,
    entry_id: str,
    receipt: str | None = None,
) -> str:
    """The answer as the contract writes it."""
    lead = f'"lead_id":"{lead_id}",' if lead_id else ""
    signed = f',"receipt":"{receipt}"' if receipt else ""
    return (
        f'{{"decision_id":"{decision_id}",{lead}{words},"rulebook":"{rulebook}",'
        f'"audit":{{"entry_id":"{entry_id}"}}{signed}}}'
    )


def read(text: str) -> Mapping[str, Any]:
    """A stored answer as a document."""
    found: dict[str, Any] = json.loads(text)
    return found


def _id(value: str | None) -> str:
    return f'"{value}"' if value else "null"


@lru_cache(maxsize=1024)
def _rule(rule: RuleRef) -> str:
    return _encode({"id": rule.id, "version": rule.version, "citation": rule.citation})


@lru_cache(maxsize=1024)
def _codes(codes: tuple[str, ...]) -> str:
    return _encode(codes)
