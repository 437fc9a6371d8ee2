"""A store leaves the register only when no request needs it, and what was done in it stays on record."""

import pytest
from sqlalchemy import select

from api.context import Service
from audit.tables import PendingRow
from governance.requests.decommissioning import delete_store, requests_in_need
from governance.requests.tables import StepHistoryRow
from governance.stores import register
from governance.stores.errors import StoreNeededError, UnknownStoreError
from tests.governance.requests.desk import ACTOR, MemoryStore, an_approved, work

ANNA = "anna.berg@example.com"


def registered(service: Service) -> None:
    """A store `crm` in the register."""
    document = {"kind": "manual", "active": True, "instructions": "Look in the cabinet."}
    service.main.write(
        lambda session: register.put(session, "crm", document, now=service.clock(), actor=ACTOR)
    )


def delete(service: Service, key: str) -> None:
    """Take a store out."""
    service.main.write(lambda session: delete_store(session, key, now=service.clock(), actor=ACTOR))


def in_need(service: Service, key: str) -> int:
    """How many requests need a store."""
    with service.main.read() as session:
        return requests_in_need(session, key)


def test_a_store_that_a_request_works_in_stays(service: Service) -> None:
    """While its step is open, and then until the look-back is over."""
    registered(service)
    an_approved(service, ANNA, ("crm",))
    assert in_need(service, "crm") == 1
    with pytest.raises(StoreNeededError) as refused:
        delete(service, "crm")
    assert refused.value.requests == 1
    work(service, MemoryStore("crm", {1: {"email": ANNA}}))
    assert in_need(service, "crm") == 1
    with pytest.raises(StoreNeededError):
        delete(service, "crm")


def test_a_store_that_nobody_needs_goes(service: Service) -> None:
    """Its document goes, an entry says so, and it is unknown from then on."""
    registered(service)
    delete(service, "crm")
    with pytest.raises(UnknownStoreError):
        delete(service, "crm")
    with service.main.read() as session:
        assert register.find(session, "crm") is None
        assert "store.deleted" in set(session.scalars(select(PendingRow.action)))


def test_history_goes_on_naming_it(service: Service) -> None:
    """What was done there is not forgotten with the document."""
    registered(service)
    an_approved(service, ANNA, ("crm",))
    work(service, MemoryStore("crm", {1: {"email": ANNA}}))
    service.main.write(lambda session: register.delete(session, "crm", now=service.clock(), actor=ACTOR))
    with service.main.read() as session:
        assert "crm" in set(session.scalars(select(StepHistoryRow.store)))
