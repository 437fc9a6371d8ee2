"""What came since a search is seen before it is too late, asked once a table; and nothing of anybody else."""

from collections.abc import Iterator
from typing import Any

import pytest

from governance.stores.latecomers import Look, look_again
from governance.stores.lockstep import run_together
from governance.stores.opening import open_store
from governance.stores.protocol import Found, PersonTerms
from governance.stores.reading import parse
from governance.stores.sql import SqlStore
from tests.governance.stores.conftest import run_script
from tests.governance.stores.factories import VARIABLE, crm, document, email, row

JANE, BOB = email("jane.doe@acme.example"), email("bob.stone@acme.example")


@pytest.fixture
def store(empty_url: str) -> Iterator[SqlStore]:
    """The small CRM, in each kind of database."""
    opened = crm(empty_url)
    yield opened
    opened.close()


def looks(store: SqlStore, *found: Found) -> list[Look]:
    """What is there now."""
    with store.engine.connect() as connection:
        return run_together(connection, store.topology, [look_again(store.topology, one) for one in found])


def test_nothing_is_late_of_what_was_just_found(store: SqlStore) -> None:
    """Of nobody, of one, and of those who are looked at together; what is to be redacted was read along."""
    jane, bob = store.find([JANE]), store.find([BOB])
    together = looks(store, jane, Found(), bob)

    assert together == [looks(store, jane)[0], Look((), {}), looks(store, bob)[0]]
    assert [look.late for look in together] == [(), (), ()]
    assert together[0].held[row("orders", 1)].values["note"].startswith("Ms Doe")


def test_each_gets_what_came_to_hang_on_their_own_rows(store: SqlStore, empty_url: str) -> None:
    """Under a condition, below a row below, in a table that stays; each person only their own."""
    jane, bob = store.find([JANE]), store.find([BOB])
    run_script(
        empty_url,
        "INSERT INTO history VALUES (7, 'contact', 1, 'x'), (8, 'order', 1, 'x'), (9, 'contact', 2, 'x');\n"
        "INSERT INTO activities VALUES (7, 3, 'not hers', NULL);\n"
        "INSERT INTO comments VALUES (7, 1, 'late'), (8, 7, 'of another');\n"
        "INSERT INTO consents_log VALUES (7, 1, 'no')",
    )
    late = [look.late for look in looks(store, jane, bob)]

    assert late == [(row("comments", 7), row("consents_log", 7), row("history", 7)), (row("history", 9),)]


def test_of_a_record_that_stays_and_is_shared_the_others_rows_are_not_late(empty_url: str) -> None:
    """As in the search: only what is redacted with it is the person's."""
    run_script(
        empty_url,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(40));\n"
        "CREATE TABLE deals (id INTEGER PRIMARY KEY, buyer INTEGER, said VARCHAR(40));\n"
        "CREATE TABLE seats (id INTEGER PRIMARY KEY, deal INTEGER, who VARCHAR(40));\n"
        "CREATE TABLE texts (id INTEGER PRIMARY KEY, deal INTEGER, said VARCHAR(40));\n"
        "INSERT INTO people VALUES (1, 'jane.doe@acme.example');\n"
        "INSERT INTO deals VALUES (5, 1, 'x')",
    )
    said: dict[str, Any] = {
        "columns": {"said": {"category": "free_text", "erase": "redact"}},
        "erase": "redact",
    }
    tables = {
        "people": {"identity": {"email": "email"}, "erase": "delete"},
        "deals": {"belongs_to": {"buyer": "people.id"}} | said,
        "seats": {"belongs_to": {"deal": "deals.id"}, "erase": "delete"},
        "texts": {"belongs_to": {"deal": "deals.id"}} | said,
    }
    store = open_store(parse(document() | {"tables": tables}), {VARIABLE: empty_url})
    assert isinstance(store, SqlStore)
    found = store.find([JANE])
    run_script(
        empty_url, "INSERT INTO seats VALUES (1, 5, 'Bob');\nINSERT INTO texts VALUES (1, 5, 'Jane and Bob')"
    )
    [look] = looks(store, found)
    store.close()

    assert look.late == (row("texts", 1),)


def test_rows_that_are_led_to_by_another_column_than_the_key(empty_url: str) -> None:
    """Their own rows are read for it; a value that a database only calls the same is somebody else's."""
    run_script(
        empty_url,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, code VARCHAR(9), email VARCHAR(40));\n"
        "CREATE TABLE calls (id INTEGER PRIMARY KEY, code VARCHAR(9));\n"
        "INSERT INTO people VALUES (1, 'k1', 'jane.doe@acme.example'), (2, NULL, 'bob.stone@acme.example')",
    )
    tables = {
        "people": {"identity": {"email": "email"}, "erase": "redact"},
        "calls": {"belongs_to": {"code": "people.code"}, "erase": "delete"},
    }
    store = open_store(parse(document() | {"tables": tables}), {VARIABLE: empty_url})
    assert isinstance(store, SqlStore)
    jane, bob = store.find([JANE]), store.find([BOB])
    run_script(empty_url, "INSERT INTO calls VALUES (1, 'k1'), (2, 'K1'), (3, NULL)")

    assert [look.late for look in looks(store, jane, bob)] == [(row("calls", 1),), ()]
    assert store.erase(bob, PersonTerms()) == ()
    assert store.remaining(bob, [BOB]) == {}
    store.close()
