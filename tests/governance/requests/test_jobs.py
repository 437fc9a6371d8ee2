"""What a worker makes of what a store answers, raises and exports."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from consent.vocabulary import IdentifierKind
from governance.holds import Hold
from governance.requests import jobs
from governance.requests.jobs import Outcome, Searched, Task
from governance.requests.leases import Claim
from governance.requests.vocabulary import Action, StepStatus
from governance.stores.errands import MemoryBook
from governance.stores.errors import StoreCode, StoreError
from governance.stores.opening import open_store
from governance.stores.protocol import ExportedRow, Found, Identity, RowRef
from governance.stores.reading import parse
from governance.stores.sql import SqlStore
from tests.governance.requests.desk import MemoryStore
from tests.governance.stores.factories import VARIABLE, document

EMAIL = "anna@example.com"
ANNA = (Identity(IdentifierKind.EMAIL, EMAIL),)
CLAIM = Claim("r", "crm", Action.ERASE, 1, 1)
ERASE = partial(jobs.erase, book=MemoryBook())


class Chatty(MemoryStore):
    """Raises what drivers raise: an error that quotes the person."""

    def _ask(self, call: str) -> None:
        raise LookupError(f"no row with email {EMAIL} in {call}")


@pytest.mark.parametrize("work", [jobs.search, ERASE], ids=["search", "erase"])
def test_an_error_that_quotes_the_person_becomes_a_closed_code(work: object) -> None:
    """Nothing that a driver says is kept."""
    assert callable(work)
    outcome = work(Chatty("crm"), Task(CLAIM, ANNA))

    assert (outcome.status, outcome.error) == (StepStatus.QUEUED, "unexpected")
    assert EMAIL not in repr(outcome)


@pytest.mark.parametrize("code", StoreCode)
def test_waiting_is_tried_only_where_it_may_help(code: StoreCode) -> None:
    """Unreachable, timed out and locked pass; a missing table does not."""
    outcome = jobs.failure(CLAIM, StoreError(code))

    assert (outcome.status == StepStatus.QUEUED) == StoreError(code).passes
    assert outcome.error == code.value


def test_a_store_may_ask_to_be_left_alone_for_longer_than_the_back_off() -> None:
    """And never shortens it."""
    asked = (timedelta(minutes=7), timedelta(milliseconds=1), None)
    waits = [jobs.failure(CLAIM, StoreError(StoreCode.SERVER_ERROR, wait=wait)).wait for wait in asked]
    assert waits == [timedelta(minutes=7), timedelta(seconds=1), timedelta(seconds=1)]


@pytest.mark.parametrize("code", [StoreCode.NOT_DONE_YET, StoreCode.RATE_LIMITED])
def test_a_store_that_is_busy_has_not_failed(code: StoreCode) -> None:
    """However often it is asked: for as long as it says, else for fifteen seconds."""
    outcome = jobs.failure(replace(CLAIM, tries=99), StoreError(code, wait=timedelta(hours=1)))
    assert (outcome.status, outcome.tried) == (StepStatus.QUEUED, False)
    assert (outcome.error, outcome.wait) == (code.value, timedelta(hours=1))
    assert jobs.failure(CLAIM, StoreError(code)).wait == timedelta(seconds=15)


def test_a_search_joins_what_was_found_before() -> None:
    """Rows that a first try erased stay found."""
    before = Found(rows=(RowRef("people", (9,)),))
    found = jobs.search(MemoryStore("crm", {1: {"email": EMAIL}}), Task(CLAIM, ANNA, round=1, found=before))

    assert isinstance(found, Searched)
    assert set(found.found.rows) == {RowRef("people", (9,)), RowRef("people", (1,))}


@pytest.mark.parametrize("work", [jobs.search, ERASE], ids=["search", "erase"])
def test_a_held_store_is_not_touched(work: object) -> None:
    """Neither asked nor erased; the exemption names the hold."""
    assert callable(work)
    store = MemoryStore("crm", {1: {"email": EMAIL}})
    outcome = work(store, Task(CLAIM, ANNA, holds=(Hold("claim-17", store="crm"),)))

    assert isinstance(outcome, Outcome)
    assert (outcome.status, outcome.reason) == (StepStatus.EXEMPT, "legal_hold:claim-17")
    assert store.asked == []


def test_a_task_is_unsearched_until_every_identity_was_asked_for() -> None:
    """One that was learnt elsewhere sends it back."""
    assert Task(CLAIM, ANNA).unsearched
    assert Task(CLAIM, (), known=0).unsearched
    assert not Task(CLAIM, ANNA, known=1, round=1).unsearched
    assert Task(CLAIM, (*ANNA, Identity(IdentifierKind.EMAIL, "b@example.com")), known=1, round=1).unsearched


def test_an_export_comes_in_pieces_of_whole_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows, a piece is about as large as the limit."""
    monkeypatch.setattr(jobs, "CHUNK_BYTES", 100)
    store = MemoryStore("crm", {number: {"email": EMAIL} for number in range(10)})
    found = store.find(ANNA)
    pieces = list(jobs.export(store, Task(CLAIM, ANNA, found=found)))
    rows = [json.loads(line) for piece in pieces for line in piece.splitlines()]

    assert len(pieces) > 1
    assert [row["columns"]["id"] for row in rows] == list(range(10))


