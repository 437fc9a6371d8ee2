"""Advice names what is slow or unsafe, and stops when it was followed."""

import pytest

from governance.stores.advice import advise
from governance.stores.engine import open_engine
from governance.stores.mapping import StoreDocument
from governance.stores.reading import parse
from governance.stores.schema import reflect
from tests.governance.stores.conftest import run_script

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
    """For addresses one on the expression; a plain one where that compares as leniently."""
    run_script(
        empty_url,
        f'CREATE TABLE people (id INTEGER PRIMARY KEY, "Email" {column}, phone TEXT, ref VARCHAR(9))',
    )
    on_mariadb = empty_url.startswith("mariadb")
    wanted = ADDRESS.replace("lower(trim(Email))", "Email") if on_mariadb else ADDRESS
    assert advice(empty_url, people()) == (wanted, NUMBER)
    run_script(empty_url, "CREATE INDEX by_ref ON people (ref)")
    assert advice(empty_url, people()) == (wanted,)
    length = "(80)" if on_mariadb and column == "TEXT" else ""
    run_script(empty_url, f'CREATE INDEX plain ON people ("Email"{length})')
    if not on_mariadb:
        assert advice(empty_url, people()) == (wanted,)
        run_script(empty_url, 'CREATE INDEX folded ON people (lower(trim("Email")))')
    assert advice(empty_url, people()) == ()


def test_tables_without_transactions_are_named(mariadb: str) -> None:
    """What an erasure that breaks off has done there stays done."""
    script = 'CREATE TABLE people (id INTEGER PRIMARY KEY, "Email" TEXT, phone TEXT, ref VARCHAR(9) UNIQUE)'
    run_script(mariadb, f"{script} ENGINE = MyISAM COLLATE utf8mb4_bin")
    assert advice(mariadb, people()) == (
        "tables.people: its engine has no transactions, so nothing is undone",
    )
