"""Checks by the chunk."""

from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit.entry import parse_entry
from audit.merkle import verify_inclusion
from audit.tables import PendingRow
from consent import suppressions
from consent.batch import MOST_A_CHUNK, Line, check_many
from consent.check import check
from consent.decisions import decision
from consent.ledger import forget
from consent.question import Question, Subject
from consent.suppressions import Suppression
from consent.tables import DecisionRow
from consent.vocabulary import IdentifierKind, SuppressionKind
from tests.consent.factories import a_sitting, the_german

QUESTION = Question("email", "direct_marketing")


def test_a_chunk_answers_as_single_checks_do(session: Session, now: datetime) -> None:
    """Known, unknown, suppressed, several leads, another question: the same words in the same order."""
    one, two = the_german(session, now), the_german(session, now, "lead-2")
    kept = Suppression(b"h" * 32, IdentifierKind.EMAIL, SuppressionKind.ERASURE_SUPPRESSION, now)
    suppressions.add(session, [kept], entry_id="entry", now=now)
    asked = [
        Line(QUESTION, Subject((one,))),
        Line(QUESTION, Subject(())),
        Line(QUESTION, Subject((), (kept.hash,))),
        Line(Question("sms", "direct_marketing"), Subject((two,))),
        Line(QUESTION, Subject((one, two), (b"o" * 32,))),
        Line(QUESTION, Subject((two,), (kept.hash,))),
    ]

    many, _ = check_many(session.connection(), a_sitting(now), asked)
    singles = [check(session.connection(), a_sitting(now), *line)[0] for line in asked]

    assert [answer.words for answer in many] == [answer.words for answer in singles]
    assert [answer.judged for answer in many] == [answer.judged for answer in singles]


def test_each_answer_of_a_chunk_is_proved_by_itself(session: Session, now: datetime) -> None:
    """By its own path to the root in the entry, and still after a neighbour was erased."""
    lead_ids = [the_german(session, now, f"{number}-lead") for number in range(5)]
    asked = [Line(QUESTION, Subject((lead_id,))) for lead_id in lead_ids]

    answers, appended = check_many(session.connection(), a_sitting(now), asked)
    forget(session, lead_ids[1], now=now)

    entry = parse_entry(session.get_one(PendingRow, appended.entry_id).body)
    root = bytes.fromhex(entry["facts"]["root"])
    assert (entry["facts"]["count"], entry["facts"]["allow"]) == (5, 5)
    for position, answer in enumerate(answers):
        proof = decision(session, answer.decision_id).proof
        if position == 1:
            assert proof is None
        else:
            assert proof is not None
            verify_inclusion(proof.leaf, proof.position, proof.size, proof.path, root)


def test_a_full_chunk_is_one_entry(session: Session, now: datetime) -> None:
    """A thousand answers, a thousand rows, one line in the trail."""
    lead_id = the_german(session, now)
    asked = [Line(QUESTION, Subject((lead_id,)))] * MOST_A_CHUNK

    answers, _ = check_many(session.connection(), a_sitting(now), asked)

    assert len({answer.decision_id for answer in answers}) == MOST_A_CHUNK
    assert session.scalar(select(func.count()).select_from(DecisionRow)) == MOST_A_CHUNK
    assert session.scalar(select(func.count()).select_from(PendingRow)) == 1


@pytest.mark.parametrize("count", [0, MOST_A_CHUNK + 1])
def test_a_chunk_has_its_limits(session: Session, now: datetime, count: int) -> None:
    """An entry about nothing, or one transaction for everything, would be a fault of the caller."""
    asked = [Line(QUESTION, Subject(()))] * count

    with pytest.raises(ValueError, match="chunk"):
        check_many(session.connection(), a_sitting(now), asked)
