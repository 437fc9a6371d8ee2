"""The check before a contact: one snapshot, one answer, stored with its entry in the trail.

1. Read the facts of the leads, and the suppressions of the address, in the caller's transaction.
2. Judge (`judging.judge`, pure).
3. Append the audit entry, which holds the root over the salted answer.
4. Store facts and answer under that entry.

Nothing is answered that was not stored: the caller sends the answer after its transaction has committed. This
path is hot, so it works on a connection, without the ORM.
"""

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from audit.actions import Action
from audit.columns import to_micros
from audit.entry import Entry
from audit.ids import new_id
from audit.log import Appended, append_core
from audit.merkle import leaf_hash
from audit.statements import HeldInsert, HeldSelect
from consent import suppressions
from consent.answers import shown_text, stored_text, words_of
from consent.judging import NO_FACTS, Judged, Sitting, judge
from consent.question import Question, Subject
from consent.tables import DecisionRow, FactsRow, bucket_of

SALT_BYTES = 32

_DECISIONS = HeldInsert(
    DecisionRow,
    *("id", "day", "effect", "rulebook", "entry_id"),
    *("decided_at", "lead_id", "asker", "facts", "answer", "salt", "position", "bucket"),
)
_FACTS_OF = HeldSelect(FactsRow, "lead_id", "facts", by="lead_id")


class Answered(NamedTuple):
    """An answer on its way into the store: its parts, the text that is stored, its salt, the hash of both."""

    decision_id: str
    judged: Judged
    rulebook: str
    words: str
    text: str
    salt: bytes
    hash: bytes

    @property
    def effect(self) -> str:
        """Allow or deny."""
        return self.judged.decision.effect.value

    def shown(self, entry_id: str, receipt: str | None = None) -> str:
        """The answer as the contract writes it, as JSON."""
        return shown_text(
            self.decision_id,
            self.judged.lead_id,
            self.words,
            rulebook=self.rulebook,
            entry_id=entry_id,
            receipt=receipt,
        )


def check(
    connection: Connection, sitting: Sitting, question: Question, subject: Subject
) -> tuple[Answered, Appended]:
    """Answer one question, store the answer, and write it to the trail."""
    facts = facts_texts(connection, subject.lead_ids)
    stops = [item.stop() for item in suppressions.matching_core(connection, subject.hashes)]
    judged = judge(sitting, question, of_subject(subject, facts), stops, {})
    words = words_of(judged.decision)
    answered = answer(sitting, question, judged, words, os.urandom(SALT_BYTES))
    entry = Entry(
        action=Action.DECISION_MADE,
        actor=sitting.asker.id,
        now=sitting.now,
        lead_id=judged.lead_id,
        object_id=answered.decision_id,
        facts={
            "channel": question.channel,
            "purpose": question.purpose,
            "effect": answered.effect,
            "reason": judged.decision.reasons[0],
            "rulebook": answered.rulebook,
            "root": answered.hash.hex(),
        },
    )
    appended = append_core(connection, entry)
    store(connection, sitting, [answered], entry_id=appended.entry_id)
    return answered, appended


def facts_texts(connection: Connection, lead_ids: Sequence[str]) -> dict[str, str]:
    """The stored facts documents, as they stand, of these leads."""
    return dict(_FACTS_OF.rows(connection, lead_ids))


def of_subject(subject: Subject, facts: Mapping[str, str]) -> dict[str, str]:
    """The facts of the leads of one question."""
    return {lead_id: facts.get(lead_id, NO_FACTS) for lead_id in subject.lead_ids}


def answer(sitting: Sitting, question: Question, judged: Judged, words: str, salt: bytes) -> Answered:
    """An answer with an id of its own, hashed as RFC 6962 hashes a leaf, salt before text."""
    decision_id = new_id(sitting.now)
    text = stored_text(sitting, question, judged, decision_id, words)
    hashed = leaf_hash(salt + text.encode())
    return Answered(decision_id, judged, sitting.rulebook.hash, words, text, salt, hashed)


def store(connection: Connection, sitting: Sitting, answers: Sequence[Answered], *, entry_id: str) -> None:
    """Keep answers, each at its place in the tree of the entry that covers them."""
    day, micros, asker = sitting.now.date().isoformat(), to_micros(sitting.now), sitting.asker.id
    rows = [
        (
            one.decision_id,
            day,
            one.effect,
            one.rulebook,
            entry_id,
            micros,
            one.judged.lead_id,
            asker,
            one.judged.facts,
            one.text,
            one.salt,
            position,
            bucket_of(one.judged.lead_id),
        )
        for position, one in enumerate(answers)
    ]
    _DECISIONS.many(connection, rows)
