"""A store of files does what every store does, and leaves every other letter as it was."""

import gzip
from collections.abc import Iterator
from typing import Any

import pytest

from governance.requests.findings import joined
from governance.stores.errors import StoreCode, StoreError
from governance.stores.files.formats import UnreadableError
from governance.stores.files.store import FileStore
from governance.stores.protocol import (
    Correction,
    ForMany,
    Found,
    PersonTerms,
    PlannedAction,
    Propagated,
    Rectifying,
    Restricting,
    RowRef,
    Sought,
)
from tests.governance.stores.factories import email, phone
from tests.governance.stores.files.conftest import CONTACTS, DEALS, TABLES, Shelf, exports, opened

JANE = email("jane.doe@acme.example")
BOB = email("bob.stone@acme.example")


@pytest.fixture
def store(shelf: Shelf) -> Iterator[FileStore]:
    """The exports, in each sort of place."""
    found = exports(shelf)
    yield found
    found.close()


def names(found: Found) -> set[tuple[str, int]]:
    """How many rows of which file."""
    return set(found.counts().items())


def test_a_person_is_found_with_what_belongs_to_them(store: FileStore) -> None:
    """Across files, and by each of their identities."""
    found = store.find([JANE])
    assert names(found) == {("contacts.csv", 1), ("sales/deals.csv", 2)}
    assert found.learnt == (phone("+49301111111"),)
    assert store.find([phone("+49301111111")]).rows == found.rows
    assert [row.table for row in store.find([email("zoe@other.example")]).persons] == ["contacts.csv"]


def test_a_shared_number_is_a_question_for_a_human(store: FileStore) -> None:
    """As in any store."""
    found = store.find([phone("+49305550000")])
    assert found.rows == ()
    assert {candidate.shown["first_name"] for candidate in found.candidates} == {"Bob", "Carol"}
    carol = next(one.row for one in found.candidates if one.shown["first_name"] == "Carol")
    assert carol in store.find([phone("+49305550000")], same=[carol]).rows


def test_the_export_holds_whole_rows_by_category(store: FileStore) -> None:
    """Every row found, with what is kept."""
    exported = list(store.export(store.find([JANE])))
    contact = next(row for row in exported if row.table == "contacts.csv")
    assert contact.columns["note"] == 'likes "tea";\r\nreally'
    assert contact.categories["note"] == "free_text"
    assert sorted(str(row.columns["total"]) for row in exported if row.table != "contacts.csv") == [
        "50",
        "900",
    ]


def test_erasure_leaves_every_other_letter_as_it_was(store: FileStore, shelf: Shelf) -> None:
    """Delimiters, quotes and line ends stay; what is redacted is written as its row was."""
    found = store.find([JANE])
    plan = {line.table: line for line in store.plan(found)}
    assert plan["contacts.csv"].action is PlannedAction.DELETE
    assert plan["sales/deals.csv"].kept_columns == (("total", "tax law"),)
    store.erase(found, PersonTerms())
    lines = CONTACTS.splitlines(keepends=True)
    assert shelf.get("contacts.csv").decode() == "".join([lines[0], *lines[3:]])
    assert shelf.get("sales/deals.csv").decode() == (
        DEALS.replace('"1","Jane Doe"', '"","[redacted]"').replace('"1","Doe, Jane"', '"","[redacted]"')
    )


def test_reading_back_counts_what_is_left(store: FileStore, shelf: Shelf) -> None:
    """Before: every row that should go. After: none, until somebody brings the person back."""
    found = store.find([JANE])
    assert store.remaining(found, [JANE]) == {"contacts.csv": 1, "sales/deals.csv": 2}
    store.erase(found, PersonTerms())
    assert store.remaining(found, [JANE]) == {}
    shelf.put("contacts.csv", CONTACTS.replace("tea", "coffee").encode())
    assert store.remaining(found, [JANE]) == {"contacts.csv": 1}


