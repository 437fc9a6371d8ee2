"""Intake: new, merged, refused; sealed rows, events of the ledger, entries of the trail."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from audit.ids import random_id
from audit.log import append
from audit.tables import LinkRow, PendingRow
from consent.events import EventKind
from consent.ledger import facts_of, history
from consent.suppressions import Suppression, add
from consent.tables import EventRow, FactsRow
from consent.vocabulary import IdentifierKind, ObjectionKind, SuppressionKind
from governance import intake
from governance.errors import KeysNeededError
from governance.evidence import open_evidence
from governance.fields import open_field, open_identifier
from governance.identity import email
from governance.leads import LeadState, new_lead
from governance.placement import Placed, Verdict
from governance.tables import FieldRow, IdentifierRow, LeadRow
from governance.vault.index import suppression_hashes
from governance.vault.keys import mint
from governance.vault.tables import KeyKind
from tests.canaries import files_under, planted_in
from tests.governance.lead_desk import ACTOR, NOW, Desk, a_lead, open_desk

JANE = ("email", "jane.doe@example.com")
JANE_PRIVATE = ("email", "jane.doe@gmail.com")
CRM_1 = ("external", "1", "crm")
OFFICE = ("email", "info@example.com")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Databases of this test alone."""
    with open_desk(tmp_path) as opened:
        yield opened


def suppress(desk: Desk, address: str, kind: SuppressionKind | ObjectionKind) -> None:
    """Keep the address as one that must not be used."""
    found = suppression_hashes(desk.keyring, "email", email(address).key)[0]
    with desk.session() as session:
        entry = append(session, "objection.received", actor=ACTOR, now=NOW)
        stop = Suppression(found, IdentifierKind.EMAIL, kind, NOW - timedelta(days=1), ("email",))
        add(session, [stop], entry_id=entry.entry_id, now=NOW)


def actions(desk: Desk) -> list[str]:
    """What the trail says happened."""
    with desk.session() as session:
        return list(session.scalars(select(PendingRow.action).order_by(PendingRow.entry_id)))


def test_a_new_lead_can_be_opened_again(desk: Desk) -> None:
    """What was told is there, sealed under the lead's own key, each value at its place."""
    lead_id = desk.a_known_lead(JANE, CRM_1, profile={"first_name": "Jane", "score": 1.5, "tags": ["a"]})
    key = desk.key_of(lead_id)
    with desk.session() as session:
        rows = session.scalars(select(IdentifierRow).where(IdentifierRow.lead_id == lead_id)).all()
        fields = session.scalars(select(FieldRow).where(FieldRow.lead_id == lead_id)).all()
        opened = {open_identifier(key, row.id, row.kind, row.sealed, shared=row.shared) for row in rows}
        profile = {
            field.name: open_field(key, field.name, field.record_version, field.sealed) for field in fields
        }

    assert {(one.kind.value, one.text, one.system) for one in opened} == {
        ("email", "jane.doe@example.com", None),
        ("external", "1", "crm"),
    }
    assert profile == {"first_name": "Jane", "score": 1.5, "tags": ["a"]}


def test_what_decisions_rest_on_goes_into_the_ledger(desk: Desk) -> None:
    """Source, attributes and notice are events under the one entry of the trail."""
    lead_id = desk.a_known_lead(
        JANE,
        region="US-CA",
        time_zone="America/Los_Angeles",
        recipient_kind="consumer",
        notice={"article": "14", "version": "2026-01", "given_at": NOW},
    )
    with desk.session() as session:
        facts = facts_of(session, [lead_id])[lead_id]
        kinds = {row.event.kind: row.entry_id for row in history(session, lead_id)}
        entry = session.scalars(select(LinkRow.entry_id).where(LinkRow.lead_id == lead_id)).one()

    assert facts["jurisdiction"] == "US-CA"
    assert facts["recipient_kind"] == "consumer"
    assert facts["address_type"] == "named_work"
    assert facts["source"] == "event"
    assert set(kinds) == {EventKind.SOURCE, EventKind.ATTRIBUTES, EventKind.NOTICE}
    assert set(kinds.values()) == {entry}
    assert actions(desk) == ["lead.created"]


def test_evidence_of_the_source_is_sealed_for_its_event(desk: Desk) -> None:
    """It opens with the lead's key at that event, and stands nowhere in the open."""
    evidence = {"ip": "192.0.2.7", "form": "Jane's form"}
    source = {"key": "form", "kind": "web_form", "obtained_at": NOW, "evidence": evidence}
    lead_id = desk.a_known_lead(JANE, source=source)
    with desk.session() as session:
        [told] = history(session, lead_id, EventKind.SOURCE)

    assert told.event.id is not None
    assert told.event.sealed is not None
    assert open_evidence(desk.key_of(lead_id), told.event.id, told.event.sealed) == evidence
    assert "192.0.2.7" not in json.dumps(dict(told.event.details))


