"""A stored decision told in full: question, facts used, answer, outcome and proof."""

from base64 import b64encode
from typing import Any

from sqlalchemy.orm import Session

from consent.decisions import Proof, StoredDecision
from consent.outcomes import outcome_of


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
        "outcome": outcome and {"outcome": outcome.kind.value, "at": outcome.at.isoformat()},
        "proof": _proof(found.proof, found.entry_id),
    }


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
