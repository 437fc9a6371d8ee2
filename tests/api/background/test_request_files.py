"""Old files go in batches."""

from datetime import timedelta

import pytest

from api.background import request_files
from api.context import Service
from governance.requests import lookback
from governance.requests.tables import RequestRow
from tests.conftest import Clock
from tests.governance.requests.desk import a_request, refuse


def test_more_than_a_batch_goes_in_one_step(
    service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batch after batch, until nothing is due."""
    monkeypatch.setattr(request_files, "FILES_A_BATCH", 2)
    requests = [a_request(service, f"p{number}@example.com") for number in range(5)]
    for request_id in requests:
        refuse(service, request_id)
    service.main.write(lambda session: lookback.forget(session, requests, now=clock.now))
    request_files.step(service, clock.now)
    assert len(left(service)) == 5

    request_files.step(service, clock.now + timedelta(days=31 * 36))
    assert left(service) == []


def left(service: Service) -> list[RequestRow]:
    """The requests that are still there."""
    with service.main.read() as session:
        return list(session.query(RequestRow))
