"""Work that a store finishes later: begun once, whatever is lost on the way, and waited for to an end."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from governance.stores.errands import Called, Errand, MemoryBook
from governance.stores.errors import StoreCode, StoreError
from governance.stores.protocol import Found, PersonTerms, RowRef
from tests.fakes.calling import Calling, document
from tests.fakes.enrichment import KEY
from tests.fakes.serving import served
from tests.governance.stores.factories import email
from tests.governance.stores.http.vendors import opened

JANE = email("jane.doe@acme.example")
ROW = RowRef("people", ("p1",))
FOUND = Found(rows=(ROW,), persons=(ROW,))


class Aged(MemoryBook):
    """A book in which an errand has an age, an address, and what was called back."""

    def __init__(self, age: timedelta = timedelta(0), said: Called | None = None) -> None:
        super().__init__()
        self.age = age
        self.said = said

    def begin(self, row: RowRef) -> Errand:
        """With an address."""
        return replace(super().begin(row), callback="http://127.0.0.1:1/token")

    def find(self, row: RowRef) -> Errand | None:
        """As it is now."""
        found = super().find(row)
        return None if found is None else replace(found, age=self.age, answer=self.said)


@pytest.fixture
def vendor() -> Iterator[Calling]:
    """A provider that knows Jane."""
    fake = Calling()
    fake.add(emails=["jane.doe@acme.example"], full_name="Jane Doe")
    with served(fake):
        yield fake


def erase(vendor: Calling, book: MemoryBook, **changes: Any) -> StoreError | tuple[RowRef, ...]:
    """What comes of erasing Jane, by a process that knows nothing but the book."""
    described = document(vendor.base, polls=changes.pop("polls", True))
    described["http"]["tables"]["people"]["job"] |= changes
    store = opened(described, ENRICHMENT_KEY=KEY, SIGNATURE="x")
    try:
        return store.erase_over_time(FOUND, PersonTerms(), book)
    except StoreError as error:
        return error
    finally:
        store.close()


def waits(result: object) -> timedelta | None:
    """How long a step is asked to wait."""
    assert isinstance(result, StoreError)
    assert result.reason is StoreCode.NOT_DONE_YET
    return result.wait


def test_the_store_is_told_our_id_and_where_to_call(vendor: Calling) -> None:
    """And nothing of the person stands in either."""
    book = Aged()
    assert waits(erase(vendor, book)) == timedelta(seconds=600)
    errand = book.find(ROW)
    assert errand is not None
    assert vendor.work == {
        errand.id: {"person": "p1", "urls": ["http://127.0.0.1:1/token"], "status": "pending"}
    }


def test_a_new_process_goes_on_with_what_was_begun(vendor: Calling) -> None:
    """One request at the provider, however often we are started anew."""
    book = Aged()
    for _ in range(3):
        waits(erase(vendor, book))
    vendor.work[next(iter(vendor.work))]["status"] = "completed"
    vendor.people.clear()
    assert erase(vendor, book) == ()
    assert (vendor.begun, vendor.polled, book.find(ROW)) == (1, 4, None)


def test_an_answer_that_was_lost_does_not_begin_it_twice(vendor: Calling) -> None:
    """The provider took it on, and we never heard: told again, it is the same by our id."""
    vendor.unsaid = 5
    book = Aged()
    lost = erase(vendor, book)
    assert isinstance(lost, StoreError)
    assert lost.reason is StoreCode.SERVER_ERROR
    vendor.unsaid = 0
    waits(erase(vendor, book))
    assert vendor.begun == 1


def test_what_was_called_back_ends_it_without_asking(vendor: Calling) -> None:
    """Also where the call came before we had heard that the work was taken on at all."""
    book = Aged(said=Called.DONE)
    book.begin(ROW)
    assert erase(vendor, book, polls=False) == ()
    assert (vendor.begun, vendor.polled, book.find(ROW)) == (0, 0, None)
    failing = Aged(said=Called.FAILED)
    failing.begin(ROW)
    refused = erase(vendor, failing)
    assert isinstance(refused, StoreError)
    assert (refused.reason, refused.passes) == (StoreCode.REFUSED, False)


def test_what_was_redacted_is_not_begun_again(vendor: Calling) -> None:
    """The row is still there: another one of the same person may be waited for, pass after pass."""
    described = document(vendor.base)
    columns = {"title": {"category": "contact_details"}}
    described["tables"]["people"] |= {"erase": "redact", "columns": columns}
    store, book = opened(described, ENRICHMENT_KEY=KEY, SIGNATURE="x"), Aged()
    with pytest.raises(StoreError):
        store.erase_over_time(FOUND, PersonTerms(), book)
    vendor.people["p1"] = {"person_id": "p1", "emails": [], "phones": None, "title": ""}
    vendor.work[next(iter(vendor.work))]["status"] = "completed"
    for _ in range(2):
        assert store.erase_over_time(FOUND, PersonTerms(), book) == ()
    assert vendor.begun == 1
    store.close()


def test_a_call_alone_is_waited_for_until_the_time_is_over(vendor: Calling) -> None:
    """Nothing is asked for meanwhile; then it is a failure, never done."""
    assert waits(erase(vendor, Aged(), polls=False)) == timedelta(hours=1)
    book = Aged(age=timedelta(minutes=50))
    waits(erase(vendor, book, polls=False))
    assert waits(erase(vendor, book, polls=False)) == timedelta(minutes=10)
    assert waits(erase(vendor, book, polls=True)) == timedelta(minutes=10)
    book.age = timedelta(hours=1)
    late = erase(vendor, book, polls=False)
    assert isinstance(late, StoreError)
    assert (late.reason, late.passes) == (StoreCode.NOT_DONE_IN_TIME, False)
    assert (book.find(ROW), vendor.polled) == (None, 1)


def test_work_that_the_store_forgets_is_begun_again_as_the_same_and_not_for_ever(vendor: Calling) -> None:
    """Told again under our id, until the time that it may take is over from the beginning."""
    book = Aged()
    gone = {"path": "/v1/opendsr_requests/{job}", "gone": [404]}
    waits(erase(vendor, book, poll=gone))
    begun = book.find(ROW)
    for minutes in (10, 20, 55):
        book.age = timedelta(minutes=minutes)
        vendor.work.clear()
        waits(erase(vendor, book, poll=gone))
        forgotten = book.find(ROW)
        assert forgotten is not None
        assert begun is not None
        assert (forgotten.id, forgotten.name) == (begun.id, None)
        waits(erase(vendor, book, poll=gone))
        assert list(vendor.work) == [begun.id]
    assert vendor.begun == 4
    book.age = timedelta(hours=1)
    vendor.work.clear()
    late = erase(vendor, book, poll=gone)
    assert isinstance(late, StoreError)
    assert (late.reason, book.find(ROW)) == (StoreCode.NOT_DONE_IN_TIME, None)


def test_work_that_was_done_before_it_was_forgotten_is_not_begun_again(vendor: Calling) -> None:
    """The person is gone already, and nothing stays open."""
    book = Aged()
    gone = {"path": "/v1/opendsr_requests/{job}", "gone": [404]}
    waits(erase(vendor, book, poll=gone))
    vendor.work.clear()
    vendor.people.clear()
    waits(erase(vendor, book, poll=gone))
    assert erase(vendor, book, poll=gone) == ()
    assert (vendor.begun, book.find(ROW)) == (1, None)


@pytest.mark.parametrize("word", ["done", "failed", "", "DONE"])
def test_only_the_words_of_the_description_end_what_is_asked_for(vendor: Calling, word: str) -> None:
    """Ours are for what was called back: the same word of the store may be of one part of the work."""
    book = Aged()
    waits(erase(vendor, book))
    vendor.work[next(iter(vendor.work))]["status"] = word
    assert waits(erase(vendor, book)) == timedelta(seconds=600)
    assert book.find(ROW) is not None
    assert vendor.begun == 1


@pytest.mark.parametrize(("status", "kept"), [(403, True), (503, True), (400, False)])
def test_a_poll_that_fails_forgets_only_what_the_store_does_not_know(
    vendor: Calling, status: int, *, kept: bool
) -> None:
    """A token that has ended is no reason to begin anew."""
    book = Aged()
    waits(erase(vendor, book))
    vendor.confused = status
    assert isinstance(erase(vendor, book), StoreError)
    assert (book.find(ROW) is not None) == kept
