"""Erasing and reading back behind an interface: order, redaction, suppression."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from werkzeug import Request, Response

from governance.requests.findings import joined
from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.erasing import children_first, erased_values, is_redacted, own_identities
from governance.stores.http.store import HttpStore
from governance.stores.protocol import Found, PersonTerms, RowRef
from governance.stores.reading import parse
from governance.stores.records import Record
from tests.fakes.plain import PlainCrm, document
from tests.fakes.serving import Handler, answer, served
from tests.governance.stores.benches import HTTP_SECRETS
from tests.governance.stores.factories import email, phone

JANE = email("jane@acme.example")


class Deep(PlainCrm):
    """Notes have files, below their own paths; contacts can not be deleted while it is `closed`."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[int, dict[str, Any]] = {}
        self.closed = False

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        """Files besides."""
        one = "/api/files/<int:row_id>"
        return {
            **super().routes(),
            ("GET", "/api/notes/<int:row_id>/files"): self.files_of,
            ("GET", one): lambda _, row_id: self._one(self.files, row_id),
            ("DELETE", one): lambda _, row_id: self._delete(self.files, row_id),
        }

    def files_of(self, _request: Request, row_id: int) -> Response:
        """Those of one note; gone with it."""
        if row_id not in self.notes:
            return answer({"code": "gone"}, 404)
        return answer({"items": [row for row in self.files.values() if row["note"] == row_id]})

    def refused(self, request: Request) -> Response | None:
        """Whoever deletes a contact while it is closed."""
        closing = self.closed and request.method == "DELETE" and "/contacts/" in request.path
        return answer({}, 403) if closing else super().refused(request)


def deep(base: str) -> dict[str, Any]:
    """The plain document with files of notes; one file is always there."""
    made = document(base)
    one = {"path": "/api/files/{row.id}", "gone": [404]}
    made["http"]["tables"]["files"] = {
        "key": "id",
        "find": [{"by": "notes", "path": "/api/notes/{row.id}/files", "rows": "items"}],
        "read": one | {"known": 9},
        "erase": [one | {"method": "DELETE"}],
    }
    made["tables"]["files"] = {
        "belongs_to": {"note": "notes.id"},
        "columns": {"name": {"category": "free_text"}},
        "erase": "cascade",
    }
    return made


@pytest.fixture
def vendor() -> Iterator[PlainCrm]:
    """Jane with two notes."""
    fake = PlainCrm()
    fake.add("Jane Doe", "+49 30 4444444", "jane@acme.example", notes=("one", "two"))
    with served(fake):
        yield fake


def anonymising() -> dict[str, Any]:
    """The tables of a document that keeps contacts without the person, and notes as they are."""
    tables: dict[str, Any] = document("https://crm.example")["tables"]
    tables["contacts"]["erase"] = "redact"
    tables["contacts"]["columns"]["name.first"]["erase"] = {"set": "erased"}
    tables["contacts"]["columns"]["score"] |= {"erase": "keep", "because": "no longer personal"}
    tables["notes"] |= {"erase": "keep", "because": "a contract"}
    return tables


def test_what_belongs_to_others_goes_first(vendor: PlainCrm) -> None:
    """So that a crash in between leaves nothing that nobody leads to."""
    store = HttpStore(parse(document(vendor.base)), HTTP_SECRETS)
    store.erase(store.find([JANE]), PersonTerms())
    store.close()
    deleted = [line for line in vendor.asked if line.startswith("DELETE")]
    assert deleted == ["DELETE /api/notes/1", "DELETE /api/notes/2", "DELETE /api/contacts/1"]
    mappings = parse(document("https://crm.example")).tables.values()
    assert list(children_first(mappings)) == ["notes", "contacts"]


def test_redaction_writes_what_the_columns_become_and_reads_it_back(vendor: PlainCrm) -> None:
    """As one map by their paths; a column that still says something is left over."""
    described = document(vendor.base) | {"tables": anonymising()}
    one = {"path": "/api/contacts/{row.id}", "method": "PATCH", "body": "{erased}"}
    described["http"]["tables"]["contacts"]["erase"] = [one]
    store = HttpStore(parse(described), HTTP_SECRETS)
    found = store.find([JANE])
    assert store.remaining(found, [JANE]) == {"contacts": 1}
    store.erase(found, PersonTerms())
    assert store.remaining(found, [JANE]) == {}
    store.close()
    assert vendor.contacts[1] == {
        "id": 1,
        "emails": None,
        "phone": None,
        "name": {"first": "erased", "last": None},
        "score": 7,
    }
    assert len(vendor.notes) == 2


