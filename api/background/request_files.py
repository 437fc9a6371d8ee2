"""The files of requests whose legal time is over, and the notices that told of them."""

from datetime import datetime
from functools import partial

from api.context import Service
from governance.messages import queue
from governance.requests import retention

EVERY_SECONDS = 3600.0
FILES_A_BATCH = 500


def step(service: Service, now: datetime) -> None:
    """Deletes what is due, batch after batch."""
    months = service.settings.request_months
    while due := _due(service, months, now):
        service.main.write(partial(retention.forget, request_ids=due, now=now))
    service.main.write(partial(queue.drop_notices, before=retention.kept_since(months, now)))


def _due(service: Service, months: int, now: datetime) -> list[str]:
    with service.main.read() as session:
        return retention.due(session, months=months, now=now, limit=FILES_A_BATCH)