def test_erasing_twice_changes_nothing_more(store: FileStore, shelf: Shelf) -> None:
    """A retry after a crash is harmless, and so is erasing nobody."""
    found = store.find([JANE])
    store.erase(found, PersonTerms())
    before = shelf.get("sales/deals.csv")
    store.erase(found, PersonTerms())
    store.erase(Found(), PersonTerms())
    assert shelf.get("sales/deals.csv") == before


def test_many_people_are_found_and_erased_together(store: FileStore, shelf: Shelf) -> None:
    """Each with their own rows, as if asked for alone."""
    assert isinstance(store, ForMany)
    jane, bob = store.find_each([Sought((JANE,)), Sought((BOB,))])
    assert (jane, bob) == (store.find([JANE]), store.find([BOB]))
    store.erase_each([(jane, PersonTerms()), (bob, PersonTerms())])
    assert store.remaining_each([(jane, [JANE]), (bob, [BOB])]) == [{}, {}]
    assert b"Bob" not in shelf.get("contacts.csv") + shelf.get("sales/deals.csv")


def test_terms_of_other_stores_are_redacted_too(store: FileStore, shelf: Shelf) -> None:
    """A second name known elsewhere goes from what stays here."""
    shelf.put("sales/deals.csv", DEALS.replace("Jane Doe", "Petronella").encode())
    store.erase(store.find([JANE]), PersonTerms(names=frozenset({"Petronella"})))
    assert b"Petronella" not in shelf.get("sales/deals.csv")


def test_corrections_and_restrictions_are_written(shelf: Shelf) -> None:
    """Into the person's rows alone; found anew afterwards, for the rows say something else."""
    shelf.put("contacts.csv", CONTACTS.replace(";note", ";stop").encode())
    contacts = {
        "identity": {"email": "email"},
        "columns": {"last_name": {"category": "contact_details"}},
        "erase": "delete",
        "restrict": {"column": "stop", "on": "yes", "off": "no"},
    }
    store = opened(shelf, {"contacts.csv": contacts})
    found = store.find([JANE])
    corrections = [Correction("last_name", "Roe"), Correction("title", "Dr")]
    assert store.rectify(found, corrections) == Propagated({"contacts.csv": 1}, unplaced=("title",))
    assert store.restrict(store.find([JANE]), on=True) == Propagated({"contacts.csv": 1})
    assert store.restrict(store.find([JANE]), on=True) == Propagated()
    lines = CONTACTS.replace(";note", ";stop").splitlines(keepends=True)
    assert shelf.get("contacts.csv").decode() == "".join(
        [lines[0], "1;Jane;Roe;Jane.Doe@Acme.example;+49 30 1111111;yes\r\n", *lines[3:]]
    )
    assert isinstance(store, Rectifying)
    assert isinstance(store, Restricting)
    store.close()


def test_rows_of_a_table_that_is_no_longer_mapped_are_not_accounted_for(store: FileStore) -> None:
    """Rather than said to be gone."""
    foreign = Found(rows=(RowRef("elsewhere.csv", ("elsewhere.csv", "x")),))
    for attempt in (lambda: store.erase(foreign, PersonTerms()), lambda: store.remaining(foreign, [])):
        with pytest.raises(StoreError) as refused:
            attempt()
        assert refused.value.reason is StoreCode.MAPPING_INVALID


def test_a_table_may_be_many_files(shelf: Shelf) -> None:
    """One export a day; what was rotated away between finding and erasing has nobody in it any more."""
    for day in (1, 2, 3):
        shelf.put(f"daily-{day}.csv", f"email,day\njane.doe@acme.example,{day}\nx@y.example,{day}\n".encode())
    store = opened(shelf, {"daily-*.csv": {"identity": {"email": "email"}, "erase": "delete"}})
    found = store.find([JANE])
    assert found.counts() == {"daily-*.csv": 3}
    shelf.drop("daily-1.csv")
    store.erase(found, PersonTerms())
    assert store.remaining(found, [JANE]) == {}
    assert shelf.get("daily-2.csv") == b"email,day\nx@y.example,2\n"
    store.close()


