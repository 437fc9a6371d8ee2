"""Legal holds: what they stop, and what stays sealed of them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from api import legal_holds
from api.context import Service
from consent.vocabulary import IdentifierKind
from governance import holds
from governance.errors import HoldUnknownError, IdentityInvalidError
from governance.holds import Hold
from governance.requests.tables import HoldRow
from governance.stores.protocol import Found, Identity, RowRef
from tests.conftest import Clock
from tests.governance.requests.desk import ACTOR, a_known_lead

ANNA = Identity(IdentifierKind.EMAIL, "anna@example.com")
FOUND = Found(rows=(RowRef("invoices", (7,)), RowRef("people", (1,))))


@pytest.mark.parametrize(
    ("hold", "stops"),
    [
        (Hold("h", lead_id="l"), True),
        (Hold("h", store="crm"), True),
        (Hold("h", store="crm", query={"table": "invoices"}), True),
        (Hold("h", store="crm", query={"table": "invoices", "key": ["7"]}), True),
        (Hold("h", store="crm", query={"table": "invoices", "key": [8]}), False),
        (Hold("h", store="crm", query={"table": "orders"}), False),
        (Hold("h", store="crm", query={"email": "ANNA@Example.com"}), True),
        (Hold("h", store="crm", query={"email": "bo@example.com"}), False),
        (Hold("h", store="crm", query={"external": {"system": "crm", "id": "7"}}), False),
    ],
)
def test_a_hold_stops_what_it_names(hold: Hold, *, stops: bool) -> None:
    """A lead, a store, a table, a row, a person."""
    assert hold.stops([ANNA], FOUND) == stops


def test_a_hold_concerns_its_lead_everywhere_and_its_store_for_all() -> None:
    """Another lead's, or another store's, erasure goes on."""
    assert Hold("h", lead_id="l").concerns({"l"}, "crm")
    assert not Hold("h", lead_id="l").concerns({"m"}, "crm")
    assert Hold("h", store="crm").concerns({"m"}, "crm")
    assert not Hold("h", store="crm").concerns({"m"}, "mail")


@pytest.mark.parametrize(
    "query", [{"lead_id": "x"}, {"sql": "1=1"}, {"table": 3}, {"table": "t", "key": 7}, {"email": "x"}]
)
def test_a_query_that_says_nothing_is_refused(query: dict[str, object]) -> None:
    """A hold that nobody can apply would be a false comfort."""
    with pytest.raises(IdentityInvalidError):
        holds.checked_query(query)


def place(service: Service, name: str, **what: object) -> bool:
    """Places a hold on Anna's lead, or on what is said; whether the name is new."""
    asked = {"reason": "claim of anna", "lead": {"email": "anna@example.com"}, **what}
    is_new, _ = legal_holds.place(service, name, asked, actor=ACTOR)
    return is_new


def in_force(service: Service) -> list[str]:
    """The names of the holds in force."""
    with service.main.read() as session:
        return sorted(row.key for row in holds.active(session, now=service.clock()))


def test_a_hold_ends_at_its_date_or_when_it_is_lifted(service: Service, clock: Clock) -> None:
    """Until then it is in force."""
    a_known_lead(service, "anna@example.com")
    place(service, "dated", until=clock.now + timedelta(days=1))
    place(service, "open")
    assert in_force(service) == ["dated", "open"]

    clock.now += timedelta(days=1)
    assert in_force(service) == ["open"]

    legal_holds.lift(service, "open", actor=ACTOR)
    assert in_force(service) == []
    with pytest.raises(HoldUnknownError):
        legal_holds.lift(service, "open", actor=ACTOR)


def test_a_hold_of_the_same_name_replaces_the_older(service: Service) -> None:
    """One name, one hold."""
    a_known_lead(service, "anna@example.com")

    assert place(service, "claim") is True
    assert place(service, "claim") is False
    assert in_force(service) == ["claim"]


def test_reason_and_query_are_sealed(service: Service) -> None:
    """Free text names people."""
    a_known_lead(service, "anna@example.com")
    place(service, "claim")

    with service.main.read() as session:
        row = session.scalars(select(HoldRow)).one()
    assert b"anna" not in row.reason + (row.query or b"")


def test_a_hold_whose_key_is_gone_holds_all_that_it_names(service: Service) -> None:
    """What can not be read any more must not let anything through."""
    a_known_lead(service, "anna@example.com")
    place(service, "claim")
    with service.main.read() as session:
        [hold] = holds.opened(holds.active(session, now=service.clock()), {})

    assert hold.stops([], Found())
