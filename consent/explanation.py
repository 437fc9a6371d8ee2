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
    for duty in answer["obligations"]:
        yield f"  the sender must: {duty}"
    explanation = document["explanation"] or {"tried": [], "missing": []}
    for one in explanation["tried"]:
        found = f" ({' '.join(one['reasons'])})" if one["reasons"] else ""
        yield f"{one['stage']:>3}  {one['result']:9} {one['what']}{found}, {one['jurisdiction']}"
        if one["result"] in {"denied", "allowed"}:
            yield f"       {one['rule']['id']}: {one['rule']['citation']}"
    for words in explanation["missing"]:
        yield f"Missing for a yes: {words}"
    proof = document["proof"]
    place = f"{proof['position'] + 1} of {proof['size']} in entry {proof['entry_id']}"
    yield f"Proof: leaf {proof['leaf']}, {place}"


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