def test_a_new_export_with_other_columns_does_not_look_empty(shelf: Shelf) -> None:
    """It came after the store was opened; the store is looked at anew then, and says what is missing."""
    shelf.put("daily-1.csv", b"email\nx@y.example\n")
    store = opened(shelf, {"daily-*.csv": {"identity": {"email": "email"}, "erase": "delete"}})
    shelf.put("daily-2.csv", b"e-mail\njane.doe@acme.example\n")
    with pytest.raises(StoreError) as refused:
        store.find([JANE])
    assert str(refused.value) == "column_missing: daily-*.csv.email"
    store.close()


def test_rows_that_say_the_same_go_together(shelf: Shelf) -> None:
    """They are one row to us, and none of them is left."""
    shelf.put("a.csv", b"email\njane.doe@acme.example\nx@y.example\njane.doe@acme.example\n")
    store = opened(shelf, {"a.csv": {"identity": {"email": "email"}, "erase": "delete"}})
    found = store.find([JANE])
    store.erase(found, PersonTerms())
    assert shelf.get("a.csv") == b"email\nx@y.example\n"
    store.close()


def test_files_that_are_not_there_are_missing(shelf: Shelf) -> None:
    """A store without its export does not hold nobody; it does not answer."""
    shelf.put("other.csv", b"email\n")
    with pytest.raises(StoreError) as refused:
        opened(shelf, {"gone.csv": {"identity": {"email": "email"}, "erase": "delete"}})
    assert refused.value.reason is StoreCode.TABLE_MISSING


def test_a_row_that_was_changed_since_it_was_found_is_told_before_it_goes_with_its_person(
    store: FileStore, shelf: Shelf
) -> None:
    """Its name is another by then, and once the person's row is gone nothing would lead to it."""
    found = store.find([JANE])
    shelf.put("sales/deals.csv", DEALS.replace('"900"', '"901"').encode())
    late = store.erase(found, PersonTerms())
    assert [row.table for row in late] == ["sales/deals.csv"]
    assert b"Jane" in shelf.get("contacts.csv")
    found = joined(found, Found(rows=late))
    assert store.erase(found, PersonTerms()) == ()
    assert b"Jane" not in shelf.get("sales/deals.csv")
    assert b"Bob Stone" in shelf.get("sales/deals.csv")
    assert store.remaining(found, [JANE]) == {}


def test_a_line_that_comes_while_the_person_goes_is_told(
    store: FileStore, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deals are written anew, then one more comes, then the contact goes that alone led to it."""
    found = store.find([JANE])
    line = DEALS.splitlines()[1].replace("900", "902")
    rewrite = store.place.rewrite

    def rewriting(name: str, write: Any) -> None:
        if name == "contacts.csv" and b"902" not in shelf.get("sales/deals.csv"):
            shelf.put("sales/deals.csv", shelf.get("sales/deals.csv") + f"{line}\n".encode())
        rewrite(name, write)

    monkeypatch.setattr(store.place, "rewrite", rewriting)
    late = store.erase(found, PersonTerms())
    assert [row.table for row in late] == ["sales/deals.csv"]
    assert b"jane.doe" not in shelf.get("contacts.csv").lower()
    found = joined(found, Found(rows=late))
    assert store.erase(found, PersonTerms()) == ()
    assert b"Jane" not in shelf.get("sales/deals.csv")
    assert store.remaining(found, [JANE]) == {}


def test_a_damaged_packed_file_is_refused_rather_than_read_in_part(folder: Shelf) -> None:
    """With a closed code, for the library's words may quote."""
    whole = gzip.compress(CONTACTS.encode())
    folder.put("contacts.csv.gz", whole)
    store = opened(folder, {"contacts.csv.gz": TABLES["contacts.csv"]})
    for damaged in (b"not packed at all", whole[:-30], whole[:-8] + b"12345678"):
        folder.put("contacts.csv.gz", damaged)
        with pytest.raises(UnreadableError):
            store.find([JANE])
    store.close()
