"""The proposal as a person gets it."""

import re
from pathlib import Path

import pytest

from api.demo.crm import build
from governance.stores.census import take_census
from governance.stores.opening import open_store, probe
from governance.stores.protocol import PersonTerms
from governance.stores.reading import parse
from governance.stores.scan import HEADING, as_text, scan
from governance.stores.sql import SqlStore
from governance.stores.yaml_text import read_yaml
from tests.governance.stores import django_crm
from tests.governance.stores.conftest import rows_of, run_script
from tests.governance.stores.django_crm import SCHEMA as SCHEMA_OF_DJANGO
from tests.governance.stores.factories import PEOPLE, SCHEMA, VARIABLE, email


def test_a_proposal_can_be_read_back_and_holds_no_data(sqlite_url: str) -> None:
    """Its text is a store document; the rows that were looked at are not in it, nor the address."""
    run_script(sqlite_url, SCHEMA)
    run_script(sqlite_url, PEOPLE)
    proposal = scan(sqlite_url, store="crm", reference=f"env:{VARIABLE}")
    text = as_text(proposal)
    assert text.startswith(HEADING)
    assert read_yaml(text) == proposal
    assert parse(read_yaml(text)).store == "crm"
    assert not any(word in text.lower() for word in ("jane", "acme", "sqlite:", "1111111"))


def reviewed(url: str) -> SqlStore:
    """The store of a proposal of which not a line was edited."""
    document = parse(scan(url, store="crm", reference=f"env:{VARIABLE}"))
    assert probe(document, {VARIABLE: url}).problems == ()
    store = open_store(document, {VARIABLE: url})
    assert isinstance(store, SqlStore)
    return store


def erased(store: SqlStore, address: str) -> None:
    """Erases somebody, as a request does."""
    asked = email(address)
    found = store.find([asked])
    assert found.candidates == ()
    store.erase(found, PersonTerms())
    assert store.remaining(found, [asked]) == {}


def everything(url: str) -> str:
    """Every cell of every table but those of the system's own users."""
    names = [name for name in take_census(url) if name != "auth_user"]
    queries = [f'SELECT * FROM "{name}"' for name in names]  # noqa: S608 - names of the tests' own
    return "\n".join(str(row) for query in queries for row in rows_of(url, query)).casefold()


@pytest.mark.parametrize("linked", [True, False], ids=["with foreign keys", "by convention"])
def test_a_crm_of_django_is_proposed_whole(empty_url: str, linked: bool) -> None:  # noqa: FBT001 - a case's value
    """Nobody edits a line: of twenty people nothing is left, and of the others everything."""
    schema = SCHEMA_OF_DJANGO if linked else re.sub(r" REFERENCES \w+ \(id\)", "", SCHEMA_OF_DJANGO)
    django_crm.build(empty_url, schema)
    store = reviewed(empty_url)
    gone, left = django_crm.PEOPLE[::4], django_crm.PEOPLE[1::4]
    for one in gone:
        erased(store, one.email)
    cells = everything(empty_url)
    assert [mark for one in gone for mark in one.marks() if mark.casefold() in cells] == []
    assert [mark for one in left for mark in one.marks() if mark.casefold() not in cells] == []
    assert rows_of(empty_url, "SELECT count(*) FROM crm_company") == [(django_crm.FIRMS,)]
    store.close()


def test_the_demos_crm_is_proposed_whole(tmp_path: Path) -> None:
    """Nobody edits a line; deals that are called after people are redacted, too."""
    build(tmp_path / "crm.db", leads=60)
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    store = reviewed(url)
    people = rows_of(url, "SELECT email FROM contacts WHERE email IS NOT NULL ORDER BY id LIMIT 20")
    for (address,) in people:
        erased(store, str(address))
    cells = everything(url)
    assert [one for one in people if str(one[0]).casefold() in cells] == []
    store.close()
