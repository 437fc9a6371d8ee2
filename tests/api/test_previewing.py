"""The plan of a request: what would be erased, redacted and kept, before anybody approves it."""

from typing import Any

import pytest
from sqlalchemy import select

from api import casework, legal_holds, previewing
from api.context import Service
from audit.tables import PendingRow
from governance.errors import IllegalChangeError
from governance.requests.vocabulary import Method, RequestType
from governance.stores.errors import StoreCode
from tests.governance.requests.desk import (
    ACTOR,
    MemoryStore,
    a_known_lead,
    a_request,
    an_approved,
    described,
    opener,
    work,
)
from tests.governance.requests.writable import WritableStore

ANNA = "anna@example.com"


def plan(service: Service, request_id: str, *stores: MemoryStore) -> dict[str, Any]:
    """What the request would do in these stores."""
    keys = sorted(store.key for store in stores)
    return previewing.planned(service, request_id, keys, opener(*stores), actor=ACTOR)


def line_of(shown: dict[str, Any], store: str) -> dict[str, Any]:
    """One store's part."""
    return dict(next(each for each in shown["stores"] if each["store"] == store))


def test_the_plan_says_what_goes_and_what_stays_and_why(service: Service) -> None:
    """By table, before anything is touched; the service's own data last."""
    a_known_lead(service, ANNA)
    crm = MemoryStore("crm", {1: {"email": ANNA}, 2: {"email": ANNA}, 3: {"email": "x@example.com"}}, kept=1)
    request_id = a_request(service, ANNA)
    shown = plan(service, request_id, crm)

    assert (shown["action"], shown["complete"]) == ("erase", True)
    assert shown["on_approval"] == ["restrict", "suppress", "lock"]
    assert line_of(shown, "crm") == {
        "store": "crm",
        "outcome": "will_run",
        "found": 2,
        "candidates": 0,
        "tables": [
            {"table": "people", "action": "delete", "rows": 1},
            {"table": "invoices", "action": "keep", "rows": 1, "because": "tax law"},
        ],
    }
    own = shown["stores"][-1]
    assert (own["store"], own["outcome"], own["tables"][0]["action"]) == ("leadwarden", "will_run", "delete")
    assert own["found"] > 0
    assert len(crm.rows) == 3
    assert described(service, request_id)["steps"] == []


def test_identities_are_followed_from_store_to_store(service: Service) -> None:
    """As the request itself will."""
    crm = MemoryStore("crm", {1: {"email": ANNA, "phone": "+4930123456"}})
    shop = MemoryStore("shop", {7: {"phone": "+4930123456"}})
    shown = plan(service, a_request(service, ANNA), crm, shop)

    assert line_of(shown, "shop")["found"] == 1


def test_what_is_planned_is_what_is_done(service: Service) -> None:
    """The same searches, the same counts."""
    stores = [
        MemoryStore("crm", {1: {"email": ANNA, "phone": "+4930123456"}, 2: {"email": ANNA}}, kept=1),
        MemoryStore("shop", {7: {"phone": "+4930123456"}}),
    ]
    request_id = a_request(service, ANNA)
    shown = plan(service, request_id, *stores)
    casework.verify(service, request_id, Method.LOGIN, passed=True, actor=ACTOR)
    casework.approve(service, request_id, actor=ACTOR, stores=["crm", "shop"])
    work(service, *stores)

    steps = described(service, request_id)["steps"]
    done = {step["store"]: (step["found"], step.get("kept") or 0) for step in steps}
    for store in ("crm", "shop"):
        line = line_of(shown, store)
        kept = sum(table["rows"] for table in line["tables"] if table["action"] == "keep")
        assert done[store] == (line["found"], kept)


def test_a_hold_is_named_and_keeps_what_it_holds(service: Service) -> None:
    """In the stores, and in the service's own data."""
    lead = a_known_lead(service, ANNA)
    hold(service, "suit", lead={"lead_id": lead})
    crm = MemoryStore("crm", {1: {"email": ANNA}})
    shown = plan(service, a_request(service, ANNA), crm)

    assert line_of(shown, "crm")["outcome"] == "held"
    assert line_of(shown, "crm")["tables"][0]["action"] == "keep"
    own = line_of(shown, "leadwarden")
    assert (own["outcome"], own["tables"][0]["because"]) == ("held", "legal_hold:suit")


