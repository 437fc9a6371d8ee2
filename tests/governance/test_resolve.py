"""From references to leads, one by one and many at once."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from governance import identity
from governance.errors import IdentityAmbiguousError, LeadUnknownError
from governance.identity import ById, Reference
from governance.resolve import resolve, resolve_many, sole
from governance.vault.index import begin_reindex
from governance.vault.tables import IndexPurpose
from tests.governance.lead_desk import NOW, Desk, open_desk

JANE, JOHN = ("email", "jane@example.com"), ("email", "john@example.com")
OFFICE = ("phone", "+49301234567")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Databases of this test alone."""
    with open_desk(tmp_path) as opened:
        yield opened


def test_a_reference_fits_none_one_or_several(desk: Desk) -> None:
    """By address, by number, by external id, by the lead's own id."""
    jane = desk.a_known_lead(JANE, OFFICE, ("external", "7", "crm"))
    john = desk.a_known_lead(JOHN, OFFICE)
    fits: dict[Reference, tuple[str, ...]] = {
        identity.email("Jane@Example.com"): (jane,),
        identity.external("CRM", "7"): (jane,),
        identity.external("erp", "7"): (),
        identity.phone("+49 30 1234567"): tuple(sorted([jane, john])),
        ById(john): (john,),
        ById("nobody"): (),
    }
    with desk.session() as session:
        one_by_one = {each: resolve(session, desk.keyring, each) for each in fits}
        at_once = resolve_many(session, desk.keyring, list(fits))

    assert fits == one_by_one
    assert list(fits.values()) == at_once


def test_sole_is_one_or_an_error(desk: Desk) -> None:
    """Only a decision may take the strictest of several."""
    jane = desk.a_known_lead(JANE, OFFICE)
    desk.a_known_lead(JOHN, OFFICE)
    with desk.session() as session:
        assert sole(session, desk.keyring, identity.email(JANE[1])) == jane
        with pytest.raises(IdentityAmbiguousError):
            sole(session, desk.keyring, identity.phone(OFFICE[1]))
        with pytest.raises(LeadUnknownError):
            sole(session, desk.keyring, identity.email("nobody@example.com"))


def test_many_references_take_two_statements(desk: Desk) -> None:
    """However many there are, up to a thousand; none take none."""
    known = [desk.a_known_lead(("email", f"p{number}@example.com")) for number in range(3)]
    references: list[Reference] = [identity.email(f"p{number}@example.com") for number in range(500)]
    references += [ById(lead_id) for lead_id in known]
    statements: list[str] = []
    with desk.session() as session:
        driver = session.connection().connection.dbapi_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_trace_callback(statements.append)
        found = resolve_many(session, desk.keyring, references)
        assert resolve_many(session, desk.keyring, []) == []

    assert found[:3] == found[-3:] == [(lead_id,) for lead_id in known]
    assert set(found[3:500]) == {()}
    assert len([one for one in statements if one.startswith("SELECT")]) == 2


def test_a_reindex_under_way_hides_nobody(desk: Desk) -> None:
    """Leads from before and from during it are found, and the later ones stand under both keys."""
    before = desk.a_known_lead(JANE)
    with desk.keys() as session:
        begin_reindex(session, desk.keyring, IndexPurpose.LOOKUP, now=NOW)
        desk.keyring.refresh(session)
    during = desk.a_known_lead(JOHN)
    with desk.session() as session:
        found = [resolve(session, desk.keyring, identity.email(one[1])) for one in (JANE, JOHN)]
    again = desk.a_known_lead(JANE)

    assert found == [(before,), (during,)]
    assert again == before
