"""A store that a person works by hand says so to every question, and never that it is done."""

from collections.abc import Callable

import pytest

from governance.stores.errors import StoreCode, StoreError
from governance.stores.manual import ManualStore
from governance.stores.opening import open_store
from governance.stores.protocol import Found, PersonTerms, Store
from governance.stores.reading import parse
from tests.governance.stores.factories import email, row

FOUND = Found(rows=(row("files", 1),))
ASKED = (email("anna@example.com"),)
DOCUMENT = {
    "store": "binder",
    "kind": "manual",
    "active": True,
    "purposes": ["direct_marketing"],
    "recipient": {"name": "Archive Ltd", "role": "processor", "country": "DE"},
    "instructions": "Look in the grey binder.",
}


@pytest.fixture
def binder() -> ManualStore:
    """A binder on a shelf."""
    store = open_store(parse(DOCUMENT), {})
    assert isinstance(store, ManualStore)
    return store


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.find(ASKED),
        lambda store: list(store.export(FOUND)),
        lambda store: store.erase(FOUND, PersonTerms()),
        lambda store: store.remaining(FOUND, ASKED),
    ],
)
def test_every_question_waits_for_a_person(binder: ManualStore, ask: Callable[[Store], object]) -> None:
    """An empty answer would be taken for "nobody is there": no retry cures it, a person does."""
    with pytest.raises(StoreError) as refused:
        ask(binder)

    assert (refused.value.reason, refused.value.passes) == (StoreCode.BY_HAND, False)


def test_it_tells_the_person_what_to_do_and_plans_nothing_by_itself(binder: ManualStore) -> None:
    """The officer reads the instructions; a plan would be approved as if a machine carried it out."""
    assert (binder.key, binder.by_hand, binder.instructions) == ("binder", True, "Look in the grey binder.")
    assert binder.plan(FOUND) == ()
