"""Reading stored decisions: the answer, the facts it rests on, and the proof that it was in the trail."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from audit.ids import first_id
from audit.merkle import leaf_hash
from consent.answer_tree import chunk_leaves, proof
from consent.answers import read
from consent.backing import Answered
from consent.errors import DecisionErasedError, DecisionUnknownError
from consent.receipt import Receivable
from consent.tables import DecisionRow, bucket_of

VALUES_A_READ = 5_000


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that an answer is under the root that its audit entry holds.

    The leaf is RFC 6962's hash of the salt followed by the text of the answer.
    """

    text: str
    salt: bytes = field(repr=False)
    leaf: bytes
    position: int
    size: int
    path: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A decision as it is stored. After an erasure `answer`, `facts` and `proof` are None."""

    id: str
    day: str
    effect: str
    rulebook: str
    entry_id: str
    lead_id: str | None
    answer: Mapping[str, Any] | None
    facts: Mapping[str, Any] | None
    proof: Proof | None


def decision(session: Session, decision_id: str) -> StoredDecision:
    """A stored decision.

    Raises:
        DecisionUnknownError: there is none of that id.
    """
    row = session.get(DecisionRow, decision_id)
    if row is None:
        raise DecisionUnknownError("there is no such decision")
    return _stored(row, _proof(session, row))


def receivable(found: StoredDecision, leaf: bytes) -> Receivable:
    """What a receipt of a stored decision is made of; `leaf` is the leaf hash of its audit entry.

    Raises:
        DecisionErasedError: its lead was erased, and with them what was signed.
    """
    if found.proof is None or found.answer is None:
        raise DecisionErasedError("the lead of this decision was erased")
    answer = found.answer
    return Receivable(
        text=found.proof.text,
        decision_id=found.id,
        asker=answer["asker"],
        lead_id=found.lead_id,
        decided_at=datetime.fromisoformat(answer["decided_at"]),
        valid_until=datetime.fromisoformat(answer["valid_until"]),
        entry_id=found.entry_id,
        leaf_hash=leaf,
    )


def decisions_about(session: Session, lead_id: str) -> Iterator[StoredDecision]:
    """Every decision about a lead, oldest first, without proofs: what an access request shows."""
    about = (DecisionRow.bucket == bucket_of(lead_id)) & (DecisionRow.lead_id == lead_id)
    query = select(DecisionRow).where(about).order_by(DecisionRow.id)
    return (_stored(row, None) for row in session.scalars(query))


def answers_named(session: Session, decision_ids: Sequence[str]) -> list[Answered]:
    """What is known of the decisions of these ids, for holding contacts against them."""
    return [
        _answered(row)
        for part in _parts(decision_ids)
        for row in session.execute(_ANSWERS.where(DecisionRow.id.in_(part)))
    ]


def answers_about(
    session: Session, lead_ids: Sequence[str], since: datetime, until: datetime
) -> dict[str, list[Answered]]:
    """The decisions about these leads within a period, by lead: `answers_named` without knowing the names.

    Ids begin with their time, so only the period's part of the index is read.
    """
    found: dict[str, list[Answered]] = {}
    within = DecisionRow.id.between(first_id(since), first_id(until + timedelta(milliseconds=1)))
    for part in _parts(lead_ids):
        buckets = sorted({str(bucket_of(lead_id)) for lead_id in part})
        about = (DecisionRow.bucket.in_(buckets), within, DecisionRow.lead_id.in_(part))
        for row in session.execute(_ANSWERS.where(*about)):
            found.setdefault(str(row.lead_id), []).append(_answered(row))
    return found


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """Few enough for every driver's limit on parameters."""
    return (values[start : start + VALUES_A_READ] for start in range(0, len(values), VALUES_A_READ))


_ANSWERS = select(DecisionRow.id, DecisionRow.effect, DecisionRow.lead_id, DecisionRow.answer)


def _answered(row: Row[str, str, str | None, str | None]) -> Answered:
    if row.answer is None:
        return Answered(row.id, row.effect)
    answer = read(row.answer)
    question = answer["question"]
    return Answered(
        row.id,
        row.effect,
        row.lead_id,
        question["channel"],
        question["purpose"],
        datetime.fromisoformat(answer["decided_at"]),
        datetime.fromisoformat(answer["valid_until"]),
    )


def _stored(row: DecisionRow, found: Proof | None) -> StoredDecision:
    return StoredDecision(
        id=row.id,
        day=row.day,
        effect=row.effect,
        rulebook=row.rulebook,
        entry_id=row.entry_id,
        lead_id=row.lead_id,
        answer=read(row.answer) if row.answer else None,
        facts=json.loads(row.facts) if row.facts else None,
        proof=found,
    )


def _proof(session: Session, row: DecisionRow) -> Proof | None:
    if row.answer is None or row.salt is None:
        return None
    leaf = leaf_hash(row.salt + row.answer.encode())
    leaves = chunk_leaves(session, row.entry_id) or [leaf]
    return Proof(row.answer, row.salt, leaf, row.position, len(leaves), proof(leaves, row.position))
