"""The store as a whole: opened by its document, tried, closed."""

import pytest

from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.store import HttpStore
from governance.stores.opening import Shelf, open_store
from governance.stores.protocol import Found, Store
from governance.stores.reading import parse
from tests.fakes.plain import PlainCrm, document
from tests.fakes.serving import served
from tests.governance.stores.benches import HTTP_SECRETS


def test_a_document_that_does_not_say_how_to_ask_opens_no_store() -> None:
    """It may be kept as a draft, and is refused when it is to be active."""
    with pytest.raises(StoreError) as error:
        open_store(parse({"store": "crm", "kind": "http"}), {})
    assert error.value.reason is StoreCode.MAPPING_INVALID


def test_trying_asks_for_nobody_by_each_way() -> None:
    """By an address and a number that are nobody's; and it changes nothing."""
    fake = PlainCrm()
    with served(fake) as base:
        store = open_store(parse(document(base)), HTTP_SECRETS)
        assert isinstance(store, HttpStore)
        store.try_out()
        store.close()
    assert fake.asked == ["POST /api/contacts/search"] * 2


def test_a_shelf_holds_it_open() -> None:
    """Until its document changes; it is a store like the others."""
    shelf = Shelf(HTTP_SECRETS)
    first = shelf.take(parse(document("https://crm.example")))
    typed: Store = first
    assert (typed.key, typed.by_hand, typed.plan(Found())) == ("crm", False, ())
    assert shelf.take(parse(document("https://crm.example"))) is first
    assert shelf.take(parse(document("https://crm.example", settle=3))) is not first
    shelf.drop("crm")