def test_an_identifying_identifier_that_is_known_merges(desk: Desk) -> None:
    """Fields are overwritten or added, the source is added, the lead stays one."""
    first = desk.a_known_lead(JANE, profile={"first_name": "Jane", "company": "Example"})
    [again] = desk.take_in(a_lead(("email", "JANE.DOE@example.com"), CRM_1, profile={"company": "Sample"}))
    key = desk.key_of(first)
    with desk.session() as session:
        fields = session.scalars(select(FieldRow).where(FieldRow.lead_id == first)).all()
        opened = {row.name: open_field(key, row.name, row.record_version, row.sealed) for row in fields}
        sources = history(session, first, EventKind.SOURCE)
        identifiers = session.scalar(select(func.count()).select_from(IdentifierRow))

    assert again == Placed(Verdict.MERGED, first)
    assert opened == {"first_name": "Jane", "company": "Sample"}
    assert len(sources) == 2
    assert identifiers == 2
    assert actions(desk) == ["lead.created", "lead.merged"]


def test_an_identifier_learnt_by_a_merge_identifies_from_then_on(desk: Desk) -> None:
    """The second intake taught the private address; the third knows the lead by it."""
    first = desk.a_known_lead(JANE)
    desk.take_in(a_lead(JANE, JANE_PRIVATE))

    assert desk.take_in(a_lead(JANE_PRIVATE)) == [Placed(Verdict.MERGED, first)]


def test_shared_identifiers_never_merge(desk: Desk) -> None:
    """Colleagues behind one switchboard and one mailbox are two people."""
    switchboard = ("phone", "+49301234567")
    placed = desk.take_in(
        a_lead(JANE, OFFICE, switchboard),
        a_lead(("email", "john@example.com"), OFFICE, switchboard),
        a_lead(OFFICE),
    )

    assert [one.verdict for one in placed] == [Verdict.CREATED] * 3
    assert len({one.lead_id for one in placed}) == 3


def test_a_mobile_identifies_and_a_number_of_unknown_kind_does_not(desk: Desk) -> None:
    """The same number, marked and unmarked; once marked, it merges those who mark it."""
    mobile = ("phone", "+491711234567")
    unmarked = desk.a_known_lead(JANE, mobile)
    [marked] = desk.take_in(a_lead(mobile, number_type="mobile"))
    [again] = desk.take_in(a_lead(mobile, number_type="mobile"))

    assert marked.verdict is Verdict.CREATED
    assert marked.lead_id != unmarked
    assert again == Placed(Verdict.MERGED, marked.lead_id)


def test_a_number_that_turns_out_to_be_a_mobile_stops_being_shared(desk: Desk) -> None:
    """The lead already held it; now it identifies them."""
    mobile = ("phone", "+491711234567")
    first = desk.a_known_lead(JANE, mobile)
    desk.take_in(a_lead(JANE, mobile, number_type="mobile"))

    assert desk.take_in(a_lead(mobile, number_type="mobile")) == [Placed(Verdict.MERGED, first)]


def test_identifiers_of_two_leads_are_a_conflict(desk: Desk) -> None:
    """Nobody is merged on a contradiction; nothing is written but the refusal."""
    desk.take_in(a_lead(JANE), a_lead(CRM_1))

    assert desk.take_in(a_lead(JANE, CRM_1)) == [Placed(Verdict.CONFLICT)]
    assert actions(desk)[2:] == ["lead.refused"]
    with desk.session() as session:
        assert session.scalar(select(func.count()).select_from(LeadRow)) == 2


def test_a_chunk_is_laid_out_in_its_order(desk: Desk) -> None:
    """Later lines know the earlier ones: merge, conflict and refusal fall as if they came one by one."""
    suppress(desk, "erased@example.com", SuppressionKind.ERASURE_SUPPRESSION)
    placed = desk.take_in(
        a_lead(JANE),
        a_lead(CRM_1),
        a_lead(JANE, JANE_PRIVATE),
        a_lead(("email", "erased@example.com")),
        a_lead(CRM_1, JANE),
        a_lead(JANE_PRIVATE),
    )

    assert [one.verdict.value for one in placed] == [
        "created",
        "created",
        "merged",
        "suppressed_after_erasure",
        "identity_conflict",
        "merged",
    ]
    assert placed[0].lead_id == placed[2].lead_id == placed[5].lead_id


def test_somebody_who_was_erased_stays_away(desk: Desk) -> None:
    """Even if another identifier is known, and however the address is written."""
    desk.take_in(a_lead(CRM_1))
    suppress(desk, "jane.doe@example.com", SuppressionKind.ERASURE_SUPPRESSION)

    assert desk.take_in(a_lead(("email", "Jane.Doe@EXAMPLE.com"), CRM_1)) == [Placed(Verdict.ERASED)]


@pytest.mark.parametrize("kind", [SuppressionKind.UNSUBSCRIBE, ObjectionKind.DIRECT_MARKETING])
def test_an_objection_made_before_the_person_was_known_comes_along(
    desk: Desk, kind: SuppressionKind | ObjectionKind
) -> None:
    """Matching suppressions are copied into the ledger of the new lead, and of one who learns the address."""
    suppress(desk, "jane.doe@example.com", kind)
    created = desk.a_known_lead(JANE)
    merged = desk.a_known_lead(CRM_1)
    with desk.session() as session:
        facts = facts_of(session, [created])[created]
        stops = facts.get("objections", []) + facts.get("suppressions", [])

    assert [stop["type"] for stop in stops] == [kind.value]
    assert merged != created


