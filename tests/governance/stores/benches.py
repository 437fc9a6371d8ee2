"""Every kind of store on the bench, holding the same five people; a new kind adds itself to `BENCHES`.

A bench opens a store, looks into the system behind its back, and brings a person back in as a sync would.
Jane has two addresses, and shares her number with a namesake without one; Bob and Carol share a switchboard;
Zoë's address is written in another alphabet.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from csv import DictReader
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import create_engine, inspect, text

from governance.stores.opening import open_store
from governance.stores.protocol import Store
from governance.stores.reading import parse
from tests.fakes import plain
from tests.fakes.serving import served
from tests.governance.stores.conftest import driven, fresh_database, run_script
from tests.governance.stores.factories import crm

HTTP_SECRETS = {"LEADWARDEN_STORE_PRIVATE_HOSTS": "127.0.0.1", "LEADWARDEN_STORE_PLAIN": plain.TOKEN}


@dataclass(frozen=True, slots=True)
class Bench:
    """One store of a kind.

    Attributes:
        store: opened.
        people: the table whose rows are people.
        holds: whether a text stands anywhere in the system, asked behind the store's back.
        bring_back: a sync puts Jane in again, by her second address.
    """

    store: Store
    people: str
    holds: Callable[[str], bool]
    bring_back: Callable[[], None]


@contextmanager
def sql(url: str) -> Iterator[Bench]:
    """The small CRM of the SQL tests, in any database."""
    store = crm(url)
    yield Bench(
        store,
        "contacts",
        lambda wanted: wanted.lower() in _dump(url).lower(),
        lambda: run_script(url, "INSERT INTO contacts (id, email) VALUES (77, 'JD@private.example ')"),
    )
    store.close()


@contextmanager
def sqlite(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """In a file."""
    with sql(request.getfixturevalue("sqlite_url")) as bench:
        yield bench


@contextmanager
def postgresql(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """On a server."""
    for url in fresh_database(request.getfixturevalue("postgres_url")):
        with sql(url) as bench:
            yield bench


@contextmanager
def http(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Behind an interface of no vendor's."""
    del request
    fake = plain.PlainCrm()
    addresses = ("Jane.Doe@Acme.example", "jd@private.example")
    fake.add("Jane Doe", "+49 30 1111111", *addresses, notes=("Called Jane", "Reply"))
    fake.add("Bob Stone", "+49 (30) 555-0000", "bob.stone@acme.example", notes=("Bob will sign",))
    fake.add("Carol Reed", "0049 30 5550000", "carol.reed@acme.example")
    fake.add("Jane Doe", "+49 30 1111111")
    fake.add("Zoë Müller", None, "zoë@müller.example")
    with served(fake) as base:
        described = plain.document(base)
        for table in ("contacts", "notes"):  # Carol, and Bob's note: they show that what is gone is gone
            described["http"]["tables"][table]["read"]["known"] = 3
        store = open_store(parse(described), HTTP_SECRETS)
        yield Bench(
            store, "contacts", fake.holds, lambda: _nothing(fake.add("Jane Doe", None, "JD@private.example"))
        )
        store.close()


@contextmanager
def mariadb(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """On another server."""
    for url in fresh_database(request.getfixturevalue("mariadb_url")):
        with sql(url) as bench:
            yield bench


PEOPLE_CSV = """\
id,first_name,last_name,email,private,phone,score
1,Jane,Doe,Jane.Doe@Acme.example,jd@private.example,+49 30 1111111,70
2,Bob,Stone,bob.stone@acme.example,,+49 (30) 555-0000,20
3,Carol,Reed,carol.reed@acme.example,,0049 30 5550000,30
4,Jane,Doe,,,+49 30 1111111,10
5,Zoë,Müller,zoë@müller.example,,,10
"""
NOTES_CSV = "contact,note\n1,Called Jane\n1,Reply\n2,Bob will sign\n"
FILES: dict[str, Any] = {
    "store": "crm",
    "kind": "file",
    "url": "env:LEADWARDEN_STORE_FILES",
    "active": True,
    "purposes": ["direct_marketing"],
    "tables": {
        "people.csv": {
            "identity": {"email": "email", "private": "email", "phone": "phone"},
            "columns": {
                "first_name": {"category": "contact_details"},
                "last_name": {"category": "contact_details"},
                "score": {"category": "inferred"},
            },
            "erase": "delete",
        },
        "notes.csv": {
            "belongs_to": {"contact": "people.csv.id"},
            "columns": {"note": {"category": "free_text"}},
            "erase": "cascade",
        },
    },
}


@contextmanager
def csv(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """In files of a folder."""
    folder = Path(request.getfixturevalue("tmp_path")) / "exports"
    folder.mkdir()
    people = folder / "people.csv"
    people.write_text(PEOPLE_CSV)
    (folder / "notes.csv").write_text(NOTES_CSV)
    store = open_store(parse(FILES), {"LEADWARDEN_STORE_FILES": folder.as_uri()})

    def holds(wanted: str) -> bool:
        return any(wanted.lower() in path.read_text().lower() for path in folder.iterdir())

    def bring_back() -> None:
        people.write_text(people.read_text() + "77,,,JD@private.example,,,\n")

    yield Bench(store, "people.csv", holds, bring_back)
    store.close()


@contextmanager
def parquet(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """In files of columns, with numbers that are numbers."""
    folder = Path(request.getfixturevalue("tmp_path")) / "exports"
    folder.mkdir()
    people, notes = (list(DictReader(text.splitlines())) for text in (PEOPLE_CSV, NOTES_CSV))

    def write(name: str, rows: list[dict[str, Any]]) -> None:
        typed = [
            {column: int(value) if value.isdigit() else (value or None) for column, value in row.items()}
            for row in rows
        ]
        pq.write_table(pa.Table.from_pylist(typed), folder / name)

    def holds(wanted: str) -> bool:
        said = [str(pq.read_table(path).to_pylist()) for path in folder.iterdir()]
        return any(wanted.lower() in text.lower() for text in said)

    def bring_back() -> None:
        there = pq.read_table(folder / "people.parquet")
        back = dict.fromkeys(there.column_names) | {"id": 77, "email": "JD@private.example"}
        rows = [*there.to_pylist(), back]
        pq.write_table(pa.Table.from_pylist(rows, schema=there.schema), folder / "people.parquet")

    write("people.parquet", people)
    write("notes.parquet", notes)
    document = json.loads(json.dumps(FILES).replace(".csv", ".parquet"))
    store = open_store(parse(document), {"LEADWARDEN_STORE_FILES": folder.as_uri()})
    yield Bench(store, "people.parquet", holds, bring_back)
    store.close()


BENCHES: dict[str, Callable[[pytest.FixtureRequest], AbstractContextManager[Bench]]] = {
    "sqlite": sqlite,
    "postgresql": postgresql,
    "mariadb": mariadb,
    "http": http,
    "csv": csv,
    "parquet": parquet,
}


def _dump(url: str) -> str:
    """Everything that stands in a database."""
    engine = create_engine(driven(url))
    with engine.connect() as connection:
        found: list[Any] = [
            tuple(row)
            for table in inspect(connection).get_table_names()
            for row in connection.execute(text(f"SELECT * FROM {table}"))  # noqa: S608 - names of the schema
        ]
    engine.dispose()
    return repr(found)


def _nothing(_made: int) -> None:
    """Drops what adding gave."""
