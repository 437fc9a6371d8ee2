"""Restrictions whose end has come."""

from api import rights
from api.background import request_lifts
from api.context import Service
from governance.requests import lifting
from governance.requests.vocabulary import RequestType
from tests.conftest import Clock
from tests.governance.requests.desk import ACTOR, an_approved, described, work


def test_all_that_are_due_end_each_by_itself(service: Service, clock: Clock) -> None:
    """And none that is not."""
    requests = [
        an_approved(service, f"p{number}@example.com", [], RequestType.RESTRICTION) for number in range(3)
    ]
    work(service)
    for request_id in requests[:2]:
        rights.lift(service, request_id, "done", at=None, told_otherwise=True, actor=ACTOR)
    clock.now += lifting.NOTICE

    assert request_lifts.lift_due(service) == 2
    assert request_lifts.lift_due(service) == 0
    assert ["lifted_at" in described(service, request_id) for request_id in requests] == [True, True, False]
