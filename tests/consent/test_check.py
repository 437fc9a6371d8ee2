"""The stored check."""

import sqlite3
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from audit.entry import parse_entry
from audit.merkle import leaf_hash
from audit.tables import LinkRow, PendingRow
from consent import suppressions
from consent.check import check
from consent.events import EventKind
from consent.ledger import record
from consent.question import Question, Subject
from consent.suppressions import Suppression
from consent.tables import DecisionRow
from consent.vocabulary import Effect, IdentifierKind, ObjectionKind
from tests.consent.factories import a_sitting, an_event, the_german

QUESTION = Question("email", "direct_marketing")
HASH = b"h" * 32


def test_an_answer_is_stored_under_its_entry(session: Session, now: datetime) -> None:
    """Row, entry and link stand in one transaction; the entry's root is the salted hash of the row's text."""
    lead_id = the_german(session, now)

    answered, appended = check(session.connection(), a_sitting(now), QUESTION, Subject((lead_id,)))

    row = session.get_one(DecisionRow, answered.decision_id)
    entry = parse_entry(session.get_one(PendingRow, appended.entry_id).body)
    link = session.get_one(LinkRow, appended.entry_id)
    assert (row.entry_id, row.lead_id, row.effect) == (appended.entry_id, lead_id, "allow")
    assert row.answer is not None
    assert row.salt is not None
    assert entry["facts"]["root"] == leaf_hash(row.salt + row.answer.encode()).hex()
    assert (entry["action"], link.object_id) == ("decision.made", answered.decision_id)
    assert lead_id not in str(entry)


def test_an_objection_before_it_is_seen(session: Session, now: datetime) -> None:
    """In the ledger, and among the suppressions of the address."""
    lead_id = the_german(session, now)
    by_hash = Subject((lead_id,), (HASH,))
    first, _ = check(session.connection(), a_sitting(now), QUESTION, by_hash)
    kept = Suppression(HASH, IdentifierKind.EMAIL, ObjectionKind.DIRECT_MARKETING, now)
    suppressions.add(session, [kept], entry_id="entry", now=now)
    second, _ = check(session.connection(), a_sitting(now), QUESTION, by_hash)
    by_id, _ = check(session.connection(), a_sitting(now), QUESTION, Subject((lead_id,)))
    objection = an_event(EventKind.OBJECTION, 320, kind="direct_marketing")
    record(session, [objection], entry_id="entry", now=now)
    third, _ = check(session.connection(), a_sitting(now), QUESTION, Subject((lead_id,)))

    assert [one.effect for one in (first, second, by_id, third)] == ["allow", "deny", "allow", "deny"]


def test_somebody_unknown_is_stored_too(session: Session, now: datetime) -> None:
    """That somebody asked about nobody is a fact of the trail."""
    answered, appended = check(session.connection(), a_sitting(now), QUESTION, Subject(()))

    row = session.get_one(DecisionRow, answered.decision_id)
    assert (row.lead_id, row.bucket, row.effect) == (None, None, Effect.DENY.value)
    assert session.get(PendingRow, appended.entry_id) is not None


def test_a_check_costs_two_reads_and_three_inserts(session: Session, now: datetime) -> None:
    """Facts and suppressions; decision, entry and link. No statement is added unnoticed."""
    lead_id = the_german(session, now)
    statements: list[str] = []
    driver = session.connection().connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.set_trace_callback(statements.append)

    check(session.connection(), a_sitting(now), QUESTION, Subject((lead_id,), (HASH,)))

    assert [text.split()[0] for text in statements] == ["SELECT"] * 2 + ["INSERT"] * 3


def test_an_answer_holds_at_most_a_quarter_of_an_hour(session: Session, now: datetime) -> None:
    """A tool can not make a truth of its own out of it."""
    lead_id = the_german(session, now)

    answered, _ = check(session.connection(), a_sitting(now), QUESTION, Subject((lead_id,)))

    assert answered.judged.decision.valid_until <= now + timedelta(minutes=15)
