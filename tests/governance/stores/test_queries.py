"""The statements by which rows are read: every spelling that may be the person's, and by chunks."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, event, text

from consent.vocabulary import IdentifierKind
from governance.stores import queries
from governance.stores.engine import open_engine
from governance.stores.mapping import Condition
from governance.stores.protocol import Identity, RowRef
from governance.stores.schema import LiveSchema, reflect
from tests.governance.stores.conftest import driven, run_script
from tests.governance.stores.factories import PEOPLE, SCHEMA, email, mapped, phone, row

NAMES = ("email", "phone")
PERSON = (
    "INSERT INTO contacts (id, email) VALUES (7, '  LINA.ÖZ@Firma.Example '), (8, 'lina.oz@firma.example')"
)


@pytest.fixture
def connection(empty_url: str) -> Iterator[Connection]:
    """A connection to the small CRM, in a database of each kind."""
    run_script(empty_url, SCHEMA)
    run_script(empty_url, PEOPLE)
    engine = create_engine(driven(empty_url))
    with engine.connect() as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def schema(connection: Connection) -> LiveSchema:
    """What the database really looks like."""
    return reflect(connection, mapped())


def found(connection: Connection, schema: LiveSchema, table: str, *asked: Identity) -> set[RowRef]:
    """The rows of a table that may hold one of the identities."""
    names = NAMES if table == "contacts" else ("contact_id", "type", "value")
    records = queries.by_identity(connection, schema.shapes[table], names, asked, store="crm")
    return {record.ref for record in records}


@given(st.lists(st.integers(), max_size=40), st.integers(1, 9))
def test_chunks_hold_everything_in_its_order_and_none_too_much(values: list[int], size: int) -> None:
    """A database takes only so many parameters; what falls between two chunks would be left behind."""
    runs = list(queries.chunks(values, size))

    assert values == [value for run in runs for value in run]
    assert [run for run in runs if not 0 < len(run) <= size] == []


def test_an_address_is_found_in_any_case_and_with_blanks(connection: Connection, schema: LiveSchema) -> None:
    """As people type them; another address is not."""
    connection.execute(text("INSERT INTO contacts (id, email) VALUES (9, '  BOB.Stone@ACME.example ')"))

    assert found(connection, schema, "contacts", email("bob.stone@acme.example")) == {
        row("contacts", 2),
        row("contacts", 9),
    }
    assert found(connection, schema, "contacts", email("bob_stone@acme.example")) == set()


def test_letters_that_a_database_can_not_lower_are_left_open(
    connection: Connection, schema: LiveSchema
) -> None:
    """SQLite does not know that `Ö` is `ö`: the row is read, and compared exactly by the caller."""
    connection.execute(text(PERSON))

    assert row("contacts", 7) in found(connection, schema, "contacts", email("lina.öz@firma.example"))


def test_a_number_is_found_however_it_is_written(connection: Connection, schema: LiveSchema) -> None:
    """With blanks, brackets and either form of the country code."""
    assert found(connection, schema, "contacts", phone("+49305550000")) >= {
        row("contacts", 2),
        row("contacts", 3),
    }


def test_a_value_counts_only_where_its_condition_holds(connection: Connection, schema: LiveSchema) -> None:
    """A handle that looks like an address is none: the row says that it is a twitter name."""
    connection.execute(text("INSERT INTO contact_points VALUES (8, 2, 'twitter', 'jd@private.example')"))

    assert found(connection, schema, "contact_points", email("jd@private.example")) == {
        row("contact_points", 1)
    }


def test_an_id_of_another_system_is_nobody_here(connection: Connection, schema: LiveSchema) -> None:
    """Number 1 of the shop is not number 1 of the CRM; a table without such a column is not read."""
    foreign = Identity(IdentifierKind.EXTERNAL, "1", "shop")

    assert found(connection, schema, "contacts", foreign) == set()
    assert found(connection, schema, "contacts") == set()


def test_rows_known_before_are_read_again_beside_those_that_fit(
    connection: Connection, schema: LiveSchema
) -> None:
    """One statement for both: reading back costs no second one."""
    records = queries.by_identity(
        connection,
        schema.shapes["contacts"],
        NAMES,
        [email("bob.stone@acme.example")],
        store="crm",
        again=[row("contacts", 4), row("contacts", 99)],
    )

    assert {record.ref for record in records} == {row("contacts", 2), row("contacts", 4)}


@pytest.mark.parametrize("chunk", [1, 2, 500])
def test_rows_below_others_are_found_in_chunks_each_once(
    connection: Connection, schema: LiveSchema, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    """By two columns, one of them under a condition; what both lead to is one row."""
    monkeypatch.setattr(queries, "CHUNK", chunk)
    wanted = [("contact_id", (), [1, 2]), ("parent_id", (), [1, 3, 5])]
    activities = queries.by_values(connection, schema.shapes["activities"], ("note",), wanted)
    only_contacts = [("entity_id", (Condition("entity", "contact"),), [1, 2, 3])]
    history = queries.by_values(connection, schema.shapes["history"], ("changes",), only_contacts)

    again = [row("history", 3), row("history", 99)]
    and_known = queries.by_values(
        connection, schema.shapes["history"], ("changes",), only_contacts, again=again, to_change=True
    )

    assert sorted(record.ref.key[0] for record in activities) == [1, 2, 3]
    assert sorted(record.ref.key[0] for record in history) == [1, 2]
    assert sorted(record.ref.key[0] for record in and_known) == [1, 2, 3]


@pytest.mark.parametrize("chunk", [1, 2, 500])
def test_rows_are_read_by_key_as_far_as_they_exist(
    connection: Connection, schema: LiveSchema, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    """Those that are gone are absent, and a key that can be none of the column's matches nothing."""
    monkeypatch.setattr(queries, "CHUNK", chunk)
    refs = [row("contacts", key) for key in (1, 99, "3", "none", 2)]

    records = queries.by_key(connection, schema.shapes["contacts"], ("email",), refs)

    assert {record.ref: record.values["email"] for record in records} == {
        row("contacts", 1): "Jane.Doe@Acme.example",
        row("contacts", 2): "bob.stone@acme.example",
        row("contacts", 3): "carol.reed@acme.example",
    }


