"""The check before a contact: one snapshot, one answer, stored with its entry in the trail.

1. Read the facts of the leads, and the suppressions of the address, in the caller's transaction.
2. Judge (`judging.judge`, pure).
3. Append the audit entry, which holds the root over the salted answer.
4. Store facts and answer under that entry.

Nothing is answered that was not stored: the caller sends the answer after its transaction has committed. This
path is hot, so it works on a connection, without the ORM.
"""

import os
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from audit.actions import Action
from audit.entry import Entry
from audit.ids import new_id
from audit.log import Appended, append_many_core
from audit.merkle import leaf_hash
from audit.statements import HeldInsert, Values, sent_together
from consent.answers import shown_text, stored_text, words_of
from consent.judging import Judged, Sitting, judge
from consent.question import Question, Subject
from consent.snapshot import Snapshot, read
from consent.tables import DecisionRow, bucket_of

SALT_BYTES = 32

DECISIONS = HeldInsert(
    DecisionRow,
    *("id", "day", "effect", "rulebook", "entry_id"),
    *("decided_at", "lead_id", "asker", "facts", "answer", "salt", "position", "bucket"),
)


class Answered(NamedTuple):
    """An answer on its way into the store: its parts, the text that is stored, its salt, the hash of both."""

    decision_id: str
    judged: Judged
    effect: str
    rulebook: str
    words: str
    text: str
    salt: bytes
    hash: bytes

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


class Asked(NamedTuple):
    """One question, who asks it when and by which rules, and whom it is about."""

    sitting: Sitting
    question: Question
    subject: Subject


Checked = tuple[Answered, Appended]
"""A stored answer, and the entry that covers it."""


def check(connection: Connection, sitting: Sitting, question: Question, subject: Subject) -> Checked:
    """Answer one question, store the answer, and write it to the trail."""
    return check_each(connection, [Asked(sitting, question, subject)])[0]


def check_each(connection: Connection, asked: Sequence[Asked]) -> list[Checked]:
    """`check` of questions that came at once, each under its own entry, with the statements of one."""
    snapshot = read(connection, [one.subject for one in asked])
    answers = [_answer(one, snapshot) for one in asked]
    entries = [_entry(one, found) for one, found in zip(asked, answers, strict=True)]
    with sent_together(connection):
        appended = append_many_core(connection, entries)
        rows = [
            row_of(one.sitting, found, entry.entry_id, 0)
            for one, found, entry in zip(asked, answers, appended, strict=True)
        ]
        DECISIONS.many(connection, rows)
    return list(zip(answers, appended, strict=True))


def _answer(asked: Asked, snapshot: Snapshot) -> Answered:
    sitting, question, subject = asked
    judged = judge(sitting, question, snapshot.facts_of(subject), snapshot.stops_of(subject), {})
    return answer(sitting, question, judged, words_of(judged.decision), os.urandom(SALT_BYTES))


def _entry(asked: Asked, found: Answered) -> Entry:
    """The entry of one answer: what was decided, and the root over the salted text; nobody's name or id."""
    sitting, question, _ = asked
    return Entry(
        action=Action.DECISION_MADE,
        actor=sitting.asker.id,
        now=sitting.now,
        lead_id=found.judged.lead_id,
        object_id=found.decision_id,
        facts={
            "channel": question.channel,
            "purpose": question.purpose,
            "effect": found.effect,
            "reason": found.judged.decision.reasons[0],
            "rulebook": found.rulebook,
            "root": found.hash.hex(),
        },
    )


def answer(sitting: Sitting, question: Question, judged: Judged, words: str, salt: bytes) -> Answered:
    """An answer with an id of its own, hashed as RFC 6962 hashes a leaf, salt before text."""
    decision_id = new_id(sitting.now)
    text = stored_text(sitting, question, judged, decision_id, words)
    hashed = leaf_hash(salt + text.encode())
    effect = judged.decision.effect.value
    return Answered(decision_id, judged, effect, sitting.rulebook.hash, words, text, salt, hashed)


def row_of(sitting: Sitting, found: Answered, entry_id: str, position: int) -> Values:
    """The row of an answer at its place in the tree of the entry that covers it; for `DECISIONS`."""
    judged = found.judged
    return (
        found.decision_id,
        sitting.day,
        found.effect,
        found.rulebook,
        entry_id,
        sitting.micros,
        judged.lead_id,
        sitting.asker.id,
        judged.facts,
        found.text,
        found.salt,
        position,
        bucket_of(judged.lead_id),
    )