def test_what_redaction_wants_and_what_counts_as_done() -> None:
    """Null, an empty text and an empty list are empty; a value that was to be set is that value."""
    mapping = parse(document("https://crm.example") | {"tables": anonymising()}).tables["contacts"]
    wanted = {"emails": None, "phone": None, "name": {"first": "erased", "last": None}}
    assert erased_values(mapping) == wanted
    row = RowRef("contacts", (1,))
    done: dict[str, Any] = {"emails": [], "phone": "", "name.first": "erased", "name.last": None, "score": 7}
    assert is_redacted(Record(row, done), mapping)
    assert not is_redacted(Record(row, done | {"name.first": ""}), mapping)
    assert not is_redacted(Record(row, done | {"phone": "0"}), mapping)


def test_only_what_is_the_persons_alone_is_suppressed() -> None:
    """A shared number and an office's address would keep colleagues out."""
    found = Found(
        shared=(phone("+49305550000"),),
        terms=PersonTerms(emails=frozenset({"Jane@acme.example", "info@acme.example"})),
    )
    terms = PersonTerms(
        emails=frozenset({"jane@acme.example", "jd@x.example", "nonsense"}),
        phones=frozenset({"+49 30 5550000", "+49301111111", "1"}),
    )
    assert own_identities(found, terms) == [JANE, email("jd@x.example"), phone("+49301111111")]


def test_rows_of_a_table_that_is_no_longer_described_are_not_passed_over(vendor: PlainCrm) -> None:
    """Neither erased nor read back: they can not be accounted for."""
    store = HttpStore(parse(document(vendor.base)), HTTP_SECRETS)
    gone = Found(rows=(RowRef("gone", (1,)),))
    for ask in (lambda: store.erase(gone, PersonTerms()), lambda: store.remaining(gone, [JANE])):
        with pytest.raises(StoreError) as error:
            ask()
        assert error.value.reason is StoreCode.MAPPING_INVALID
    store.close()


def test_what_came_since_the_search_is_told_before_it_goes_with_its_person(vendor: PlainCrm) -> None:
    """Once the person's own row is gone, nothing would lead to it, and reading back would miss it."""
    store = HttpStore(parse(document(vendor.base)), HTTP_SECRETS)
    found = store.find([JANE])
    contacts = len(vendor.contacts)
    vendor.notes[77] = dict(next(iter(vendor.notes.values()))) | {"id": 77}
    late = store.erase(found, PersonTerms())
    assert (late, len(vendor.notes), len(vendor.contacts)) == ((RowRef("notes", (77,)),), 3, contacts)
    found = joined(found, Found(rows=late))
    assert store.erase(found, PersonTerms()) == ()
    assert vendor.notes == {}
    assert store.erase(found, PersonTerms()) == ()
    store.close()


@pytest.mark.parametrize("nested", [False, True])
def test_what_is_written_while_the_person_is_deleted_is_found_by_the_persons_key(*, nested: bool) -> None:
    """Nothing else leads to it any more: not its owner, who is gone, and not an identity, for it has none."""
    fake = PlainCrm()
    fake.add("Jane Doe", None, "jane@acme.example", notes=("one", "two"))
    fake.meanwhile = ["three"]
    with served(fake) as base:
        described = document(base)
        if nested:
            find = {"by": "contacts", "path": "/api/contacts/{row.id}/notes", "rows": "items"}
            described["http"]["tables"]["notes"]["find"] = [find]
        store = HttpStore(parse(described), HTTP_SECRETS)
        found = store.find([JANE])
        late = store.erase(found, PersonTerms())
        assert list(fake.contacts) == []
        if nested:  # a path that is gone with its contact shows nothing, and is no error
            assert (late, store.remaining(found, [JANE])) == ((), {})
        else:
            assert late == (RowRef("notes", (3,)),)
            assert store.remaining(found, [JANE]) == {"notes": 1}
            again = joined(joined(found, Found(rows=late)), store.find([JANE]))
            assert store.erase(again, PersonTerms()) == ()
            assert (fake.notes, store.remaining(again, [JANE])) == ({}, {})
        store.close()


