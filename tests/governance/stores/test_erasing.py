"""Rows go, or say no more what they said; whatever refers to them lets go."""

from typing import Any

from governance.stores.opening import open_store
from governance.stores.protocol import PersonTerms
from tests.governance.stores.conftest import fresh_database, rows_of, run_script
from tests.governance.stores.factories import VARIABLE, email, mapped

ANN = email("ann@x.example")


def erase(url: str, script: str, tables: dict[str, Any]) -> dict[str, int]:
    """Erases Ann from a store made by `script`; what is left of her."""
    run_script(url, script)
    store = open_store(mapped(tables=tables), {VARIABLE: url})
    found = store.find([ANN])
    store.erase(found, PersonTerms())
    left = store.remaining(found, [ANN])
    store.close()
    return left


def test_every_way_to_redact_a_column(empty_url: str) -> None:
    """Null, a value, the person's own words; kept columns and other rows stay."""
    left = erase(
        empty_url,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, first_name VARCHAR(20) NOT NULL, email TEXT,"
        " age INTEGER, remark TEXT, score INTEGER);\n"
        "INSERT INTO people VALUES (1, 'Ann', 'ann@x.example', 40, 'Ann is here', 5),"
        " (2, 'Ben', 'ben@x.example', 50, 'Ann was here', 6), (3, 'Ann', 'ann@x.example', 41, 'gone', 7)",
        {
            "people": {
                "identity": {"email": "email"},
                "columns": {
                    "first_name": {"category": "contact_details", "erase": {"set": "erased"}},
                    "age": {"erase": {"set": 0}},
                    "remark": {"category": "free_text", "erase": "redact"},
                    "score": {"category": "inferred", "erase": "keep", "because": "anonymous now"},
                },
                "erase": "redact",
            }
        },
    )
    assert left == {}
    assert rows_of(empty_url, "SELECT * FROM people ORDER BY id") == [
        (1, "erased", None, 0, "[redacted] is here", 5),
        (2, "Ben", "ben@x.example", 50, "Ann was here", 6),
        (3, "erased", None, 0, "gone", 7),
    ]


def test_tables_that_point_at_each_other_are_erased(empty_url: str) -> None:
    """A person has a main address, an address its person: the reference that may be empty lets go first."""
    left = erase(
        empty_url,
        "CREATE TABLE addresses (id INTEGER PRIMARY KEY);\n"
        "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, main INTEGER REFERENCES addresses (id));\n"
        "ALTER TABLE addresses ADD COLUMN person INTEGER REFERENCES people (id);\n"
        "INSERT INTO addresses VALUES (5, NULL);\n"
        "INSERT INTO people VALUES (1, 'ann@x.example', 5);\n"
        "UPDATE addresses SET person = 1",
        {
            "people": {"identity": {"email": "email"}, "erase": "delete"},
            "addresses": {"belongs_to": {"person": "people.id"}, "erase": "cascade"},
        },
    )
    assert left == {}
    assert rows_of(empty_url, "SELECT count(*) FROM people") == [(0,)]
    assert rows_of(empty_url, "SELECT count(*) FROM addresses") == [(0,)]


def test_what_the_database_cascades_by_itself_is_left_to_it(empty_url: str) -> None:
    """ON DELETE SET NULL and CASCADE of unmapped tables."""
    left = erase(
        empty_url,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT);\n"
        "CREATE TABLE pins (id INTEGER PRIMARY KEY, "
        " person INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE);\n"
        "CREATE TABLE cars (id INTEGER PRIMARY KEY, "
        " driver INTEGER REFERENCES people (id) ON DELETE SET NULL);\n"
        "INSERT INTO people VALUES (1, 'ann@x.example');\n"
        "INSERT INTO pins VALUES (1, 1);\nINSERT INTO cars VALUES (1, 1)",
        {"people": {"identity": {"email": "email"}, "erase": "delete"}},
    )
    assert left == {}
    assert rows_of(empty_url, "SELECT count(*) FROM pins") == [(0,)]
    assert rows_of(empty_url, "SELECT driver FROM cars") == [(None,)]


def test_references_at_another_column_than_the_key_are_emptied(empty_url: str) -> None:
    """An unmapped table that points at a unique code."""
    left = erase(
        empty_url,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, code VARCHAR(9) UNIQUE, email TEXT);\n"
        "CREATE TABLE seats (id INTEGER PRIMARY KEY, holder VARCHAR(9) REFERENCES people (code));\n"
        "INSERT INTO people VALUES (1, 'C-1', 'ann@x.example'), (2, 'C-2', 'ben@x.example');\n"
        "INSERT INTO seats VALUES (1, 'C-1'), (2, 'C-2')",
        {"people": {"identity": {"email": "email"}, "erase": "delete"}},
    )
    assert left == {}
    assert rows_of(empty_url, "SELECT holder FROM seats ORDER BY id") == [(None,), ("C-2",)]


