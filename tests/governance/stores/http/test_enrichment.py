"""The description of a provider that takes an erasure on and carries it out later."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.store import HttpStore
from governance.stores.protocol import PersonTerms
from tests.fakes.enrichment import KEY, Enrichment
from tests.fakes.serving import served
from tests.governance.stores.factories import email
from tests.governance.stores.http.vendors import described, opened

NO_TERMS = PersonTerms()
JANE = email("jane.doe@acme.example")


@pytest.fixture
def vendor() -> Iterator[Enrichment]:
    """A provider that knows Jane by two addresses."""
    fake = Enrichment()
    fake.add(emails=["jane.doe@acme.example", "jd@private.example"], full_name="Jane Doe", topics=["crm"])
    fake.add(emails=["bob@acme.example"], full_name="Bob Stone")
    with served(fake):
        yield fake


@pytest.fixture
def store(vendor: Enrichment) -> Iterator[HttpStore]:
    """The provider by the shipped description."""
    opened_store = opened(described("enrichment", vendor.base), ENRICHMENT_KEY=KEY)
    yield opened_store
    opened_store.close()


def test_work_that_takes_time_is_waited_for_and_asked_for_once(store: HttpStore, vendor: Enrichment) -> None:
    """Not done until the provider says so, and the person can not be read any more."""
    found = store.find([JANE])
    vendor.patience = 2
    for _ in range(2):
        with pytest.raises(StoreError) as waiting:
            store.erase(found, NO_TERMS)
        assert (waiting.value.reason, waiting.value.wait) == (StoreCode.NOT_DONE_YET, timedelta(hours=1))
        assert store.remaining(found, [JANE]) == {"people": 1}
    store.erase(found, NO_TERMS)
    assert store.remaining(found, [JANE]) == {}
    assert len(vendor.requests) == 1
    assert len(vendor.suppressed) == 2


def test_a_new_process_asks_again_and_never_for_somebody_who_is_gone(vendor: Enrichment) -> None:
    """What was begun before a restart is begun again at worst; once the person is gone, nothing is."""
    document = described("enrichment", vendor.base)
    before, after = (opened(document, ENRICHMENT_KEY=KEY) for _ in range(2))
    found = before.find([JANE])
    with pytest.raises(StoreError):
        before.erase(found, NO_TERMS)
    after.erase(found, NO_TERMS)
    assert len(vendor.requests) == 2
    opened(document, ENRICHMENT_KEY=KEY).erase(found, NO_TERMS)
    assert len(vendor.requests) == 2
    before.close()
    after.close()


@pytest.mark.parametrize("gone", [[], [404]])
def test_work_that_the_provider_forgot_is_begun_again(vendor: Enrichment, gone: list[int]) -> None:
    """Whether the description knows that status or not; else it would be waited for without end."""
    document = described("enrichment", vendor.base)
    document["http"]["tables"]["people"]["job"]["poll"]["gone"] = gone
    store = opened(document, ENRICHMENT_KEY=KEY)
    found = store.find([JANE])
    vendor.patience = 1
    with pytest.raises(StoreError):
        store.erase(found, NO_TERMS)
    vendor.requests.clear()
    with pytest.raises(StoreError):
        store.erase(found, NO_TERMS)
    store.erase(found, NO_TERMS)
    assert store.remaining(found, [JANE]) == {}
    store.close()


def test_a_rejected_request_is_for_a_person(store: HttpStore, vendor: Enrichment) -> None:
    """No retry changes the provider's mind."""
    vendor.patience, vendor.outcome = 0, "rejected"
    with pytest.raises(StoreError) as refused:
        store.erase(store.find([JANE]), NO_TERMS)
    assert (refused.value.reason, refused.value.passes) == (StoreCode.REFUSED, False)


def test_a_provider_that_lies_is_read_back(store: HttpStore, vendor: Enrichment) -> None:
    """`completed`, and the person is still sold."""
    vendor.patience = 0
    kept = dict(vendor.people)
    found = store.find([JANE])
    store.erase(found, NO_TERMS)
    vendor.people.update(kept)
    assert store.remaining(found, [JANE]) == {"people": 1}
