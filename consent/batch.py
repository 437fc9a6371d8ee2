"""Many checks at once: chunks of one transaction, one snapshot and one audit entry each.

The entry holds the root of a tree over the salted answers of its chunk, so each answer is proved by itself,
and nothing is learnt of its neighbours. The leaves are kept as hashes, and stay when an answer is erased.
"""

import os
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from audit.actions import Action
from audit.entry import Entry
from audit.log import Appended, append_core
from audit.statements import HeldInsert
from consent.answer_tree import tree_root
from consent.answers import words_of
from consent.check import DECISIONS, SALT_BYTES, Answered, answer, row_of
from consent.judging import Judged, Known, Sitting, judge
from consent.question import Question, Subject
from consent.snapshot import read
from consent.tables import DecisionChunkRow
from consent.vocabulary import Effect

MOST_A_CHUNK = 1000

_CHUNKS = HeldInsert(DecisionChunkRow, "entry_id", "leaves", "recorded_at")


class Line(NamedTuple):
    """One line of a batch."""

    question: Question
    subject: Subject


def check_many(
    connection: Connection, sitting: Sitting, asked: Sequence[Line]
) -> tuple[list[Answered], Appended]:
    """Answer a chunk of at most `MOST_A_CHUNK` questions, in their order, under one entry in the trail.

    Raises:
        ValueError: there are no questions, or too many.
    """
    if not 0 < len(asked) <= MOST_A_CHUNK:
        raise ValueError(f"a chunk holds from 1 to {MOST_A_CHUNK} questions")
    answers = _answer_all(sitting, asked, _judge_all(connection, sitting, asked))
    entry = Entry(
        action=Action.DECISION_BATCH_MADE,
        actor=sitting.asker.id,
        now=sitting.now,
        facts={
            "count": len(answers),
            "allow": sum(one.effect == Effect.ALLOW.value for one in answers),
            "rulebook": sitting.rulebook.hash,
            "root": tree_root([one.hash for one in answers]).hex(),
        },
    )
    appended = append_core(connection, entry)
    DECISIONS.many(
        connection,
        [row_of(sitting, one, appended.entry_id, position) for position, one in enumerate(answers)],
    )
    leaves = b"".join([one.hash for one in answers])
    _CHUNKS.one(connection, (appended.entry_id, leaves, sitting.micros))
    return answers, appended


def _judge_all(connection: Connection, sitting: Sitting, asked: Sequence[Line]) -> list[Judged]:
    """Every question judged, on the facts and suppressions of one snapshot."""
    snapshot, known = read(connection, [one.subject for one in asked]), Known()
    return [
        judge(
            sitting,
            one.question,
            snapshot.facts_of(one.subject),
            snapshot.stops_of(one.subject),
            known,
        )
        for one in asked
    ]


def _answer_all(sitting: Sitting, asked: Sequence[Line], judged: Sequence[Judged]) -> list[Answered]:
    """Every answer in words; equal decisions are worded once."""
    salts = os.urandom(SALT_BYTES * len(asked))
    worded: dict[int, str] = {}
    answers = []
    for number, (one, found) in enumerate(zip(asked, judged, strict=True)):
        name = id(found.decision)
        words = worded.get(name) or worded.setdefault(name, words_of(found.decision))
        salt = salts[SALT_BYTES * number : SALT_BYTES * (number + 1)]
        answers.append(answer(sitting, one.question, found, words, salt))
    return answers