@pytest.mark.parametrize(
    ("collation", "served"),
    [("utf8mb4_general_ci", True), ("utf8mb4_general_nopad_ci", False), ("utf8mb4_bin", False)],
)
def test_mariadb_looks_addresses_up_by_a_plain_index(mariadb: str, collation: str, *, served: bool) -> None:
    """Where that finds the same: capitals and blanks on both sides are found in every collation."""
    table = "CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(80), KEY (email))"
    run_script(mariadb, f"{table} COLLATE {collation}")
    run_script(
        mariadb,
        "INSERT INTO people SELECT seq, concat('p', seq, '@x.example') FROM seq_10_to_2000;\n"
        "INSERT INTO people VALUES (1, '  Ann@X.example'), (2, 'ANN@x.example '), (3, 'ann@x.example.org');\n"
        "ANALYZE TABLE people",
    )
    plans: list[str] = []

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        cursor.execute("EXPLAIN " + statement, parameters)
        plans.extend(row[3] for row in cursor.fetchall())

    mapping = mapped(tables={"people": {"identity": {"email": "email"}, "erase": "delete"}})
    engine = open_engine(mariadb)
    with engine.connect() as connection:
        shape = reflect(connection, mapping).shapes["people"]
        event.listen(engine, "before_cursor_execute", explain)
        asked = [email("ann@x.example")]
        found = queries.by_identity(connection, shape, ("email",), asked, store="crm")
    engine.dispose()
    assert {record.ref.key for record in found} == {(1,), (2,)}
    assert (plans == ["range"]) is served
