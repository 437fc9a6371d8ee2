"""The register of stores: every change is whole, and stands in the trail."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.tables import PendingRow
from governance.stores import register
from governance.stores.errors import DocumentError, StoreNotUsableError, UnknownStoreError
from governance.stores.opening import Probed
from tests.governance.stores.factories import document

ACTOR = "key-1"


def actions(session: Session) -> list[str]:
    """What the trail says so far."""
    return sorted(session.scalars(select(PendingRow.action)))


def test_a_document_is_kept_as_it_was_put(main_session: Session, now: datetime) -> None:
    """Created, then replaced, with its version."""
    stored, created = register.put(main_session, "crm", document(active=False), now=now, actor=ACTOR)
    assert (created, stored.active, stored.version) == (True, False, 1)
    stored, created = register.put(main_session, "crm", document(), now=now, actor=ACTOR)
    assert (created, stored.active, stored.version) == (False, True, 2)
    assert document() == register.get(main_session, "crm").document
    assert actions(main_session) == ["store.activated", "store.changed", "store.changed"]


def test_a_document_may_leave_its_name_out_but_not_bear_another(main_session: Session, now: datetime) -> None:
    """The key that it is put under names it."""
    nameless = {name: value for name, value in document().items() if name != "store"}
    stored, _ = register.put(main_session, "erp", nameless, now=now, actor=ACTOR)
    assert stored.parsed.store == stored.document["store"] == "erp"
    with pytest.raises(DocumentError):
        register.put(main_session, "erp", document(), now=now, actor=ACTOR)
    with pytest.raises(DocumentError):
        register.read_document("erp", ["no map"])


def test_what_can_not_work_is_not_made_active(main_session: Session, now: datetime) -> None:
    """And nothing is written then."""
    with pytest.raises(StoreNotUsableError):
        register.put(main_session, "crm", document(undecided=["x"]), now=now, actor=ACTOR)
    register.put(main_session, "crm", document(active=False, undecided=["x"]), now=now, actor=ACTOR)
    with pytest.raises(StoreNotUsableError):
        register.activate(main_session, "crm", now=now, actor=ACTOR)
    assert actions(main_session) == ["store.changed"]


def test_activating_is_a_change_of_the_document(main_session: Session, now: datetime) -> None:
    """What `get` gives says so."""
    register.put(main_session, "crm", document(active=False), now=now, actor=ACTOR)
    assert register.activate(main_session, "crm", now=now, actor=ACTOR).document["active"] is True
    assert [one.store for one in register.active_stores(main_session)] == ["crm"]


def test_stores_are_listed_by_key(main_session: Session, now: datetime) -> None:
    """Page by page; only the active ones are part of requests."""
    for key in ("c", "a", "b"):
        register.put(main_session, key, document(store=key, active=key == "b"), now=now, actor=ACTOR)
    assert [one.key for one in register.list_(main_session, limit=2)] == ["a", "b"]
    assert [one.key for one in register.list_(main_session, limit=2, after="b")] == ["c"]
    assert [one.store for one in register.active_stores(main_session)] == ["b"]


def test_a_store_that_is_not_there(main_session: Session) -> None:
    """Raised where one is needed, None where one is looked for."""
    with pytest.raises(UnknownStoreError):
        register.get(main_session, "none")
    assert register.find(main_session, "none") is None


def test_a_trial_stands_in_the_trail(main_session: Session, now: datetime) -> None:
    """With its outcome, and no name of the store."""
    probed = Probed(reachable=False, problems=("url: unreachable",))
    register.note_test(main_session, "crm", probed, now=now, actor=ACTOR)
    assert actions(main_session) == ["store.tested"]
