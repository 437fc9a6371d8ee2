"""The check before a contact: one snapshot, one answer, stored with its entry in the trail.

1. Read the facts of the leads, and the suppressions of the address, in the caller's transaction.
2. Judge (`answers.judge`, pure).
3. Append the audit entry, which holds the root over the salted answer.
4. Store facts and answer under that entry.

Nothing is answered that was not stored: the caller sends the answer after its transaction has committed. This
path is hot, so it works on a connection, without the ORM.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from audit.actions import Action
from audit.columns import to_micros
from audit.entry import Entry
from audit.ids import new_id
from audit.log import Appended, append_core
from audit.merkle import leaf_hash
from audit.statements import HeldInsert, HeldSelect, Values
from consent import suppressions
from consent.answers import NO_FACTS, Judged, Sitting, judge, stored_answer, text_of
from consent.question import Question, Subject
from consent.tables import DecisionRow, FactsRow

SALT_BYTES = 32

_DECISIONS = HeldInsert(
    DecisionRow,
    *("id", "day", "effect", "rulebook", "entry_id"),
    *("decided_at", "lead_id", "asker", "facts", "answer", "salt", "position"),
)
_FACTS_OF = HeldSelect(FactsRow, "lead_id", "facts", by="lead_id")


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as it was stored, and the entry that covers it."""

    answer: Mapping[str, Any]
    appended: Appended


@dataclass(frozen=True, slots=True)
class Leaf:
    """An answer on its way into the store: the text, its salt, and the hash of both."""

    answer: Mapping[str, Any]
    facts: str
    text: str
    salt: bytes
    hash: bytes


def check(connection: Connection, sitting: Sitting, question: Question, subject: Subject) -> Answered:
    """Answer one question, store the answer, and write it to the trail."""
    facts = facts_texts(connection, subject.lead_ids)
    stops = [item.stop() for item in suppressions.matching_core(connection, subject.hashes)]
    judged = judge(sitting, question, of_subject(subject, facts), stops)
    leaf = make_leaf(sitting, question, judged, os.urandom(SALT_BYTES))
    answer = leaf.answer
    entry = Entry(
        action=Action.DECISION_MADE,
        actor=sitting.asker.id,
        now=sitting.now,
        lead_id=judged.lead_id,
        object_id=answer["decision_id"],
        facts={
            "channel": question.channel,
            "purpose": question.purpose,
            "effect": answer["effect"],
            "reason": answer["reasons"][0],
            "rulebook": answer["rulebook"],
            "root": leaf.hash.hex(),
        },
    )
    appended = append_core(connection, entry)
    store(connection, sitting, [leaf], entry_id=appended.entry_id)
    return Answered(answer, appended)


def facts_texts(connection: Connection, lead_ids: Sequence[str]) -> dict[str, str]:
    """The stored facts documents, as they stand, of these leads."""
    return dict(_FACTS_OF.rows(connection, lead_ids))


def of_subject(subject: Subject, facts: Mapping[str, str]) -> dict[str, str]:
    """The facts of the leads of one question."""
    return {lead_id: facts.get(lead_id, NO_FACTS) for lead_id in subject.lead_ids}


def make_leaf(sitting: Sitting, question: Question, judged: Judged, salt: bytes) -> Leaf:
    """An answer with an id of its own, hashed as RFC 6962 hashes a leaf, salt before text."""
    answer = stored_answer(sitting, question, judged, new_id(sitting.now))
    text = text_of(answer)
    return Leaf(answer, judged.facts, text, salt, leaf_hash(salt + text.encode()))


def store(connection: Connection, sitting: Sitting, leaves: Sequence[Leaf], *, entry_id: str) -> None:
    """Keep answers, each at its place in the tree of the entry that covers them."""
    about = (entry_id, sitting.now.date().isoformat(), to_micros(sitting.now))
    rows = [_row(leaf, position, *about) for position, leaf in enumerate(leaves)]
    _DECISIONS.many(connection, rows)


def _row(leaf: Leaf, position: int, entry_id: str, day: str, micros: int) -> Values:
    answer = leaf.answer
    return (
        answer["decision_id"],
        day,
        answer["effect"],
        answer["rulebook"],
        entry_id,
        micros,
        answer["lead_id"],
        answer["asker"],
        leaf.facts,
        leaf.text,
        leaf.salt,
        position,
    )
