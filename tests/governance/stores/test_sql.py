"""A SQL store under the conditions of the real world."""

import sqlite3
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import event

from governance.requests.findings import joined
from governance.stores.errors import StoreCode, StoreError
from governance.stores.opening import open_store
from governance.stores.protocol import Found, PersonTerms
from governance.stores.reading import parse
from tests.governance.stores.conftest import rows_of, run_script
from tests.governance.stores.factories import VARIABLE, crm, document, email, mapped, row

JANE = email("jane.doe@acme.example")


def test_a_missing_table_or_column_is_named(sqlite_url: str) -> None:
    """At opening, before anybody is looked for."""
    store = crm(sqlite_url)
    run_script(sqlite_url, "ALTER TABLE activities RENAME COLUMN note TO remark")
    with pytest.raises(StoreError) as refused:
        open_store(mapped(), {VARIABLE: sqlite_url})
    assert str(refused.value) == "column_missing: activities.note"
    run_script(sqlite_url, "DROP TABLE consents_log")
    with pytest.raises(StoreError) as refused:
        open_store(mapped(), {VARIABLE: sqlite_url})
    assert str(refused.value) == "table_missing: consents_log"
    with pytest.raises(StoreError) as refused:
        store.find([JANE])
    assert refused.value.reason in {StoreCode.TABLE_MISSING, StoreCode.COLUMN_MISSING}
    store.close()


def test_a_locked_store_says_so_and_nothing_is_half_done(sqlite_url: str) -> None:
    """Somebody else writes: a retry will help."""
    store = crm(sqlite_url)
    found = store.find([JANE])
    store.engine.dispose()
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")

    @event.listens_for(store.engine, "connect")
    def impatient(connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute("PRAGMA busy_timeout = 1")

    with pytest.raises(StoreError) as refused:
        store.erase(found, PersonTerms())
    assert refused.value.reason is StoreCode.LOCKED
    other.close()
    assert store.remaining(found, [JANE])["contacts"] == 1
    store.close()


def test_a_read_only_store_says_so(sqlite_url: str) -> None:
    """By a closed code."""
    store = crm(sqlite_url)
    found = store.find([JANE])

    @event.listens_for(store.engine, "checkout")
    def read_only(connection: sqlite3.Connection, *_rest: Any) -> None:
        connection.execute("PRAGMA query_only = ON")

    with pytest.raises(StoreError) as refused:
        store.erase(found, PersonTerms())
    assert refused.value.reason is StoreCode.PERMISSION_DENIED
    store.close()


def test_a_reference_that_can_not_be_emptied_stops_the_whole_erasure(empty_url: str) -> None:
    """One transaction: nothing is half done, and the code says why."""
    store = crm(empty_url)
    run_script(
        empty_url,
        "CREATE TABLE badges (id INTEGER PRIMARY KEY, holder INTEGER NOT NULL REFERENCES contacts (id));\n"
        "INSERT INTO badges VALUES (1, 1)",
    )
    found = store.find([JANE])
    with pytest.raises(StoreError) as refused:
        store.erase(found, PersonTerms())
    assert refused.value.reason is StoreCode.CONSTRAINT
    assert store.remaining(found, [JANE])["activities"] == 2
    store.close()


def test_rows_of_a_table_that_is_no_longer_mapped_are_not_accounted_for(sqlite_url: str) -> None:
    """Rather than said to be gone."""
    store = crm(sqlite_url)
    foreign = Found(rows=(row("elsewhere", 1),))
    with pytest.raises(StoreError):
        store.erase(foreign, PersonTerms())
    with pytest.raises(StoreError):
        store.remaining(foreign, [])
    store.close()


def test_no_table_is_asked_more_than_five_times_for_a_person(empty_url: str) -> None:
    """Found, looked at for what came since, erased and read back.

    MariaDB checks row by row: what refers to its own table is emptied before it is deleted.
    """
    store = crm(empty_url)
    asked: Counter[str] = Counter()
    tables = [*document()["tables"], "tickets"]

    @event.listens_for(store.engine, "before_cursor_execute")
    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        first = (
            statement.replace("DELETE FROM", "FROM")
            .replace("UPDATE", "FROM")
            .partition("FROM")[2]
            .split()[:1]
        )
        asked.update(name for name in tables if first and first[0].strip('"') == name)

    bob = email("bob.stone@acme.example")
    found = store.find([bob])
    store.erase(found, PersonTerms())
    assert store.remaining(found, [bob]) == {}
    more = {"activities": 6} if store.engine.dialect.name == "mariadb" else {}
    assert {name: times for name, times in asked.items() if times > 5} == more
    store.close()


def test_what_came_since_the_search_is_told_before_it_goes_with_its_person(empty_url: str) -> None:
    """Its reference may be emptied with the person: then nothing would lead to it, and it would look done."""
    run_script(
        empty_url,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(80));\n"
        "CREATE TABLE calls (id INTEGER PRIMARY KEY, caller INTEGER REFERENCES people (id), said TEXT);\n"
        "INSERT INTO people VALUES (1, 'jane.doe@acme.example'), (2, 'bob@acme.example');\n"
        "INSERT INTO calls VALUES (1, 1, 'of Jane'), (2, 2, 'of Bob')",
    )
    tables: dict[str, Any] = {
        "people": {"identity": {"email": "email"}, "erase": "delete"},
        "calls": {
            "belongs_to": {"caller": "people.id"},
            "columns": {"said": {"category": "free_text"}},
            "erase": "delete",
        },
    }
    store = open_store(parse(document() | {"tables": tables}), {VARIABLE: empty_url})
    found = store.find([JANE])
    run_script(empty_url, "INSERT INTO calls VALUES (3, 1, 'of Jane again')")
    before = rows_of(empty_url, "SELECT said FROM calls")
    late = store.erase(found, PersonTerms())
    assert (late, rows_of(empty_url, "SELECT said FROM calls")) == ((row("calls", 3),), before)
    found = joined(found, Found(rows=late))
    assert store.erase(found, PersonTerms()) == ()
    assert store.remaining(found, [JANE]) == {}
    assert rows_of(empty_url, "SELECT said FROM calls") == [("of Bob",)]
    store.close()
