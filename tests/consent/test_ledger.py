"""Appending, projecting, erasing."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from sqlalchemy import select
from sqlalchemy.orm import Session

from consent.events import EventKind
from consent.ledger import facts_of, forget, forget_each, history, rebuild, record, recorded
from consent.tables import DecisionRow, EventRow, FactsRow
from tests.consent.factories import a_consent, an_event, day


def test_facts_are_those_that_the_ledger_gives(session: Session, now: datetime) -> None:
    """The projected row equals a rebuild from the events, after every single event."""
    told = [
        an_event(EventKind.ATTRIBUTES, 0, country="DE"),
        a_consent(1),
        an_event(EventKind.MESSAGE_SENT, 2, channel="email"),
        an_event(EventKind.OBJECTION, 3, kind="direct_marketing"),
    ]
    for event in told:
        record(session, [event], entry_id="entry", now=now)
        assert rebuild(session, "lead-1") == facts_of(session, ["lead-1"])["lead-1"]

    assert len(told) == session.scalars(select(FactsRow.version)).one()


def test_events_of_several_leads_are_projected_each_for_itself(session: Session, now: datetime) -> None:
    """One call, known and new leads together; nothing of one is seen at the other."""
    record(session, [an_event(EventKind.ATTRIBUTES, country="DE")], entry_id="entry", now=now)

    record(
        session,
        [an_event(EventKind.ATTRIBUTES, 1, country="FR"), a_consent(2), a_consent(2, lead_id="lead-2")],
        entry_id="entry",
        now=now,
    )

    facts = facts_of(session, ["lead-1", "lead-2", "lead-3"])
    assert sorted(facts) == ["lead-1", "lead-2"]
    assert (facts["lead-1"]["jurisdiction"], facts["lead-2"].get("jurisdiction")) == ("FR", None)
    assert rebuild(session, "lead-2") == facts["lead-2"]


def test_an_instant_is_the_same_in_every_zone(session: Session, now: datetime) -> None:
    """A fact told with another offset is stored as a rebuild would give it."""
    told = replace(a_consent(1), occurred_at=day(1).astimezone(timezone(timedelta(hours=2))))
    record(session, [told], entry_id="entry", now=now)

    assert rebuild(session, "lead-1") == facts_of(session, ["lead-1"])["lead-1"]


def test_history_is_newest_first_and_names_the_entry(session: Session, now: datetime) -> None:
    """Every event says which audit entry covers it, and keeps its sealed evidence."""
    sealed = replace(a_consent(1), sealed=b"sealed")
    first, second = record(session, [sealed, a_consent(2, "withdrawn")], entry_id="entry-1", now=now)
    record(session, [an_event(EventKind.INQUIRY, 3)], entry_id="entry-2", now=now)

    consents = history(session, "lead-1", EventKind.CONSENT)

    assert sorted([first, second], reverse=True) == [item.event.id for item in consents]
    assert {"entry-1"} == {item.entry_id for item in consents}
    assert [item.event.sealed for item in consents if item.event.id == first] == [b"sealed"]
    assert len(history(session, "lead-1")) == 3


def test_an_event_is_found_by_its_id(session: Session, now: datetime) -> None:
    """And an unknown id finds nothing."""
    (event_id,) = record(session, [a_consent(1)], entry_id="entry", now=now)
    found = recorded(session, event_id)

    assert found is not None
    assert (day(1), now, "entry") == (found.event.occurred_at, found.recorded_at, found.entry_id)
    assert None is recorded(session, "nothing")


def test_a_sealed_evidence_is_not_shown() -> None:
    """Not even its bytes stand in a log line."""
    assert "sealed" not in repr(replace(a_consent(), sealed=b"bytes"))


def test_forgetting_leaves_of_a_decision_what_names_nobody(session: Session, now: datetime) -> None:
    """Facts, events, evidence are gone; id, day, effect, rulebook, entry stay. Others keep theirs."""
    record(session, [a_consent(1), a_consent(1, lead_id="lead-2")], entry_id="entry", now=now)
    session.add(
        DecisionRow(
            id="decision",
            day="2026-11-24",
            effect="allow",
            rulebook="f" * 64,
            entry_id="entry-2",
            decided_at=now,
            lead_id="lead-1",
            asker="key",
            facts="{}",
            answer="{}",
            salt=b"s",
            position=0,
            bucket="l",
        )
    )
    session.flush()

    forget(session, "lead-1", now=now)

    session.expire_all()
    kept = session.get_one(DecisionRow, "decision")
    assert (
        kept.day,
        kept.effect,
        kept.rulebook,
        kept.entry_id,
    ) == ("2026-11-24", "allow", "f" * 64, "entry-2")
    gone = (kept.decided_at, kept.lead_id, kept.asker, kept.facts, kept.answer, kept.salt, kept.bucket)
    assert gone == (None,) * 7
    assert list(session.scalars(select(EventRow.lead_id))) == ["lead-2"]
    assert list(session.scalars(select(FactsRow.lead_id))) == ["lead-2"]


def test_many_are_forgotten_as_each_alone(session: Session, now: datetime) -> None:
    """Their events and facts go, those of everybody else stay."""
    leads = [f"lead-{number}" for number in range(4)]
    events = [an_event(EventKind.INQUIRY, lead_id=lead) for lead in leads]
    record(session, events, entry_id="entry-1", now=now)

    forget_each(session, leads[1:3], now=now)

    assert sorted(session.scalars(select(EventRow.lead_id))) == ["lead-0", "lead-3"]
    assert sorted(session.scalars(select(FactsRow.lead_id))) == ["lead-0", "lead-3"]
