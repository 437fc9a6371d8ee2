"""Finding a person behind an interface; what is the same for every kind stands in the contract of kinds."""

from collections.abc import Iterator
from typing import Any

import pytest

from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.gathering import record_of, variants
from governance.stores.http.store import HttpStore
from governance.stores.protocol import Found, RowRef
from governance.stores.reading import parse
from governance.stores.records import Record
from tests.fakes.plain import PlainCrm, document
from tests.fakes.serving import served
from tests.governance.stores.benches import HTTP_SECRETS
from tests.governance.stores.factories import email, phone

JANE = email("jane@acme.example")


@pytest.fixture
def vendor() -> Iterator[PlainCrm]:
    """Jane twice, linked by an address of the one that the other has too."""
    fake = PlainCrm()
    fake.add("Jane Doe", None, "jane@acme.example", "j@old.example", notes=("one", "two", "three"))
    fake.add("Jane Roe", "+49 30 4444444", "J@old.example; jr@new.example")
    with served(fake):
        yield fake


@pytest.fixture
def store(vendor: PlainCrm) -> Iterator[HttpStore]:
    """The CRM."""
    opened = HttpStore(parse(document(vendor.base)), HTTP_SECRETS)
    yield opened
    opened.close()


def test_identities_are_followed_to_a_fixed_point(store: HttpStore) -> None:
    """From address to address, over rows; several addresses in one text are several."""
    vendor_rows = store.find([phone("+49304444444")])
    assert {email("j@old.example"), email("jr@new.example")} <= set(vendor_rows.learnt)


def test_what_belongs_to_a_row_is_asked_for_page_by_page(store: HttpStore, vendor: PlainCrm) -> None:
    """Three notes are two pages."""
    assert store.find([JANE]).counts() == {"contacts": 1, "notes": 3}
    assert len([line for line in vendor.asked if "notes" in line]) == 2


def test_a_note_of_somebody_else_is_not_believed(store: HttpStore, vendor: PlainCrm) -> None:
    """Asked for one contact's, given another's: the store did not search."""
    vendor.notes[1]["contact"] = 2
    vendor.heeds_contact = False
    with pytest.raises(StoreError) as error:
        store.find([JANE])
    assert error.value.reason is StoreCode.ANSWER_INVALID


def test_a_row_that_a_person_called_the_same_is_read_by_its_key(store: HttpStore, vendor: PlainCrm) -> None:
    """Also where no identity leads to it; one that is gone, or of a table unknown here, is passed over."""
    namesake = vendor.add("J. D.", None)
    same = [RowRef("contacts", (namesake,)), RowRef("contacts", (99,)), RowRef("else", (1,))]
    assert RowRef("contacts", (namesake,)) in store.find([JANE], same=same).persons


def test_a_row_of_a_table_that_is_no_longer_described_can_not_be_read(store: HttpStore) -> None:
    """It can not be accounted for either."""
    with pytest.raises(StoreError) as error:
        list(store.export(Found(rows=(RowRef("gone", (1,)),))))
    assert error.value.reason is StoreCode.MAPPING_INVALID


@pytest.mark.parametrize("row", [{}, {"id": None}, {"id": [1]}, {"id": {}}])
def test_a_row_has_to_show_its_key(row: dict[str, Any]) -> None:
    """Else nobody could say later which one it was."""
    parsed = parse(document("https://crm.example"))
    assert parsed.http is not None
    with pytest.raises(StoreError) as error:
        record_of("contacts", parsed.tables["contacts"], parsed.http.tables["contacts"], row)
    assert error.value.reason is StoreCode.ANSWER_INVALID


def test_lists_of_identities_are_taken_apart() -> None:
    """Each address and each number; what is no text is none."""
    mapping = parse(document("https://crm.example")).tables["contacts"]
    emails = ["a@x.example", {"e": 1}, "b@x.example,c@x.example"]
    record = Record(RowRef("contacts", (1,)), {"emails": emails, "phone": 7})
    taken = [(one.values["emails"], one.values["phone"]) for one in variants(record, mapping.identity)]
    assert taken == [("a@x.example", "7"), ("b@x.example", None), ("c@x.example", None)]
    assert len(variants(Record(record.ref, {}), mapping.identity)) == 1
