"""The last part of a rectification, cut off and gone on with."""

from functools import partial

import pytest

from api.background import request_corrections, request_ends
from api.context import Service
from audit.ids import random_id
from governance.errors import RequestClosedError
from governance.requests import finishing, leases
from governance.requests.leases import Worker
from governance.vault import keys as vault
from tests.governance.requests.desk import a_known_lead, described
from tests.governance.requests.test_corrections import ANNA, WRONG_NAME, a_rectification


def begun(service: Service, worker: Worker) -> finishing.Finish:
    """The claim of the last part."""
    claims = service.main.write(partial(leases.claim_requests, worker=worker, now=service.clock(), limit=9))
    [finish] = service.main.write(
        lambda session: finishing.begin(session, worker, claims, (), now=service.clock())
    )
    return finish


def test_a_worker_that_died_after_correcting_is_followed_by_one_that_changes_nothing(
    service: Service,
) -> None:
    """What says so already is not changed again."""
    a_known_lead(service, ANNA, profile={"first_name": "Ana"})
    request_id = a_rectification(service, WRONG_NAME, [])
    dead = Worker(random_id(), sole=True)
    assert request_corrections.correct(service, dead, begun(service, dead)) == 1
    living = Worker(random_id(), sole=True)
    assert request_corrections.correct(service, living, begun(service, living)) == 0

    request_ends.end_requests(service, Worker(random_id(), sole=True))
    assert described(service, request_id)["status"] == "completed"


def test_without_the_requests_key_nothing_is_corrected(service: Service) -> None:
    """What is right stands sealed under it."""
    a_known_lead(service, ANNA, profile={"first_name": "Ana"})
    request_id = a_rectification(service, WRONG_NAME, [])
    worker = Worker(random_id(), sole=True)
    finish = begun(service, worker)
    service.keys.write(lambda session: vault.destroy(session, request_id, now=service.clock()))

    with pytest.raises(RequestClosedError):
        request_corrections.correct(service, worker, finish)
