"""Many people searched, erased and read back together: the same as each alone, with few statements."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from governance.stores.errors import StoreCode, StoreError
from governance.stores.lockstep import ByKey, Reading, run_together
from governance.stores.opening import open_store
from governance.stores.protocol import Found, PersonTerms, Sought
from governance.stores.reading import parse
from governance.stores.sql import SqlStore
from tests import three_stores
from tests.governance.stores.conftest import rows_of, run_script
from tests.governance.stores.factories import crm, email, phone, row
from tests.three_stores import Somebody

MOST_STATEMENTS = 5
"""For each person and table, from the first question to the last reading back."""
ASKED = (
    Sought((email("jane.doe@acme.example"),)),
    Sought((email("bob.stone@acme.example"),)),
    Sought((email("zoë@xn--mller-kva.example"), phone("+493055500001"))),
    Sought((phone("+49305550000"),), PersonTerms(names=frozenset({"Bob Stone"}))),
    Sought((email("nobody@acme.example"),)),
    Sought((email("carol.reed@acme.example"),), same=(row("contacts", 4),), others=(row("contacts", 2),)),
    Sought((email("jd@private.example"),)),
)


@pytest.fixture
def store(empty_url: str) -> Iterator[SqlStore]:
    """The small CRM, in each kind of database."""
    opened = crm(empty_url)
    yield opened
    opened.close()


@contextmanager
def counted(engine: Engine) -> Iterator[Counter[str]]:
    """How many statements name each table meanwhile."""
    tables = {name for names in three_stores.NAMES.values() for name in names}
    seen: Counter[str] = Counter()

    def look(*arguments: Any) -> None:
        statement, many = arguments[2], arguments[5]
        repeated = len(arguments[3]) if many else 1
        words = set(statement.replace("(", " ").replace(".", " ").replace('"', " ").split())
        seen.update(dict.fromkeys(tables & words, repeated))

    event.listen(engine, "before_cursor_execute", look)
    yield seen
    event.remove(engine, "before_cursor_execute", look)


def opened(folder: Path, people: int, part: str) -> SqlStore:
    """One of the three stores."""
    variables = three_stores.build(folder, people)
    document = next(each for each in three_stores.documents() if each["store"] == part)
    store = open_store(parse(document), variables)
    assert isinstance(store, SqlStore)
    return store


def erase(store: SqlStore, people: list[Somebody]) -> list[dict[str, int]]:
    """Found, erased and read back together."""
    sought = [Sought((email(one.email),), PersonTerms(emails=frozenset({one.private}))) for one in people]
    found = store.find_each(sought)
    store.erase_each([(each, one.known) for each, one in zip(found, sought, strict=True)])
    return store.remaining_each([(each, one.identities) for each, one in zip(found, sought, strict=True)])


def test_many_are_found_as_each_alone(store: SqlStore) -> None:
    """Rows, identities learnt and shared, candidates and names: nobody gets anything of another's."""
    alone = [store.find(one.identities, known=one.known, same=one.same, others=one.others) for one in ASKED]

    assert alone == store.find_each(ASKED)
    assert [bool(each.rows) for each in alone] == [True, True, True, False, False, True, True]
    assert alone[3].candidates


def test_many_are_erased_and_read_back_together(store: SqlStore) -> None:
    """Nothing of those asked for remains; the two who are one person share their rows, and one erasure."""
    asked = [ASKED[0], ASKED[1], ASKED[6]]
    found = store.find_each(asked)
    before = store.remaining_each([(each, one.identities) for each, one in zip(found, asked, strict=True)])
    store.erase_each([(each, PersonTerms()) for each in found])
    after = store.remaining_each([(each, one.identities) for each, one in zip(found, asked, strict=True)])

    assert before == [store_counts(store, each) for each in found]
    assert after == [{}, {}, {}]


def store_counts(store: SqlStore, found: Found) -> dict[str, int]:
    """What is to go or to be redacted, a table, before anything is erased."""
    shapes = store.topology.shapes
    return {name: rows for name, rows in found.counts().items() if not shapes[name].mapping.keeps}


