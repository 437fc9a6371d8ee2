"""Many checks at once: chunks of one transaction, one snapshot and one audit entry each.

The entry holds the root of a tree over the salted answers of its chunk, so each answer is proved by itself,
and nothing is learnt of its neighbours. The leaves are kept as hashes, and stay when an answer is erased.
"""

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from audit.actions import Action
from audit.columns import to_micros
from audit.entry import Entry
from audit.log import append_core
from audit.statements import HeldInsert
from consent import suppressions
from consent.answer_tree import tree_root
from consent.answers import Sitting, judge
from consent.check import SALT_BYTES, Answered, Leaf, facts_texts, make_leaf, of_subject, store
from consent.question import Question, Subject
from consent.stops import Stop
from consent.tables import DecisionChunkRow
from consent.vocabulary import Effect

MOST_A_CHUNK = 1000

_CHUNKS = HeldInsert(DecisionChunkRow, "entry_id", "leaves", "recorded_at")


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a batch."""

    question: Question
    subject: Subject


def check_many(connection: Connection, sitting: Sitting, asked: Sequence[Asked]) -> list[Answered]:
    """Answer a chunk of at most `MOST_A_CHUNK` questions, in their order; none may be left out.

    Raises:
        ValueError: the chunk is too large.
    """
    if len(asked) > MOST_A_CHUNK:
        raise ValueError(f"a chunk holds at most {MOST_A_CHUNK} questions")
    if not asked:
        return []
    leaves = _judge_all(connection, sitting, asked)
    root = tree_root([leaf.hash for leaf in leaves])
    allowed = sum(leaf.answer["effect"] == Effect.ALLOW.value for leaf in leaves)
    entry = Entry(
        action=Action.DECISION_BATCH_MADE,
        actor=sitting.asker.id,
        now=sitting.now,
        facts={
            "count": len(leaves),
            "allow": allowed,
            "rulebook": sitting.rulebook.hash,
            "root": root.hex(),
        },
    )
    appended = append_core(connection, entry)
    store(connection, sitting, leaves, entry_id=appended.entry_id)
    hashes = b"".join(leaf.hash for leaf in leaves)
    _CHUNKS.one(connection, (appended.entry_id, hashes, to_micros(sitting.now)))
    return [Answered(leaf.answer, appended) for leaf in leaves]


def _judge_all(connection: Connection, sitting: Sitting, asked: Sequence[Asked]) -> list[Leaf]:
    facts = facts_texts(connection, list({lead_id for one in asked for lead_id in one.subject.lead_ids}))
    stops = _stops_by_hash(connection, [digest for one in asked for digest in one.subject.hashes])
    salts = os.urandom(SALT_BYTES * len(asked))
    leaves = []
    for number, one in enumerate(asked):
        of_address = [stop for digest in one.subject.hashes for stop in stops.get(digest, ())]
        judged = judge(sitting, one.question, of_subject(one.subject, facts), of_address)
        salt = salts[SALT_BYTES * number : SALT_BYTES * (number + 1)]
        leaves.append(make_leaf(sitting, one.question, judged, salt))
    return leaves


def _stops_by_hash(connection: Connection, hashes: Sequence[bytes]) -> dict[bytes, list[Stop]]:
    stops = defaultdict(list)
    for found in suppressions.matching_core(connection, hashes):
        stops[found.hash].append(found.stop())
    return stops
