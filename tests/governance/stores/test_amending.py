"""Corrections and restrictions are written into a SQL store, and read back."""

from collections.abc import Iterator

import pytest

from governance.stores.errors import StoreCode, StoreError
from governance.stores.protocol import Correction, Found, Propagated, Rectifying, Restricting
from governance.stores.sql import SqlStore
from tests.governance.stores.conftest import rows_of, run_script
from tests.governance.stores.factories import crm, document, email, row

JANE = email("jane.doe@acme.example")
MARKED = document()["tables"] | {
    "contacts": document()["tables"]["contacts"] | {"restrict": {"column": "score", "on": -1, "off": 0}}
}


@pytest.fixture
def store(empty_url: str) -> Iterator[SqlStore]:
    """The small CRM; a score below nothing marks the restricted."""
    opened = crm(empty_url, tables=MARKED)
    yield opened
    opened.close()


def test_a_correction_reaches_the_persons_own_rows(store: SqlStore, empty_url: str) -> None:
    """Not a colleague's, nor what an invoice said at its time; again it changes nothing."""
    found = store.find([JANE])
    corrections = [
        Correction("last_name", "Roe", was="doe"),
        Correction("email", "jane.roe@acme.example", was="JANE.DOE@acme.example"),
        Correction("phone", "+49 170 3333333", was="0170 2222222"),
    ]
    assert isinstance(store, Rectifying)
    assert store.rectify(found, corrections) == Propagated({"contacts": 1, "contact_points": 1})
    assert rows_of(
        empty_url, "SELECT last_name, email, phone FROM contacts WHERE id IN (1, 2, 4) ORDER BY id"
    ) == [
        ("Roe", "jane.roe@acme.example", "+49 30 1111111"),
        ("Stone", "bob.stone@acme.example", "+49 (30) 555-0000"),
        ("Doe", None, "+49 30 1111111"),
    ]
    assert rows_of(empty_url, "SELECT value FROM contact_points WHERE id = 2") == [("+49 170 3333333",)]
    assert rows_of(empty_url, "SELECT buyer_email FROM orders WHERE id = 1") == [("jane.doe@acme.example",)]
    assert store.rectify(found, corrections) == Propagated()


def test_what_no_column_holds_is_left_to_a_person(store: SqlStore) -> None:
    """By its name; and an identifier of which nobody says what it was."""
    found = store.find([JANE])
    corrections = [
        Correction("title", "Dr"),
        Correction("email", "x@y.example"),
        Correction("first_name", "J"),
    ]
    assert store.rectify(found, corrections) == Propagated({"contacts": 1}, unplaced=("title", "email"))


def test_a_restriction_marks_and_its_end_unmarks(store: SqlStore, empty_url: str) -> None:
    """The person's row, by its own column."""
    found = store.find([JANE])
    assert isinstance(store, Restricting)
    assert store.restrict(found, on=True) == Propagated({"contacts": 1})
    assert store.restrict(found, on=True) == Propagated()
    assert rows_of(empty_url, "SELECT score FROM contacts WHERE id IN (1, 2) ORDER BY id") == [(-1,), (20,)]
    assert store.restrict(found, on=False) == Propagated({"contacts": 1})
    assert rows_of(empty_url, "SELECT score FROM contacts WHERE id = 1") == [(0,)]


def test_a_table_without_a_mark_is_left_to_a_person(sqlite_url: str) -> None:
    """It is named; nothing is changed."""
    store = crm(sqlite_url)
    assert store.restrict(store.find([JANE]), on=True) == Propagated(unplaced=("contacts",))
    assert store.restrict(Found(), on=True) == Propagated()
    store.close()


def test_nothing_is_half_written(store: SqlStore, empty_url: str) -> None:
    """A value that a constraint forbids undoes the others."""
    run_script(empty_url, "UPDATE contacts SET score = id")
    run_script(empty_url, "CREATE UNIQUE INDEX one_of_a_kind ON contacts (score)")
    found = store.find([email("bob.stone@acme.example")])
    with pytest.raises(StoreError) as refused:
        store.rectify(found, [Correction("first_name", "Robert"), Correction("score", "1")])
    assert refused.value.reason is StoreCode.CONSTRAINT
    assert rows_of(empty_url, "SELECT first_name FROM contacts WHERE id = 2") == [("Bob",)]


def test_rows_of_a_table_that_is_no_longer_mapped_are_not_corrected(store: SqlStore) -> None:
    """Rather than said to be right."""
    foreign = Found(rows=(row("elsewhere", 1),))
    with pytest.raises(StoreError):
        store.rectify(foreign, [])
    with pytest.raises(StoreError):
        store.restrict(foreign, on=True)
