"""What is held of a lead: opened whole, exported with its evidence, locked, and gone when it is purged."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from audit.actions import Action
from audit.log import append
from consent.events import EventKind
from governance import custody, identity
from governance.errors import LeadLockedError, LeadUnknownError, OpeningUntoldError, SealBroken
from governance.leads import changes
from governance.rectify import rectify
from governance.resolve import resolve
from governance.tables import FieldRow, IdentifierRow, LeadRow
from governance.told import keep, told
from tests.governance.lead_desk import ACTOR, NOW, Desk, open_desk
from tests.openings import Watch

ROOT = Path(__file__).resolve().parents[2]
JANE = ("email", "jane@example.com")
OFFICE = ("phone", "+49301234567")
CRM_1 = ("external", "1", "crm")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Databases of this test alone."""
    with open_desk(tmp_path) as opened:
        yield opened


def test_an_opened_lead_is_whole(desk: Desk) -> None:
    """Identifiers with whether they are shared, profile, newest attributes, every source."""
    lead_id = desk.a_known_lead(OFFICE, JANE, country="DE", profile={"b": 1, "a": None, "c": [1.5]})
    desk.a_known_lead(JANE, country="FR")
    told = desk.told(lead_id)
    with desk.session() as session:
        opened = custody.open_lead(session, desk.key_of(lead_id), told)

    assert [(one.text, one.identifying) for one in opened.identifiers] == [
        (JANE[1], True),
        (OFFICE[1], False),
    ]
    assert opened.profile == {"b": 1, "c": [1.5]}
    assert opened.attributes == {"country": "FR", "address_type": "named_work"}
    assert [source["key"] for source in opened.sources] == ["fair-2026", "fair-2026"]
    assert JANE[1] not in repr(opened)


def test_an_attribute_that_was_cleared_is_absent(desk: Desk) -> None:
    """A correction to "unknown" is a correction."""
    lead_id = desk.a_known_lead(JANE, country="DE", time_zone="Europe/Berlin")
    key = desk.key_of(lead_id)
    with desk.session() as session:
        asked = changes({"time_zone": None})
        rectify(session, desk.keyring, key, asked, now=next(desk.clock), actor=ACTOR)
    told = desk.told(lead_id)
    with desk.session() as session:
        opened = custody.open_lead(session, key, told)

    assert opened.attributes == {"country": "DE", "address_type": "named_work"}


def test_an_export_holds_everything_told(desk: Desk) -> None:
    """The history oldest first, free text and evidence in plain; and it is JSON."""
    source = {"key": "form", "kind": "web_form", "obtained_at": NOW, "evidence": {"ip": "192.0.2.7"}}
    lead_id = desk.a_known_lead(JANE, source=source)
    key = desk.key_of(lead_id)
    fact = told(
        {"kind": "presumed_interest", "occurred_at": NOW, "substantiated": True, "reason": "a tender"}
    )
    with desk.session() as session:
        keep(session, key, fact, now=next(desk.clock), actor=ACTOR)
        custody.lock(session, lead_id)
    exported = desk.export(lead_id)
    by_kind = {event["kind"]: event for event in exported["history"]}

    assert exported["identifiers"] == [{"type": "email", "value": JANE[1]}]
    assert by_kind["source"]["evidence"] == {"ip": "192.0.2.7"}
    assert by_kind["presumed_interest"]["evidence"] == {"reason": "a tender"}
    assert by_kind["presumed_interest"]["details"] == {"substantiated": True, "reason": "sealed"}
    assert list(by_kind)[-1] == EventKind.PRESUMED_INTEREST.value
    assert json.loads(json.dumps(exported)) == exported


def test_a_locked_lead_is_not_opened_and_an_absent_one_unknown(desk: Desk) -> None:
    """The two answers differ: one is being erased, the other is not here."""
    lead_id = desk.a_known_lead(JANE)
    key, told = desk.key_of(lead_id), [desk.told(lead_id) for _ in range(3)]
    with desk.session() as session:
        locked = [custody.lock(session, lead_id), custody.lock(session, lead_id), custody.lock(session, "x")]
        with pytest.raises(LeadLockedError):
            custody.open_lead(session, key, told[0])
        custody.purge(session, lead_id)
        with pytest.raises(LeadUnknownError):
            custody.open_lead(session, key, told[1])
        with pytest.raises(LeadUnknownError):
            custody.export_lead(session, key, told[2])

    assert locked == [True, True, False]


def test_purging_one_leaves_the_others_their_shared_addresses(desk: Desk) -> None:
    """The switchboard still finds the colleague; doing it again changes nothing."""
    jane = desk.a_known_lead(JANE, OFFICE, profile={"a": 1})
    john = desk.a_known_lead(CRM_1, OFFICE, profile={"a": 1})
    with desk.session() as session:
        custody.purge(session, jane)
        custody.purge(session, jane)
        found = resolve(session, desk.keyring, identity.phone(OFFICE[1]))
        left = [
            session.scalar(select(func.count()).select_from(row))
            for row in (LeadRow, IdentifierRow, FieldRow)
        ]

    assert found == (john,)
    assert left == [1, 2, 1]


def test_a_field_moved_to_another_place_does_not_open(desk: Desk) -> None:
    """Name and version are part of what is sealed: a swapped or rolled-back field is noticed."""
    lead_id = desk.a_known_lead(JANE, profile={"a": "one", "b": "two"})
    with desk.session() as session:
        sealed = session.scalar(select(FieldRow.sealed).where(FieldRow.name == "a"))
        session.execute(update(FieldRow).where(FieldRow.name == "b").values(sealed=sealed))
    with pytest.raises(SealBroken):
        desk.export(lead_id)
    with desk.session() as session:
        session.execute(update(FieldRow).where(FieldRow.name == "b").values(sealed=sealed, record_version=2))
    with pytest.raises(SealBroken):
        desk.export(lead_id)


def test_the_names_of_what_opens_hold_no_values(desk: Desk) -> None:
    """They go into the trail."""
    lead_id = desk.a_known_lead(JANE, OFFICE, profile={"first_name": "Jane"})
    with desk.session() as session:
        assert custody.names_of(session, lead_id) == ["email", "phone", "profile.first_name"]


def test_nothing_is_opened_that_the_trail_does_not_tell(desk: Desk, openings: Watch) -> None:
    """No entry, one about somebody else, one of another kind: by no way in is anything decrypted."""
    jane, john = desk.a_known_lead(JANE, profile={"a": 1}), desk.a_known_lead(CRM_1)
    key = desk.key_of(jane)
    with desk.session() as session:
        locking = append(session, Action.LEAD_LOCKED, actor=ACTOR, now=NOW, lead_id=jane).entry_id
    with desk.session() as session:
        for told in ("", "nothing", desk.told(john), locking):
            for opens in (
                lambda told=told: custody.open_lead(session, key, told),
                lambda told=told: custody.export_lead(session, key, told),
                lambda told=told: list(custody.identifiers_of(session, [key], told)),
            ):
                with pytest.raises(OpeningUntoldError):
                    opens()

    assert openings.decrypted == set()


def test_only_this_module_decrypts_fields_of_leads() -> None:
    """Whoever wants to open a lead comes through here: nobody else imports what decrypts."""
    decrypts = ("open_identifier", "open_field", "open_evidence")
    users = {
        path.relative_to(ROOT).as_posix()
        for package in ("governance", "api", "consent", "audit")
        for path in (ROOT / package).rglob("*.py")
        if any(re.search(rf"\b{name}\b", path.read_text()) for name in decrypts)
    }

    assert users == {"governance/custody.py", "governance/fields.py", "governance/evidence.py"}