def test_a_suppression_is_copied_once(desk: Desk) -> None:
    """A second intake of the same address says nothing new."""
    suppress(desk, "jane.doe@example.com", SuppressionKind.UNSUBSCRIBE)
    lead_id = desk.a_known_lead(JANE)
    desk.take_in(a_lead(JANE))
    with desk.session() as session:
        assert len(history(session, lead_id, EventKind.SUPPRESSION)) == 1


def test_a_lead_that_is_being_erased_takes_nothing_in(desk: Desk) -> None:
    """The lock falls before the rows go."""
    lead_id = desk.a_known_lead(JANE)
    with desk.session() as session:
        session.execute(update(LeadRow).where(LeadRow.id == lead_id).values(state=LeadState.LOCKED.value))

    assert desk.take_in(a_lead(JANE)) == [Placed(Verdict.ERASED)]


def test_a_role_address_never_makes_a_person_impersonal(desk: Desk) -> None:
    """A merge through a role address keeps the stricter kind; a word of the caller's own counts."""
    lead_id = desk.a_known_lead(JANE, CRM_1)
    desk.take_in(a_lead(OFFICE, CRM_1))
    with desk.session() as session:
        kept = facts_of(session, [lead_id])[lead_id]["address_type"]
    desk.take_in(a_lead(JANE_PRIVATE, CRM_1))
    with desk.session() as session:
        stricter = facts_of(session, [lead_id])[lead_id]["address_type"]

    assert (kept, stricter) == ("named_work", "personal")


def test_keys_of_another_survey_write_nothing(desk: Desk) -> None:
    """Somebody else took the person in between survey and write: the caller must look again."""
    lead, fresh = new_lead(a_lead(JANE)), random_id()
    with desk.keys() as session:
        keys = mint(session, desk.keyring, [fresh], kind=KeyKind.LEAD, now=NOW)
    desk.take_in(a_lead(JANE))
    with desk.session() as session, pytest.raises(KeysNeededError):
        intake.take_in(session, desk.keyring, keys, [lead], [fresh], now=NOW, actor=ACTOR)

    assert actions(desk) == ["lead.created"]


def test_the_database_itself_keeps_an_identifying_hash_unique(desk: Desk) -> None:
    """Two intakes that do not see each other can not both commit; shared hashes may repeat."""
    desk.a_known_lead(JANE, OFFICE)
    with desk.session() as session:
        rows = session.scalars(select(IdentifierRow)).all()
        copies = {
            row.shared: {c.name: getattr(row, c.name) for c in IdentifierRow.__table__.c} for row in rows
        }
    for shared in (True, False):
        copies[shared] |= {"id": random_id(), "lead_id": random_id()}
    with desk.session() as session:
        session.execute(insert(IdentifierRow), copies[True])
    with pytest.raises(IntegrityError), desk.session() as session:
        session.execute(insert(IdentifierRow), copies[False])


def test_nothing_is_left_of_an_intake_that_fails(desk: Desk) -> None:
    """Rows, events and entries commit together or not at all."""
    lead, fresh = new_lead(a_lead(JANE, profile={"first_name": "Jane"})), random_id()
    with desk.keys() as session:
        keys = mint(session, desk.keyring, [fresh], kind=KeyKind.LEAD, now=NOW)
    with pytest.raises(RuntimeError), desk.session() as session:  # noqa: PT012 - the failure comes last
        intake.take_in(session, desk.keyring, keys, [lead], [fresh], now=NOW, actor=ACTOR)
        raise RuntimeError
    with desk.session() as session:
        counts = [
            session.scalar(select(func.count()).select_from(row))
            for row in (LeadRow, IdentifierRow, FieldRow, EventRow, FactsRow, PendingRow, LinkRow)
        ]

    assert counts == [0] * 7


CANARIES = (
    "Zanzibarina",
    "zanzibarina.quux@canary-example.com",
    "+4915799999999",
    "CRM-CANARY-77",
    "203.0.113.99",
)


def test_nothing_personal_lies_on_the_disk(desk: Desk, tmp_path: Path) -> None:
    """Planted values are in no file: not in the databases, their journals, or the key directory."""
    name, address, number, crm_id, ip = CANARIES
    source = {"key": "form", "kind": "web_form", "obtained_at": NOW, "evidence": {"ip": ip}}
    identifiers = (("email", address), ("phone", number), ("external", crm_id, "crm"))
    desk.a_known_lead(*identifiers, number_type="mobile", profile={"first_name": name}, source=source)
    desk.take_in(a_lead(*identifiers, profile={"first_name": name}, source=source))
    files = files_under(tmp_path)
    found = planted_in(files, CANARIES)

    assert len(files) >= 3
    assert found == []