def test_a_portable_row_is_without_what_was_inferred() -> None:
    """A score is the controller's, a name the person's."""
    row = ExportedRow("people", {"name": "Anna", "score": 7}, {"score": "inferred"})

    assert dict(jobs.portable(row).columns) == {"name": "Anna"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that gives a key again, and whose trigger writes down whom it saw deleted."""
    place = tmp_path / "crm.db"
    with sqlite3.connect(place) as connection:
        connection.executescript(
            "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT);"
            "CREATE TABLE notes (id INTEGER PRIMARY KEY, person INTEGER, said TEXT);"
            "CREATE TABLE bills (id INTEGER PRIMARY KEY, person INTEGER);"
            "CREATE TABLE shadow (id INTEGER PRIMARY KEY, person INTEGER);"
            "CREATE TRIGGER seen AFTER DELETE ON people"
            " BEGIN INSERT INTO shadow (person) VALUES (old.id); END;"
            "INSERT INTO people VALUES (1, 'otto@x.example'), (2, 'anna@example.com');"
            "INSERT INTO notes VALUES (1, 2, 'hers');"
            "INSERT INTO bills VALUES (1, 2);"
        )
    return place


@pytest.fixture
def crm(path: Path) -> Iterator[SqlStore]:
    """The store of that database; bills are kept."""
    owned: dict[str, Any] = {"belongs_to": {"person": "people.id"}, "erase": "delete"}
    tables = {
        "people": {"identity": {"email": "email"}, "erase": "delete"},
        "notes": owned | {"columns": {"said": {"category": "free_text"}}},
        "shadow": owned,
        "bills": owned | {"erase": "keep", "because": "tax law"},
    }
    store = open_store(parse(document() | {"tables": tables}), {VARIABLE: f"sqlite:///{path}"})
    assert isinstance(store, SqlStore)
    yield store
    store.close()


def once(store: SqlStore, task: Task, *, together: bool) -> tuple[Outcome, Task]:
    """Searched and erased: how it ended, and the task as the next try finds it."""
    searched = jobs.search(store, task)
    assert isinstance(searched, Searched)
    task = replace(task, found=searched.found)
    ended = jobs.erase_together(store, [task])[0] if together else ERASE(store, task)
    assert isinstance(ended, Outcome)
    return ended, task if ended.late is None else replace(task, found=ended.late.found)


@pytest.mark.parametrize("together", [False, True], ids=["alone", "together"])
def test_a_next_try_touches_no_stranger_who_was_given_the_keys_of_rows_that_went(
    crm: SqlStore, path: Path, *, together: bool
) -> None:
    """What was left is erased, what went counts, what is kept is kept; a third try changes nothing."""
    first, task = once(crm, Task(CLAIM, ANNA), together=together)
    assert (first.error, first.found, first.kept, first.remaining) == ("rows_remain", 3, 1, 2)
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO people VALUES (2, 'stranger@y.example')")
        connection.execute("INSERT INTO notes VALUES (1, 2, 'of the stranger')")
    second, task = once(crm, task, together=together)
    third, _ = once(crm, task, together=together)

    for ended in (second, third):
        assert (ended.status, ended.reason) == (StepStatus.EXEMPT, "store_keeps:bills")
        assert (ended.found, ended.kept, ended.remaining) == (4, 1, 1)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT * FROM people").fetchall()[1:] == [(2, "stranger@y.example")]
        assert connection.execute("SELECT * FROM notes").fetchall() == [(1, 2, "of the stranger")]
        assert connection.execute("SELECT * FROM shadow").fetchall() == []
