"""The rows of a lead's identifiers and profile, as they are written, found again and rewritten."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from governance import holdings
from governance.identity import Identifier, email, phone
from governance.tables import FieldRow, IdentifierRow
from governance.vault.index import lookup_hashes
from tests.governance.lead_desk import Desk, open_desk

JANE, HOME, DESK_PHONE = email("jane@firm.example"), email("jane@home.example"), phone("+493012345678")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Databases of this test alone."""
    with open_desk(tmp_path) as opened:
        yield opened


def held(desk: Desk, lead_id: str) -> list[tuple[str, bool]]:
    """The texts of a lead's identifiers, and whether each identifies."""
    return [(one.text, one.identifying) for one in desk.identifiers(lead_id)]


def add(desk: Desk, lead_id: str, *identifiers: Identifier) -> list[str]:
    """Give the lead these; the texts of those that were new."""
    with desk.session() as session:
        hashed = holdings.hashed(desk.keyring, identifiers)
        fresh = holdings.add_identifiers(session, desk.key_of(lead_id), hashed)
    return [one.identifier.text for one in fresh]


def test_an_identifier_is_added_once(desk: Desk) -> None:
    """Adding it again writes no second row: it would be found twice, and seem shared."""
    lead_id = desk.a_known_lead(("email", JANE.text))

    assert add(desk, lead_id, JANE, HOME) == [HOME.text]
    assert add(desk, lead_id, JANE, HOME) == []
    assert held(desk, lead_id) == [(JANE.text, True), (HOME.text, True)]


def test_a_row_stands_under_its_hash_and_shows_nothing(desk: Desk) -> None:
    """The look-up hash is the keyed one; the text is in none of the columns."""
    lead_id = desk.a_known_lead(("email", JANE.text))

    with desk.session() as session:
        [row] = session.scalars(select(IdentifierRow).where(IdentifierRow.lead_id == lead_id))
        assert (row.hash,) == lookup_hashes(desk.keyring, JANE.kind, JANE.key)
        assert JANE.text.encode() not in row.hash + row.sealed


def test_a_number_that_turns_out_to_be_mobile_identifies_from_then_on(desk: Desk) -> None:
    """And one that does is never made shared again by somebody who does not know."""
    lead_id = desk.a_known_lead(("phone", DESK_PHONE.text))
    mobile = Identifier(DESK_PHONE.kind, DESK_PHONE.text, identifying=True)
    before = held(desk, lead_id)

    add(desk, lead_id, mobile)
    add(desk, lead_id, DESK_PHONE)

    assert before == [(DESK_PHONE.text, False)]
    assert held(desk, lead_id) == [(DESK_PHONE.text, True)]


def test_replacing_touches_only_the_kinds_that_are_named(desk: Desk) -> None:
    """A corrected address removes the old ones; the phone was not spoken of."""
    lead_id = desk.a_known_lead(("email", JANE.text), ("phone", DESK_PHONE.text))

    with desk.session() as session:
        fresh = holdings.replace_identifiers(
            session, desk.key_of(lead_id), holdings.hashed(desk.keyring, [HOME])
        )

    assert [one.identifier for one in fresh] == [HOME]
    assert held(desk, lead_id) == [(HOME.text, True), (DESK_PHONE.text, False)]


def test_another_lead_keeps_the_address_that_is_taken_from_one(desk: Desk) -> None:
    """A shared address is a row of each lead's own."""
    info = email("info@firm.example")
    one = desk.a_known_lead(("email", JANE.text), ("email", info.text))
    other = desk.a_known_lead(("email", "bo@firm.example"), ("email", info.text))

    with desk.session() as session:
        holdings.replace_identifiers(session, desk.key_of(one), holdings.hashed(desk.keyring, [JANE]))

    assert held(desk, one) == [(JANE.text, True)]
    assert (info.text, False) in held(desk, other)


def test_fields_are_set_kept_and_removed_each_by_its_name(desk: Desk) -> None:
    """What is not named stays; None removes; a field written again, or removed, is of its next version."""
    lead_id = desk.a_known_lead(("email", JANE.text), profile={"name": "Jane", "title": "Dr", "city": "Bonn"})
    key = desk.key_of(lead_id)

    with desk.session() as session:
        holdings.write_fields(session, key, {"name": json.dumps("Janet").encode(), "title": None, "x": b"1"})

    assert desk.export(lead_id)["profile"] == {"city": "Bonn", "name": "Janet", "x": 1}
    with desk.session() as session:
        rows = session.scalars(select(FieldRow).where(FieldRow.lead_id == lead_id))
        assert {row.name: row.record_version for row in rows} == {"city": 1, "name": 2, "title": 2, "x": 1}


def test_removing_what_is_not_there_changes_nothing(desk: Desk) -> None:
    """A second removal is no error."""
    lead_id = desk.a_known_lead(("email", JANE.text), profile={"name": "Jane"})

    with desk.session() as session:
        holdings.write_fields(session, desk.key_of(lead_id), {"title": None})

    assert desk.export(lead_id)["profile"] == {"name": "Jane"}
