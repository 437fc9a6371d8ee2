"""`audit.log`: an entry commits with its change or not at all, and is forgotten without a trace of whom."""

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from audit import query
from audit.actions import Action
from audit.entry import parse_entry
from audit.errors import EntryRefusedError
from audit.log import append, append_many, unlink, unlink_each, unlink_objects
from audit.merkle import leaf_hash
from audit.note import Signer
from audit.query import Wanted
from audit.sequencer import sequence
from audit.tables import LinkRow, PendingRow
from tests.audit.conftest import NOW, entries, fill


def test_an_entry_is_pending_with_its_link(session: Session) -> None:
    """What is told to the caller is the hash of what is stored; lead and object stand in the link only."""
    made = append(
        session, Action.LEAD_CREATED, actor="key", now=NOW, lead_id="the-lead", object_id="the-object"
    )

    body = session.scalars(select(PendingRow.body)).one()
    link = query.link(session, made.entry_id)
    assert leaf_hash(body) == made.leaf_hash
    assert b"the-lead" not in body
    assert b"the-object" not in body
    assert link is not None
    assert (link.lead_id, link.object_id) == ("the-lead", "the-object")
    assert link.fits(parse_entry(body))


def test_an_entry_about_nobody_has_no_link(session: Session) -> None:
    """Nothing to forget."""
    made = append(session, Action.VAULT_ROTATED, actor="leadwarden", now=NOW)

    assert query.link(session, made.entry_id) is None


def test_an_entry_goes_with_its_transaction(engine: Engine) -> None:
    """A change that is taken back takes its entry with it."""
    with Session(engine) as session:
        append(session, Action.LEAD_CREATED, actor="key", now=NOW, lead_id="lead")
        session.rollback()
    with Session(engine) as session:
        assert session.scalars(select(PendingRow)).all() == []
        assert session.scalars(select(LinkRow)).all() == []


@pytest.mark.parametrize("count", [0, 1, 250, 251, 1_000])
def test_many_entries_are_as_single_ones(session: Session, signer: Signer, count: int) -> None:
    """A batch gives the answers in its order, and the rows that single calls would."""
    wanted = entries(count)

    made = append_many(session, wanted)

    bodies = {row.entry_id: row.body for row in session.scalars(select(PendingRow))}
    assert [leaf_hash(bodies[each.entry_id]) for each in made] == [each.leaf_hash for each in made]
    numbers = [parse_entry(bodies[each.entry_id])["facts"]["number"] for each in made]
    assert numbers == list(range(count))
    assert len(session.scalars(select(LinkRow)).all()) == count


def test_a_batch_with_one_bad_entry_writes_nothing(session: Session) -> None:
    """Bytes are made before the first row."""
    wanted = [*entries(3), entries(1)[0].__class__("lead.eaten", "key", NOW)]

    with pytest.raises(EntryRefusedError):
        append_many(session, wanted)

    assert session.scalars(select(PendingRow)).all() == []


def test_unlinking_forgets_one_lead_and_no_other(session: Session, signer: Signer) -> None:
    """By lead and by object; the entries themselves stay where they are."""
    fill(session, 30, signer)

    assert unlink(session, "lead-1") == 10
    assert unlink(session, "lead-1") == 0
    assert unlink_objects(session, [f"object-{number}" for number in range(5)]) == 3
    assert unlink_objects(session, []) == 0

    assert query.entries(session, Wanted(lead_id="lead-1"), after=None, limit=50) == []
    assert len(query.entries(session, Wanted(), after=None, limit=50)) == 30
    assert len(session.scalars(select(LinkRow)).all()) == 30 - 10 - 3


def test_pending_entries_can_be_unlinked_before_they_are_sequenced(session: Session, signer: Signer) -> None:
    """Erasure does not wait for the sequencer, and the entry still enters the tree."""
    append(session, Action.LEAD_CREATED, actor="key", now=NOW, lead_id="lead-1")

    assert unlink(session, "lead-1") == 1

    head = sequence(session, signer, NOW)
    assert head is not None
    assert head.size == 1


def test_many_leads_are_unlinked_as_each_alone(session: Session, signer: Signer) -> None:
    """With few statements; those of the others stay."""
    fill(session, 30, signer)

    assert unlink_each(session, ["lead-1", "lead-3", "nobody"]) == 10 + 1
    assert unlink_each(session, []) == 0
    left = [row.lead_id for row in session.scalars(select(LinkRow))]
    assert len(left) == 30 - 11
    assert not {"lead-1", "lead-3"}.intersection(left)
