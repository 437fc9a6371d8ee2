"""`audit.query`: what auditors ask, and what an erased person leaves behind."""

import base64
import itertools
import json
from collections import Counter
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from audit import query
from audit.actions import Action
from audit.errors import SizeUnknownError
from audit.log import append, unlink
from audit.note import Signer
from audit.query import Wanted
from audit.sequencer import sequence
from audit.tables import EntryRow, LinkRow
from audit.verify import Question, verify
from tests.audit.conftest import NOW, fill, transcript

COMMON = {"action", "actor", "at", "facts", "v"}


def test_who_saw_this_lead_and_why(session: Session, signer: Signer) -> None:
    """Openings of this lead only, with their reasons, in order."""
    made = fill(session, 30, signer)

    found = query.openings(session, "lead-1")

    assert [each.entry_id for each in made[::3]] == [each.entry_id for each in found]
    assert {each.document()["facts"]["purpose"] for each in found} == {"research"}


def test_what_a_key_has_opened(session: Session, signer: Signer) -> None:
    """Leads with fields; people who are gone are counted and not named."""
    fill(session, 30, signer)
    unlink(session, "lead-1")

    found = query.exposure(session, "key-0", None, None)

    assert (found.openings, found.of_erased, len(found.leads)) == (15, 5, 10)
    assert all(fields == {"email"} for fields in found.leads.values())


def test_an_opening_that_names_no_fields_is_shown_by_its_call(session: Session, signer: Signer) -> None:
    """A package, a file, a letter: whoever had the key saw all of it."""
    for action in query.OPENINGS[2:]:
        append(session, action, actor="key-0", now=NOW, lead_id="lead-1", facts={"store": "crm"})
    sequence(session, signer, NOW)

    assert query.exposure(session, "key-0", None, None).leads == {"lead-1": set(query.OPENINGS[2:])}
    assert len(query.openings(session, "lead-1")) == len(query.OPENINGS) - 2


def test_a_pending_entry_has_no_proof_yet(session: Session) -> None:
    """It says so by name."""
    made = append(session, Action.HOLD_PLACED, actor="key", now=NOW)
    found = query.entry(session, made.entry_id)

    assert found is not None
    with pytest.raises(SizeUnknownError):
        query.prove(session, found)
    assert query.entry(session, "nothing") is None


def test_an_edited_link_is_found_by_the_commitment(session: Session, signer: Signer) -> None:
    """A link that names another lead, another object, one too many or one too few does not fit its entry."""
    made = fill(session, 8, signer)
    forgeries: list[dict[str, Any]] = [
        {"lead_id": "lead-x"},
        {"object_id": "object-x"},
        {"object_id": None},
        {"salt": bytes(32)},
    ]
    for each, values in zip(made, forgeries, strict=False):
        session.execute(update(LinkRow).where(LinkRow.entry_id == each.entry_id).values(**values))

    assert sorted(each.entry_id for each in made[:4]) == sorted(query.broken_links(session))


def test_an_entry_that_was_hidden_from_searches_is_found(session: Session, signer: Signer) -> None:
    """Columns that find entries must say what the hashed bytes say."""
    made = fill(session, 8, signer)
    hidden: list[dict[str, Any]] = [
        {"actor": "key-9"},
        {"action": "hold.placed"},
        {"at": NOW.replace(year=1999)},
    ]
    for each, values in zip(made, hidden, strict=False):
        session.execute(update(EntryRow).where(EntryRow.entry_id == each.entry_id).values(**values))

    assert [each.entry_id for each in made[:3]] == list(query.misfiled(session))


def test_no_two_entries_of_an_erased_lead_can_be_linked(session: Session, signer: Signer) -> None:
    """The linking attack: but for what all openings share, no value of an erased lead's entries occurs twice.

    And the log still verifies, whoever was erased.
    """
    fill(session, 300, signer)
    for lead in ("lead-1", "lead-6", "lead-7"):
        unlink(session, lead)
    log = transcript(session)

    documents = [json.loads(base64.b64decode(json.loads(line)["entry"])) for line in log.splitlines()[1:]]
    distinguishing = [
        {value for name, value in document.items() if name not in COMMON} for document in documents
    ]
    counted = Counter(itertools.chain.from_iterable(distinguishing))
    assert all(len(values) == 3 for values in distinguishing)
    assert max(counted.values()) == 1
    assert b"lead-1" not in b"".join(base64.b64decode(json.loads(x)["entry"]) for x in log.splitlines()[1:])
    assert verify(BytesIO(log), Question([signer.key])).entries == 300


def test_time_bounds_include_from_and_exclude_until(session: Session, signer: Signer) -> None:
    """As everywhere in this service."""
    made = fill(session, 10, signer)
    times = [each.document()["at"] for each in query.all_entries(session, Wanted())]

    found = query.all_entries(session, Wanted(since=NOW.replace(minute=2), until=NOW.replace(minute=4)))

    assert times[2:4] == [each.document()["at"] for each in found]
    assert len(made) == 10