def test_an_erasure_that_broke_off_between_three_levels_is_finished() -> None:
    """The row in the middle is gone, and its path with it: what hung there is not asked for as if it were."""
    fake = Deep()
    fake.add("Jane Doe", None, "jane@acme.example", notes=("one", "two"))
    fake.files = {1: {"id": 1, "note": 1, "name": "cv"}, 9: {"id": 9, "note": 0, "name": "always there"}}
    fake.closed = True
    with served(fake) as base:
        store = HttpStore(parse(deep(base)), HTTP_SECRETS)
        found = store.find([JANE])
        assert [row.table for row in found.rows] == ["contacts", "files", "notes", "notes"]
        with pytest.raises(StoreError) as error:
            store.erase(found, PersonTerms())
        assert (error.value.reason, list(fake.notes)) == (StoreCode.PERMISSION_DENIED, [])
        fake.closed = False
        assert store.erase(found, PersonTerms()) == ()
        assert store.remaining(found, [JANE]) == {}
        assert (list(fake.contacts), list(fake.files)) == ([], [9])
        store.close()


def test_what_came_when_all_was_over_is_not_nothing_left(vendor: PlainCrm) -> None:
    """Reading back asks by the keys of rows that are gone, as well."""
    store = HttpStore(parse(document(vendor.base)), HTTP_SECRETS)
    found = store.find([JANE])
    assert store.erase(found, PersonTerms()) == ()
    vendor.notes[99] = {"id": 99, "contact": 1, "text": "late"}
    assert store.remaining(found, [JANE]) == {"notes": 1}
    store.close()


def test_a_row_of_which_nobody_can_tell_whose_it_is_stays_and_is_counted(vendor: PlainCrm) -> None:
    """The store gives it for the person, but what it names of them is gone: it may be a stranger's."""
    described = document(vendor.base)
    described["tables"]["notes"]["belongs_to"] = {"owner": "contacts.phone"}
    for note in vendor.notes.values():
        note["owner"] = "+49 30 4444444"
    store = HttpStore(parse(described), HTTP_SECRETS)
    found = store.find([JANE])
    assert store.erase(found, PersonTerms()) == ()
    vendor.notes[99] = {"id": 99, "contact": 1, "owner": "+49 30 4444444", "text": "late"}
    assert store.erase(found, PersonTerms()) == ()
    assert (list(vendor.notes), store.remaining(found, [JANE])) == ([99], {"notes": 1})
    store.close()


def test_rows_that_were_redacted_say_nothing_any_more_and_are_known_all_the_same(vendor: PlainCrm) -> None:
    """Both sides of the link are empty by then; the store still gives the one for the other."""
    described = document(vendor.base)
    described["tables"]["contacts"]["erase"] = "redact"
    described["tables"]["contacts"]["columns"]["score"] |= {"erase": "keep", "because": "no longer personal"}
    described["tables"]["notes"] |= {"belongs_to": {"owner": "contacts.phone"}, "erase": "redact"}
    described["tables"]["notes"]["columns"]["owner"] = {"category": "contact_details"}
    for table in ("contacts", "notes"):
        one = {"path": f"/api/{table}/{{row.id}}", "method": "PATCH", "body": "{erased}"}
        described["http"]["tables"][table]["erase"] = [one]
    for note in vendor.notes.values():
        note["owner"] = "+49 30 4444444"
    store = HttpStore(parse(described), HTTP_SECRETS)
    found = store.find([JANE])
    assert store.erase(found, PersonTerms()) == ()
    assert [note["owner"] for note in vendor.notes.values()] == [None, None]
    assert store.remaining(found, [JANE]) == {}
    vendor.notes[99] = {"id": 99, "contact": 1, "owner": "+49 30 4444444", "text": "late"}
    assert store.erase(found, PersonTerms()) == ()
    assert store.remaining(found, [JANE]) == {"notes": 1}
    store.close()


def test_a_store_that_gives_another_persons_rows_for_somebody_who_is_gone_is_not_believed(
    vendor: PlainCrm,
) -> None:
    """It has stopped heeding what is asked: nothing of that is erased."""
    vendor.add("Bob Stone", None, "bob@acme.example", notes=("his",))
    store = HttpStore(parse(document(vendor.base)), HTTP_SECRETS)
    found = store.find([JANE])
    assert store.erase(found, PersonTerms()) == ()
    vendor.heeds_contact = False
    with pytest.raises(StoreError) as error:
        store.erase(found, PersonTerms())
    assert (error.value.reason, len(vendor.notes)) == (StoreCode.ANSWER_INVALID, 1)
    store.close()
