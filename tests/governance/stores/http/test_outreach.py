"""The shipped description of Outreach, for sales engagement that speaks JSON:API."""

import time
from collections.abc import Iterator
from email.utils import formatdate

import pytest

from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.store import HttpStore
from governance.stores.protocol import PersonTerms
from tests.fakes.outreach import CLIENT_ID, CLIENT_SECRET, REFRESH, Outreach, wrong
from tests.fakes.serving import served
from tests.governance.stores.factories import email, phone
from tests.governance.stores.http.vendors import described, opened

NO_TERMS = PersonTerms()
JANE = email("jane.doe@acme.example")


@pytest.fixture
def vendor() -> Iterator[Outreach]:
    """Jane is two prospects, of whom one has two addresses; a page holds one."""
    fake = Outreach()
    fake.page = 1
    fake.add(
        emails=["jane.doe@acme.example", "jd@private.example"],
        firstName="Jane",
        workPhones=["+49 30 1111111"],
    )
    fake.add(emails=["Jane.Doe@acme.example"], firstName="Jane", lastName="Doe")
    fake.add(emails=["bob@acme.example"], firstName="Bob")
    with served(fake):
        yield fake


@pytest.fixture
def store(vendor: Outreach) -> Iterator[HttpStore]:
    """The organisation by its shipped description."""
    secrets = {"OUTREACH_ID": CLIENT_ID, "OUTREACH_SECRET": CLIENT_SECRET, "OUTREACH_REFRESH": REFRESH}
    opened_store = opened(described("outreach", vendor.base), **secrets)
    yield opened_store
    opened_store.close()


def test_pages_are_followed_by_their_links(store: HttpStore, vendor: Outreach) -> None:
    """Each address of a list is an identity, and each number."""
    found = store.find([email("jd@private.example")])
    assert [row.key for row in found.rows] == [(1,), (2,)]
    assert {JANE, phone("+49301111111")} <= set(found.learnt)
    store.erase(found, NO_TERMS)
    assert store.remaining(found, [JANE]) == {}
    assert list(vendor.prospects) == [3]


def test_a_link_that_leads_elsewhere_is_not_followed(store: HttpStore, vendor: Outreach) -> None:
    """Neither with our token nor without."""
    vendor.prospects[1]["emails"] = []
    store.find([JANE])
    vendor.base = "http://169.254.169.254"
    vendor.prospects[1]["emails"] = [JANE.value]
    with pytest.raises(StoreError) as error:
        store.find([JANE])
    assert error.value.reason is StoreCode.HOST_FORBIDDEN


def test_a_filter_that_the_store_ignores_is_noticed(store: HttpStore, vendor: Outreach) -> None:
    """Prospects who do not have the address asked for are never taken for the person, nor passed over."""
    vendor.heeds_filters = False
    with pytest.raises(StoreError) as error:
        store.find([JANE])
    assert error.value.reason is StoreCode.ANSWER_INVALID


def test_a_limit_says_how_long_to_wait(store: HttpStore, vendor: Outreach) -> None:
    """By a date; longer than a moment is the step's to wait."""
    store.find([JANE])
    until = formatdate(time.time() + 600, usegmt=True)
    vendor.faults = [wrong(429, "rateLimited", "Rate Limit Exceeded", Retry_After=until)]
    with pytest.raises(StoreError) as error:
        store.find([JANE])
    assert error.value.reason is StoreCode.RATE_LIMITED
    assert error.value.wait is not None
    assert 590 <= error.value.wait.total_seconds() <= 601
