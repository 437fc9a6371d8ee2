"""Exports that nobody described become tables, and a proposal that works as it is."""

import pytest

from governance.stores.census import Family
from governance.stores.errors import StoreCode, StoreError
from governance.stores.files.census import take_file_census
from governance.stores.files.folder import Folder
from governance.stores.files.places import read_address
from governance.stores.opening import open_store, probe
from governance.stores.protocol import PersonTerms
from governance.stores.reading import parse
from governance.stores.scan import scan
from tests.governance.stores.factories import email
from tests.governance.stores.files.conftest import VARIABLE, Shelf
from tests.governance.stores.files.test_bucket import version
from tests.governance.stores.files.test_columnar import written


def place_of(shelf: Shelf) -> Folder:
    """The folder behind a shelf."""
    return Folder(read_address(shelf.url).path)


def test_files_of_a_series_are_one_table(folder: Shelf) -> None:
    """By their names but for numbers, if their columns are the same; others are tables of their own."""
    for day in ("2026-11-01", "2026-11-02"):
        folder.put(f"daily/contacts-{day}.csv", b"id,email\n1,a@x.example\n")
    folder.put("part1.csv", b"a\n1\n")
    folder.put("part2.csv", b"b\n1\n")
    folder.put("people.parquet", written().getvalue())
    folder.put("readme.md", b"# nothing")
    facts, unread = take_file_census(place_of(folder))
    assert set(facts) == {"daily/contacts-*.csv", "part1.csv", "part2.csv", "people.parquet"}
    assert facts["daily/contacts-*.csv"].columns["id"].is_key
    assert facts["people.parquet"].columns["id"].family is Family.NUMBER
    assert unread == []


def test_files_that_can_not_be_read_are_named(folder: Shelf) -> None:
    """So that nobody takes the proposal for all there is."""
    folder.put("a.csv", "name\nzoë\n".encode("cp1252"))
    assert take_file_census(place_of(folder)) == ({}, ["a.csv: is not of its encoding; say `encoding`"])
    assert scan(folder.url, store="x", reference="y")["undecided"] == [
        "a.csv: is not of its encoding; say `encoding`"
    ]


def test_an_empty_folder_holds_nothing_to_propose(folder: Shelf) -> None:
    """By the code of a missing table."""
    with pytest.raises(StoreError) as refused:
        take_file_census(place_of(folder))
    assert refused.value.reason is StoreCode.TABLE_MISSING


def test_a_proposal_of_exports_erases_as_it_is(shelf: Shelf) -> None:
    """Contacts, what belongs to them by convention, and deals that are called after people."""
    people = [(n, f"Maren{n}", f"Quistorp{n}", f"maren{n}@x.example") for n in "abcdefgh"]
    shelf.put(
        "contacts.csv",
        "".join(["id,first_name,last_name,email\n", *(",".join(p) + "\n" for p in people)]).encode(),
    )
    shelf.put(
        "calls.csv", "".join(["id,contact_id,note\n", *(f"{p[0]},{p[0]},spoke\n" for p in people)]).encode()
    )
    shelf.put(
        "deals.csv",
        "".join(["id,contact_id,name\n", *(f"{p[0]},{p[0]},For {p[2]}\n" for p in people)]).encode(),
    )
    document = parse(scan(shelf.url, store="exports", reference=f"env:{VARIABLE}"))
    assert probe(document, {VARIABLE: shelf.url}).problems == ()
    store = open_store(document, {VARIABLE: shelf.url})
    asked = [email("marenc@x.example")]
    found = store.find(asked)
    assert found.counts() == {"contacts.csv": 1, "calls.csv": 1, "deals.csv": 1}
    store.erase(found, PersonTerms())
    assert store.remaining(found, asked) == {}
    left = b"".join(map(shelf.get, ("contacts.csv", "calls.csv", "deals.csv"))).lower()
    assert b"marenc" not in left
    assert b"quistorpc" not in left
    assert b"quistorpd" in left
    store.close()


def test_a_versioned_bucket_is_proposed_with_its_old_versions(bucket: Shelf) -> None:
    """To be deleted, until a person says otherwise."""
    version(bucket)
    bucket.put("contacts.csv", b"id,first_name,email\n1,Ann,ann@x.example\n")
    assert scan(bucket.url, store="x", reference="y")["old_versions"] == "delete"
