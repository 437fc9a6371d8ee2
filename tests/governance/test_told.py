"""Facts told about a lead: each kind with its details, free text sealed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from consent.events import EventKind
from consent.ledger import facts_of, history
from governance.custody import lock
from governance.errors import FactInvalidError, LeadLockedError
from governance.evidence import open_evidence
from governance.told import ALLOWED, REQUIRED, keep, told
from tests.governance.lead_desk import ACTOR, NOW, Desk, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Databases of this test alone."""
    with open_desk(tmp_path) as opened:
        yield opened


def test_what_has_a_door_of_its_own_can_not_be_told_here() -> None:
    """A consent needs its proof, an objection its hash, a restriction a request."""
    assert (
        ALLOWED.keys()
        & {
            EventKind.CONSENT,
            EventKind.OBJECTION,
            EventKind.RESTRICTION,
            EventKind.SUPPRESSION,
            EventKind.ATTRIBUTES,
            EventKind.SOURCE,
        }
        == set()
    )
    assert len(ALLOWED) == 14
    assert all(names <= ALLOWED[kind] for kind, names in REQUIRED.items())


@pytest.mark.parametrize("kind", sorted(ALLOWED))
def test_a_detail_of_another_kind_is_refused(kind: EventKind) -> None:
    """Every fault is named, at once."""
    with pytest.raises(FactInvalidError) as caught:
        told({"kind": kind.value, "occurred_at": NOW, "colour": "red"})

    assert set(caught.value.errors) == {"colour", *REQUIRED.get(kind, ())}


def test_free_text_is_sealed_for_its_event(desk: Desk) -> None:
    """The ledger says that there is a reason; the reason opens with the lead's key."""
    lead_id = desk.a_known_lead()
    key = desk.key_of(lead_id)
    fact = told({"kind": "publication", "occurred_at": NOW, "conspicuous": True, "evidence": "Jane's page"})
    with desk.session() as session:
        kept = keep(session, key, fact, now=next(desk.clock), actor=ACTOR)
        [event] = history(session, lead_id, EventKind.PUBLICATION)
        facts = facts_of(session, [lead_id])[lead_id]

    assert event.event.id == kept.event_id
    assert event.entry_id == kept.appended.entry_id
    assert event.event.sealed is not None
    assert open_evidence(key, kept.event_id, event.event.sealed) == {"evidence": "Jane's page"}
    assert facts["publication"] == {"conspicuous": True, "evidence": "sealed"}
    assert "Jane" not in repr(fact)


def test_a_fact_without_text_seals_nothing(desk: Desk) -> None:
    """It is in the next decision's facts all the same."""
    lead_id = desk.a_known_lead()
    fact = told({"kind": "legitimate_interest_assessment", "occurred_at": NOW, "id": "LIA-7"})
    with desk.session() as session:
        keep(session, desk.key_of(lead_id), fact, now=next(desk.clock), actor=ACTOR)
        [event] = history(session, lead_id, EventKind.LEGITIMATE_INTEREST_ASSESSMENT)
        assert facts_of(session, [lead_id])[lead_id]["lia"] == "LIA-7"

    assert event.event.sealed is None


def test_a_lead_that_is_being_erased_is_told_nothing(desk: Desk) -> None:
    """The ledger of the erased does not grow."""
    lead_id = desk.a_known_lead()
    key = desk.key_of(lead_id)
    fact = told({"kind": "purchase", "occurred_at": NOW})
    with desk.session() as session:
        lock(session, lead_id)
        with pytest.raises(LeadLockedError):
            keep(session, key, fact, now=next(desk.clock), actor=ACTOR)
