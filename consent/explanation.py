"""A stored decision told in full: question, facts used, answer, every rule tried, outcome and proof."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from consent.decisions import Proof, StoredDecision
from consent.errors import RulebookError, RulebookUnknownError
from consent.explaining import explain
from consent.facts import trusted
from consent.outcomes import outcome_of
from consent.publishing import rulebook_of
from consent.question import facts_for, question_of
from consent.reasons import Reason
from consent.wording import MEANING, STAGE_WORDS

KEY_MISSING = "a key that is bound to this purpose"


def told(session: Session, found: StoredDecision) -> dict[str, Any]:
    """What is stored of a decision. Of an erased lead that is what names nobody."""
    document: dict[str, Any] = {
        "decision_id": found.id,
        "day": found.day,
        "effect": found.effect,
        "rulebook": found.rulebook,
        "erased": found.answer is None,
        "audit": {"entry_id": found.entry_id},
    }
    if found.answer is None or found.proof is None:
        return document
    if found.lead_id is not None:
        document["lead_id"] = found.lead_id
    outcome = outcome_of(session, found.id)
    return document | {
        "question": found.answer["question"],
        "facts": found.facts,
        "answer": found.answer,
        "explanation": _explained(session, found),
        "outcome": outcome and {"outcome": outcome.kind.value, "at": outcome.at.isoformat()},
        "proof": _proof(found.proof, found.entry_id),
    }


def in_words(document: Mapping[str, Any]) -> Iterator[str]:
    """What `told` gives, line by line for a person to read."""
    yield f"{document['effect']} on {document['day']}, by rulebook {document['rulebook'][:12]}"
    if document["erased"]:
        yield "The lead was erased; nothing else is left of this decision."
        return
    question, answer = document["question"], document["answer"]
    yield f"Asked: {question['channel']} for {question['purpose']}; answered: {' '.join(answer['reasons'])}"
    for reason in answer["reasons"]:
        yield f"Because: {MEANING[Reason(reason)]}"
    yield from _terms(answer)
    explanation = document["explanation"] or {"tried": [], "missing": []}
    for one in explanation["tried"]:
        yield from _tried(one)
    for words in explanation["missing"]:
        yield f"Missing for a yes: {words}"
    proof = document["proof"]
    place = f"{proof['position'] + 1} of {proof['size']} in entry {proof['entry_id']}"
    yield f"Proof: leaf {proof['leaf']}, {place}"


def _terms(answer: Mapping[str, Any]) -> Iterator[str]:
    """What the sender must do, how long it holds, and whether waiting or a person helps."""
    for duty in answer["obligations"]:
        yield f"  the sender must: {duty.replace('_', ' ')}"
    yield f"  the answer held until {answer['valid_until']}"
    if answer.get("retry_not_before"):
        yield f"  ask again not before {answer['retry_not_before']}"
    if answer["needs_review"]:
        yield "  a person should look at it"


def _tried(one: Mapping[str, Any]) -> Iterator[str]:
    """One rule that was tried: how it fared, why, by what law, on which facts."""
    what = STAGE_WORDS.get(one["what"], one["what"].replace("_", " "))
    found = f": {'; '.join(one['words'])}" if one["words"] else ""
    yield f"{one['stage']:>3}  {one['result']:9} {what}{found} ({one['jurisdiction']})"
    if one["result"] in {"denied", "allowed"}:
        yield f"       {one['rule']['id']}: {one['rule']['citation']}"
        known = ", ".join(name.replace("_", " ") for name in one["facts"])
        yield f"       facts: {known or 'none'}"


def _explained(session: Session, found: StoredDecision) -> dict[str, Any] | None:
    """The same facts judged again by the same rulebook, through all stages; None where nobody was known."""
    if found.answer is None or found.facts is None or found.lead_id is None:
        return None
    try:
        rulebook = rulebook_of(session, found.rulebook)
    except (RulebookUnknownError, RulebookError):
        return None
    decided_at = datetime.fromisoformat(found.answer["decided_at"])
    facts = facts_for(question_of(found.answer["question"]), found.facts, decided_at)
    document = explain(rulebook, trusted(facts), stored=True).document()
    if document["effect"] != found.effect:  # the rules had nothing against it, but this key may not ask
        document["effect"], document["reasons"] = found.effect, found.answer["reasons"]
        document["missing"] = [*document["missing"], KEY_MISSING]
    return document


def _proof(proof: Proof, entry_id: str) -> dict[str, Any]:
    """Bytes as base64, hashes as hex, like the entries of the trail."""
    return {
        "entry_id": entry_id,
        "text": proof.text,
        "salt": b64encode(proof.salt).decode(),
        "leaf": proof.leaf.hex(),
        "position": proof.position,
        "size": proof.size,
        "path": [node.hex() for node in proof.path],
    }