def hold(service: Service, name: str, **on: Any) -> None:
    """A legal hold."""
    legal_holds.place(service, name, {"reason": "a claim", **on}, actor=ACTOR)


@pytest.mark.parametrize(
    ("store", "outcome", "complete"),
    [
        (MemoryStore("crm", {1: {"email": ANNA}}, by_hand=True), "waits_for_person", True),
        (MemoryStore("crm", {1: {"email": ANNA}}, faults=[StoreCode.UNREACHABLE] * 3), "unknown", False),
        (MemoryStore("crm", {1: {"email": ANNA}}, doubtful={1}), "ambiguous", False),
        (MemoryStore("crm", {}), "will_run", True),
    ],
    ids=["by hand", "silent", "doubtful", "nothing there"],
)
def test_what_nobody_could_say_is_not_guessed(
    service: Service,
    store: MemoryStore,
    outcome: str,
    complete: bool,  # noqa: FBT001 - of the test
) -> None:
    """A silent store has its error, a doubtful row waits for a person."""
    shown = plan(service, a_request(service, ANNA), store)

    assert (line_of(shown, "crm")["outcome"], shown["complete"]) == (outcome, complete)
    assert ("error" in line_of(shown, "crm")) == (outcome == "unknown")


@pytest.mark.parametrize(
    ("kind", "action", "by_itself"),
    [
        (RequestType.ACCESS, "export", "will_run"),
        (RequestType.PORTABILITY, "export", "will_run"),
        (RequestType.RESTRICTION, "restrict", "will_run"),
        (RequestType.RECTIFICATION, "rectify", "waits_for_person"),
    ],
)
def test_every_right_has_its_plan(service: Service, kind: RequestType, action: str, by_itself: str) -> None:
    """What is found; and whether the store does it without a person."""
    shown = plan(service, a_request(service, ANNA, kind), WritableStore("crm", {1: {"email": ANNA}}))

    assert shown["action"] == action
    assert line_of(shown, "crm")["outcome"] == by_itself
    assert line_of(shown, "crm")["tables"] == [{"table": "people", "action": action, "rows": 1}]


@pytest.mark.parametrize(
    "kind", [RequestType.OBJECTION, RequestType.OPT_OUT_SALE_SHARING, RequestType.COMPLAINT]
)
def test_what_is_decided_here_asks_no_store(service: Service, kind: RequestType) -> None:
    """Contact is decided in the service."""
    crm = MemoryStore("crm", {1: {"email": ANNA}})
    shown = plan(service, a_request(service, ANNA, kind), crm)

    assert [each["store"] for each in shown["stores"]] == ["leadwarden"]
    assert crm.asked == []


def test_that_the_plan_was_looked_at_is_in_the_trail_first(service: Service) -> None:
    """The leads' own identifiers are opened for it."""
    a_known_lead(service, ANNA)
    request_id = a_request(service, ANNA)
    plan(service, request_id, MemoryStore("crm", {1: {"email": ANNA}}))
    with service.main.read() as session:
        actions = session.scalars(select(PendingRow.action)).all()

    assert "request.plan_shown" in actions
    assert "lead.opened" in actions


def test_there_is_no_plan_of_what_is_under_way(service: Service) -> None:
    """What runs is shown by its steps."""
    request_id = an_approved(service, ANNA, [])
    with pytest.raises(IllegalChangeError):
        plan(service, request_id)


def test_the_stores_of_a_plan_are_the_active_ones(service: Service) -> None:
    """None is registered: the plan is of the service's own data alone."""
    shown = previewing.plan_of(service, a_request(service, ANNA), actor=ACTOR)

    assert [each["store"] for each in shown["stores"]] == ["leadwarden"]
