"""Erasing and reading back behind an interface: order, redaction, suppression."""

from collections.abc import Iterator
from typing import Any

import pytest

from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.erasing import children_first, erased_values, is_redacted, own_identities
from governance.stores.http.store import HttpStore
from governance.stores.protocol import Found, PersonTerms, RowRef
from governance.stores.reading import parse
from governance.stores.records import Record
from tests.fakes.plain import PlainCrm, document
from tests.fakes.serving import served
from tests.governance.stores.benches import HTTP_SECRETS
from tests.governance.stores.factories import email, phone

JANE = email("jane@acme.example")


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


def test_what_came_since_the_search_goes_with_its_person(vendor: PlainCrm) -> None:
    """Once the person's own row is gone, nothing would lead to it, and reading back would miss it."""
    store = HttpStore(parse(document(vendor.base)), HTTP_SECRETS)
    found = store.find([JANE])
    vendor.notes[77] = dict(next(iter(vendor.notes.values()))) | {"id": 77}
    store.erase(found, PersonTerms())
    assert vendor.notes == {}
    store.erase(found, PersonTerms())
    store.close()