def test_one_who_can_not_be_erased_takes_everybody_back(empty_url: str) -> None:
    """All or nothing, so that the caller can ask for each alone; then the others are erased."""
    run_script(
        empty_url,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(40));\n"
        "CREATE TABLE bills (id INTEGER PRIMARY KEY, payer INTEGER NOT NULL REFERENCES people (id));\n"
        "INSERT INTO people VALUES (1, 'a@x.example'), (2, 'b@x.example');\n"
        "INSERT INTO bills VALUES (1, 2)",
    )
    tables = {"people": {"identity": {"email": "email"}, "erase": "delete"}}
    document = {"store": "crm", "kind": "sql", "url": "env:LEADWARDEN_STORE_CRM", "tables": tables}
    store = open_store(parse(document), {"LEADWARDEN_STORE_CRM": empty_url})
    assert isinstance(store, SqlStore)
    found = store.find_each([Sought((email("a@x.example"),)), Sought((email("b@x.example"),))])
    with pytest.raises(StoreError) as refused:
        store.erase_each([(each, PersonTerms()) for each in found])

    assert refused.value.reason is StoreCode.CONSTRAINT
    assert rows_of(empty_url, "SELECT count(*) FROM people") == [(2,)]
    store.erase(found[0], PersonTerms())
    assert rows_of(empty_url, "SELECT id FROM people") == [(2,)]
    store.close()


def test_a_row_of_two_people_loses_both(empty_url: str) -> None:
    """One record that names two of the batch is cleaned of both names by one writing."""
    run_script(
        empty_url,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(40), name VARCHAR(40));\n"
        "CREATE TABLE calls (id INTEGER PRIMARY KEY, caller INTEGER, called INTEGER, said VARCHAR(90));\n"
        "INSERT INTO people VALUES (1, 'a@x.example', 'Ann Ash'), (2, 'b@x.example', 'Ben Birch');\n"
        "INSERT INTO calls VALUES (1, 1, 2, 'Ann Ash called Ben Birch')",
    )
    tables = {
        "people": {
            "identity": {"email": "email"},
            "columns": {"name": {"category": "contact_details"}},
            "erase": "delete",
        },
        "calls": {
            "belongs_to": {"caller": "people.id", "called": "people.id"},
            "columns": {"said": {"category": "free_text", "erase": "redact"}},
            "erase": "redact",
        },
    }
    document = {"store": "crm", "kind": "sql", "url": "env:LEADWARDEN_STORE_CRM", "tables": tables}
    store = open_store(parse(document), {"LEADWARDEN_STORE_CRM": empty_url})
    assert isinstance(store, SqlStore)
    found = store.find_each([Sought((email("a@x.example"),)), Sought((email("b@x.example"),))])
    store.erase_each([(each, PersonTerms()) for each in found])

    assert rows_of(empty_url, "SELECT said FROM calls") == [("[redacted] called [redacted]",)]
    store.close()


@pytest.mark.parametrize("part", three_stores.PARTS)
def test_a_person_alone_costs_few_statements_a_table(tmp_path: Path, part: str) -> None:
    """Finding, erasing and reading back of one person: at most so many statements name a table."""
    store = opened(tmp_path, 30, part)
    with counted(store.engine) as seen:
        assert erase(store, [Somebody(4)]) == [{}]
    store.close()

    assert set(three_stores.NAMES[part]) == set(seen)
    assert {name: count for name, count in seen.items() if count > MOST_STATEMENTS} == {}


@pytest.mark.parametrize("part", three_stores.PARTS)
def test_many_cost_hardly_more_statements_than_one(tmp_path: Path, part: str) -> None:
    """A hundred people together: far less than one statement for each person and table.

    Only a row that is redacted to a text of its own is written by itself.
    """
    store = opened(tmp_path, 120, part)
    people = [Somebody(number) for number in range(1, 101)]
    with counted(store.engine) as seen:
        assert erase(store, people) == [{}] * len(people)
    store.close()
    redacted = {"deals", "requesters", "tickets"}

    assert {name for name, count in seen.items() if count > len(people) / 4} <= redacted
    assert max(seen.values()) <= 2 * len(people)
    left = three_stores.cells(tmp_path, part)
    assert [word for one in people for word in one.words if word in left] == []
    assert all(word in left for word in Somebody(110).words[:3])


def test_searches_of_different_lengths_come_to_their_own_ends(sqlite_url: str) -> None:
    """One asks for nothing, one once, one twice; each is sent the rows of its own keys."""
    store = crm(sqlite_url)
    columns = store.topology.columns["contacts"]

    def reading(*numbers: int) -> Reading[list[list[int]]]:
        seen = []
        for number in numbers:
            records = yield ByKey("contacts", columns, (row("contacts", number),))
            seen.append([int(record.ref.key[0]) for record in records])
        return seen

    with store.engine.connect() as connection:
        ended = run_together(connection, store.topology, [reading(), reading(1), reading(2, 99)])
    store.close()

    assert ended == [[], [[1]], [[2], []]]
