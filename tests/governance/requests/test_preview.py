"""The plan that is shown: pure."""

import pytest

from governance.holds import Hold
from governance.requests.jobs import Task
from governance.requests.leases import Claim
from governance.requests.preview import Own, Seen, document, on_approval
from governance.requests.vocabulary import Action, RequestType
from governance.stores.protocol import Found, Planned, PlannedAction, RowRef

FOUND = Found(rows=(RowRef("people", (1,)), RowRef("people", (2,))))


def seen(action: Action = Action.ERASE, **more: object) -> Seen:
    """What a store answered."""
    task = Task(Claim("request", "crm", action, 0, 1), (), found=FOUND)
    return Seen(task, **more)  # type: ignore[arg-type]  # the fields of `Seen`


def test_columns_that_stay_are_named_with_their_reasons() -> None:
    """As the store's document gives them."""
    amount, years = (("amount", "tax law"),), "10 years from its end"
    plan = (Planned("deals", PlannedAction.REDACT, 2, kept_columns=amount, retention=years),)
    shown = document(RequestType.ERASURE, [seen(plan=plan)], Own(0))

    assert shown["stores"][0]["tables"] == [
        {
            "table": "deals",
            "action": "redact",
            "rows": 2,
            "kept_columns": [{"column": "amount", "because": "tax law"}],
            "retention": "10 years from its end",
        }
    ]


def test_a_hold_keeps_everything_that_was_found() -> None:
    """And is named, with the whole store."""
    held = Task(
        Claim("request", "crm", Action.ERASE, 0, 1), (), found=FOUND, holds=(Hold("suit", store="crm"),)
    )
    [crm, _] = document(RequestType.ERASURE, [Seen(held)], Own(0))["stores"]

    assert (crm["outcome"], crm["reason"]) == ("held", "legal_hold:suit")
    assert crm["tables"] == [{"table": "people", "action": "keep", "rows": 2, "because": "legal_hold:suit"}]


def test_a_store_that_did_not_answer_makes_the_plan_incomplete() -> None:
    """Its count is not zero but unknown."""
    shown = document(RequestType.ERASURE, [seen(error="unreachable")], Own(3))

    assert shown["complete"] is False
    assert (shown["stores"][0]["found"], shown["stores"][0]["error"]) == (None, "unreachable")


@pytest.mark.parametrize("kind", RequestType)
def test_every_type_has_a_plan_that_ends_with_the_services_own_data(kind: RequestType) -> None:
    """Held or not, and whatever the type does in stores."""
    for own in (Own(0), Own(4), Own(4, held_by="suit")):
        stores = document(kind, [], own)["stores"]
        assert [each["store"] for each in stores] == ["leadwarden"]
        assert sum(table["rows"] for table in stores[0]["tables"]) in {0, own.rows}


def test_what_the_approval_does_at_once_is_said_before() -> None:
    """Only an erasure and a restriction change anything with it."""
    assert {kind for kind in RequestType if on_approval(kind)} == {
        RequestType.ERASURE,
        RequestType.RESTRICTION,
    }