def test_names_with_odd_characters_are_quoted(empty_url: str) -> None:
    """Reserved words, capitals and blanks in names of tables and columns."""
    left = erase(
        empty_url,
        'CREATE TABLE "Order" ("Id" INTEGER PRIMARY KEY, "E Mail" TEXT, "select" TEXT);\n'
        "INSERT INTO \"Order\" VALUES (1, 'ANN@x.example', 'x')",
        {
            "Order": {
                "identity": {"E Mail": "email"},
                "columns": {"select": {"erase": None}},
                "erase": "redact",
            }
        },
    )
    assert left == {}
    assert rows_of(empty_url, 'SELECT * FROM "Order"') == [(1, None, None)]


def test_a_short_text_of_mariadb_is_not_overfilled(mariadb_url: str) -> None:
    """Its length is counted in bytes, and a strict server would refuse what is longer."""
    for url in fresh_database(mariadb_url):
        full = "Ed " * 85
        left = erase(
            url,
            "CREATE TABLE notes (id INTEGER PRIMARY KEY, email TEXT, said TINYTEXT, data JSON, first TEXT);\n"
            f"INSERT INTO notes VALUES (1, 'ann@x.example', '{full}', '{{\"by\": \"Ed\"}}', 'Ed')",
            {
                "notes": {
                    "identity": {"email": "email"},
                    "columns": {
                        "first": {"category": "contact_details"},
                        "said": {"erase": "redact"},
                        "data": {"erase": "redact"},
                    },
                    "erase": "redact",
                }
            },
        )
        assert left == {}
        assert rows_of(url, "SELECT said, data FROM notes") == [(("* " * 85), '{"by": "[redacted]"}')]


def test_a_reference_of_several_columns_is_emptied(empty_url: str) -> None:
    """As far as it may be; the tenant, which both tables call the same, stays."""
    left = erase(
        empty_url,
        "CREATE TABLE people (tenant INTEGER, id INTEGER, email TEXT, PRIMARY KEY (tenant, id));\n"
        "CREATE TABLE seats (nr INTEGER PRIMARY KEY, tenant INTEGER, holder INTEGER,"
        " FOREIGN KEY (tenant, holder) REFERENCES people (tenant, id));\n"
        "INSERT INTO people VALUES (1, 7, 'ann@x.example'), (2, 7, 'ben@x.example');\n"
        "INSERT INTO seats VALUES (1, 1, 7), (2, 2, 7)",
        {"people": {"identity": {"email": "email"}, "erase": "delete"}},
    )
    assert left == {}
    assert rows_of(empty_url, "SELECT * FROM seats ORDER BY nr") == [(1, 1, None), (2, 2, 7)]


def test_tables_of_other_schemas_are_worked_in(postgres_url: str) -> None:
    """Mapped by their full names; and references from schemas that nobody mapped are emptied."""
    for url in fresh_database(postgres_url):
        left = erase(
            url,
            "CREATE SCHEMA sales;\nCREATE SCHEMA hr;\n"
            "CREATE TABLE sales.people (id INTEGER PRIMARY KEY, email TEXT);\n"
            "CREATE TABLE sales.calls"
            " (id INTEGER PRIMARY KEY, person INTEGER NOT NULL REFERENCES sales.people);\n"
            "CREATE TABLE hr.badges (id INTEGER PRIMARY KEY, holder INTEGER REFERENCES sales.people);\n"
            "CREATE TABLE notes (id INTEGER PRIMARY KEY, person INTEGER, said TEXT);\n"
            "INSERT INTO sales.people VALUES (1, 'ann@x.example'), (2, 'ben@x.example');\n"
            "INSERT INTO sales.calls VALUES (1, 1), (2, 2);\nINSERT INTO hr.badges VALUES (1, 1);\n"
            "INSERT INTO notes VALUES (1, 1, 'x')",
            {
                "sales.people": {"identity": {"email": "email"}, "erase": "delete"},
                "sales.calls": {"erase": "cascade"},
                "notes": {"belongs_to": {"person": "sales.people.id"}, "erase": "cascade"},
            },
        )
        assert left == {}
        assert rows_of(url, "SELECT id FROM sales.people") == [(2,)]
        assert rows_of(url, "SELECT id FROM sales.calls") == [(2,)]
        assert rows_of(url, "SELECT id, holder FROM hr.badges") == [(1, None)]
        assert rows_of(url, "SELECT id FROM notes") == []
