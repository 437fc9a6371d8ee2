"""Restrictions whose end has come, once the person was told."""

from functools import partial

from api.context import Service
from governance.requests import lifting

REQUESTS_A_BATCH = 50


def lift_due(service: Service) -> int:
    """Ends the restrictions that are due, each in a commit of its own; returns how many."""
    with service.main.read() as session:
        due = lifting.due(session, now=service.clock(), limit=REQUESTS_A_BATCH)
    lifts = [partial(lifting.lift, request_id=each, now=service.clock()) for each in due]
    return sum(service.main.write(lift) for lift in lifts)
