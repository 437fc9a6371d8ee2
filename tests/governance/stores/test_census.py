"""Taking stock of a database that nobody has described."""

from pathlib import Path

import pytest
from sqlalchemy import JSON, Boolean, Date, Integer, Numeric, String, Uuid
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.types import TypeEngine

from governance.stores.census import SAMPLE, Family, Link, family_of, take_census
from governance.stores.errors import StoreCode, StoreError
from tests.governance.stores.conftest import fresh_database, run_script
from tests.governance.stores.factories import PEOPLE, SCHEMA


def test_tables_columns_links_and_rows_are_seen(empty_url: str) -> None:
    """As they are, on both kinds of database."""
    run_script(empty_url, SCHEMA)
    run_script(empty_url, PEOPLE)
    facts = take_census(empty_url)["activities"]
    assert list(facts.columns) == ["id", "contact_id", "note", "parent_id"]
    assert facts.columns["id"].is_key
    assert not facts.columns["contact_id"].nullable
    assert facts.links == (
        Link("contact_id", "contacts", "id", nullable=False),
        Link("parent_id", "activities", "id", nullable=True),
    )
    assert facts.values("note") == ["Called Jane", "Reply", "Bob says Jane will sign"]
    assert facts.values("parent_id") == ["1"]
    assert "Jane" not in repr(facts)


def test_only_some_rows_are_looked_at(sqlite_url: str) -> None:
    """However many there are."""
    values = ", ".join(f"({number})" for number in range(SAMPLE + 50))
    run_script(sqlite_url, f"CREATE TABLE t (n INTEGER);\nINSERT INTO t VALUES {values}")
    assert len(take_census(sqlite_url)["t"].rows) == SAMPLE


def test_an_empty_or_missing_database_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    """A proposal of nothing would look like an answer."""
    with pytest.raises(StoreError) as refused:
        take_census(sqlite_url)
    assert refused.value.reason is StoreCode.TABLE_MISSING
    with pytest.raises(StoreError) as refused:
        take_census(f"sqlite:///{tmp_path / 'gone.db'}")
    assert refused.value.reason is StoreCode.UNREACHABLE


@pytest.mark.parametrize(
    ("kind", "family"),
    [
        (String(), Family.TEXT),
        (JSON(), Family.JSON),
        (JSONB(), Family.JSON),
        (Uuid(), Family.UUID),
        (Integer(), Family.NUMBER),
        (Numeric(), Family.NUMBER),
        (Boolean(), Family.FLAG),
        (Date(), Family.TIME),
        (INET(), Family.OTHER),
    ],
)
def test_types_have_families(kind: TypeEngine[object], family: Family) -> None:
    """Those of dialects too."""
    assert family is family_of(kind)


def test_tables_of_other_schemas_are_counted(postgres_url: str) -> None:
    """By their full names, with their foreign keys; the system's own are not."""
    for url in fresh_database(postgres_url):
        run_script(
            url,
            "CREATE SCHEMA sales;\nCREATE TABLE sales.people (id INTEGER PRIMARY KEY);\n"
            "CREATE TABLE calls (person INTEGER REFERENCES sales.people)",
        )
        census = take_census(url)
        assert set(census) == {"calls", "sales.people"}
        assert census["calls"].links == (Link("person", "sales.people", "id", nullable=True),)
