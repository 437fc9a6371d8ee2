"""Advice names what is slow or unsafe, and stops when it was followed."""

import pytest

from governance.stores.advice import advise
from governance.stores.engine import open_engine
from governance.stores.mapping import StoreDocument
from governance.stores.reading import parse
from governance.stores.schema import reflect
from tests.governance.stores.conftest import fresh_database, run_script

ADDRESS = "tables.people.Email: an index on lower(trim(Email)) would make finding faster"
NUMBER = "tables.people.ref: an index on ref would make finding faster"


def advice(url: str, document: StoreDocument) -> tuple[str, ...]:
    """What is said of the database at `url`."""
    engine = open_engine(url)
    with engine.connect() as connection:
        said = advise(connection, reflect(connection, document))
    engine.dispose()
    return said


def people() -> StoreDocument:
    """A table of people with an address and a number of another system."""
    table = {
        "identity": {"Email": "email", "phone": "phone", "ref": {"kind": "external", "system": "erp"}},
        "erase": "delete",
    }
    return parse(
        {"store": "crm", "kind": "sql", "url": "env:LEADWARDEN_STORE_CRM", "tables": {"people": table}}
    )


@pytest.mark.parametrize("column", ["TEXT", "VARCHAR(80)"])
def test_look_ups_without_an_index_are_named(empty_url: str, column: str) -> None:
    """Where an index can serve them; MariaDB has none on expressions."""
    run_script(
        empty_url,
        f'CREATE TABLE people (id INTEGER PRIMARY KEY, "Email" {column}, phone TEXT, ref VARCHAR(9))',
    )
    plain = empty_url.startswith("mariadb")
    assert advice(empty_url, people()) == ((NUMBER,) if plain else (ADDRESS, NUMBER))
    run_script(empty_url, "CREATE INDEX by_ref ON people (ref)")
    if not plain:
        run_script(empty_url, 'CREATE INDEX plain ON people ("Email")')
        assert advice(empty_url, people()) == (ADDRESS,)
        run_script(empty_url, 'CREATE INDEX folded ON people (lower(trim("Email")))')
    assert advice(empty_url, people()) == ()


def test_tables_without_transactions_are_named(mariadb_url: str) -> None:
    """What an erasure that breaks off has done there stays done."""
    for url in fresh_database(mariadb_url):
        script = (
            'CREATE TABLE people (id INTEGER PRIMARY KEY, "Email" TEXT, phone TEXT, ref VARCHAR(9) UNIQUE)'
        )
        run_script(url, f"{script} ENGINE = MyISAM")
        assert advice(url, people()) == (
            "tables.people: its engine has no transactions, so nothing is undone",
        )
