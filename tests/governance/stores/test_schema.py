"""What reflection sees, and what it takes from a schema where a mapping is silent."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from governance.stores.engine import open_engine
from governance.stores.errors import StoreCode, StoreError
from governance.stores.mapping import Parent
from governance.stores.opening import open_store, probe
from governance.stores.protocol import PersonTerms
from governance.stores.schema import LiveSchema, reflect
from governance.stores.sql import SqlStore
from tests.governance.stores.conftest import fresh_database, rows_of, run_script
from tests.governance.stores.factories import SCHEMA, VARIABLE, email, mapped


def look(url: str) -> LiveSchema:
    """The small CRM's schema as it is at `url`."""
    engine = open_engine(url)
    with engine.connect() as connection:
        found = reflect(connection, mapped())
    engine.dispose()
    return found


def test_foreign_keys_are_followed_where_the_document_is_silent(empty_url: str) -> None:
    """Comments belong to their activity; contacts do not belong to their company."""
    run_script(empty_url, SCHEMA)
    shapes = look(empty_url).shapes
    assert shapes["comments"].mapping.parents == (Parent("activity_id", "activities", "id"),)
    assert shapes["contacts"].mapping.parents == ()


def test_references_from_unmapped_tables_are_seen(empty_url: str) -> None:
    """With what they allow."""
    run_script(empty_url, SCHEMA)
    schema = look(empty_url)
    tickets = next(one for one in schema.references if one.table == "tickets")
    assert (tickets.column, tickets.target, tickets.nullable, tickets.on_delete) == (
        "requester_id",
        "contacts",
        True,
        None,
    )
    assert schema.missing == ()


def test_tables_without_a_key_work_too(empty_url: str) -> None:
    """SQLite has row numbers; elsewhere the columns that lead to a row name it."""
    run_script(
        empty_url,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT);\n"
        "CREATE TABLE visits (person INTEGER, page TEXT);\n"
        "INSERT INTO people VALUES (1, 'a@x.example'), (2, 'b@x.example');\n"
        "INSERT INTO visits VALUES (1, 'one'), (1, 'two'), (2, 'one')",
    )
    tables = {
        "people": {"identity": {"email": "email"}, "erase": "delete"},
        "visits": {"belongs_to": {"person": "people.id"}, "erase": "cascade"},
    }
    store = open_store(mapped(tables=tables), {VARIABLE: empty_url})
    found = store.find([email("a@x.example")])
    store.erase(found, PersonTerms())
    assert rows_of(empty_url, "SELECT person FROM visits") == [(2,)]
    assert store.remaining(found, [email("a@x.example")]) == {}
    store.close()


@pytest.fixture
def guarded(postgres_url: str) -> Iterator[tuple[str, str]]:
    """The small CRM with row-level security on contacts: the owner's URL, and that of an account it binds."""
    for url in fresh_database(postgres_url):
        run_script(url, SCHEMA)
        run_script(
            url,
            "ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;\n"
            "DROP ROLE IF EXISTS bound;\nCREATE ROLE bound LOGIN;\n"
            "GRANT ALL ON ALL TABLES IN SCHEMA public TO bound",
        )
        yield url, make_url(url).set(username="bound").render_as_string(hide_password=False)
        engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP OWNED BY bound")
        engine.dispose()


def test_row_level_security_is_noticed(guarded: tuple[str, str]) -> None:
    """Only for the account that it binds: what it hides would be found empty."""
    owner, bound = guarded
    assert probe(mapped(), {VARIABLE: owner}).problems == ()
    said = probe(mapped(), {VARIABLE: bound}).problems
    assert said == ("tables.contacts: row-level security may hide rows from this account",)


def test_a_store_is_not_opened_on_gaps(empty_url: str) -> None:
    """Opened, its schema is the mapping's."""
    run_script(empty_url, SCHEMA)
    store = open_store(mapped(), {VARIABLE: empty_url})
    assert isinstance(store, SqlStore)
    assert set(store.schema.shapes) == set(mapped().tables)
    store.close()


def test_hidden_rows_are_an_error_and_not_nobody(guarded: tuple[str, str]) -> None:
    """Also of a store that was opened before the policy was made."""
    _, bound = guarded
    store = open_store(mapped(), {VARIABLE: bound})
    with pytest.raises(StoreError) as refused:
        store.find([email("jane.doe@acme.example")])
    assert refused.value.reason is StoreCode.PERMISSION_DENIED
    store.close()
