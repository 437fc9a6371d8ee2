"""The worker of privacy requests: steps in stores, then the end of requests whose stores are done.

Where workers are many, a thread beside each renews its leases for as long as its process lives.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache

from api.background import request_batches, request_ends, request_lifts, request_lookbacks
from api.background.request_batches import Opener
from api.context import Service
from api.errors import ApiError
from api.logs import log
from audit.ids import random_id
from governance.requests import leases
from governance.requests.leases import Worker
from governance.stores import register
from governance.stores.mapping import StoreDocument, StoreKind
from governance.stores.opening import Shelf
from governance.stores.protocol import Store

EVERY_SECONDS = 0.25
LONGEST_RUN_SECONDS = 20.0
"""After so long the loop is left for once, so that a stopping service is not kept waiting."""
REQUESTS_OF_SLOW_STORES = 10


def step(service: Service, now: datetime) -> None:
    """Works off what is due, batch after batch; `now` is read anew for each commit, from the service's clock.

    A fresh worker each time: what an earlier call left leased, because it broke, is not its own.
    """
    del now
    worker = Worker(random_id(), sole=service.settings.embedded)
    until = time.monotonic() + LONGEST_RUN_SECONDS
    with renewing(service, worker):
        busy = True
        while busy and time.monotonic() < until:
            documents = _active(service)
            busy = run_batch(service, worker, _opener(service, documents), requests_at_once(documents))
    request_lifts.lift_due(service)
    request_lookbacks.look_back(service, opener_of(service))


def run_batch(
    service: Service, worker: Worker, open_store: Opener, at_most: int = request_batches.REQUESTS_A_BATCH
) -> bool:
    """One batch of steps and one of endings; says whether there was anything to do."""
    worked = request_batches.work_steps(service, worker, open_store, at_most)
    ended = request_ends.end_requests(service, worker)
    return bool(worked or ended)


@contextmanager
def renewing(service: Service, worker: Worker) -> Iterator[None]:
    """Renews the worker's leases while the block runs; of an only worker nobody could take over."""
    if worker.sole:
        yield
        return
    done = threading.Event()
    beating = threading.Thread(target=_beat, args=(service, worker, done), name="lease-renewal", daemon=True)
    beating.start()
    try:
        yield
    finally:
        done.set()
        beating.join()


def _beat(service: Service, worker: Worker, done: threading.Event) -> None:
    """A renewal that fails is tried at the next beat; the lease outlives a missed one."""
    while not done.wait(leases.RENEW_EVERY.total_seconds()):
        try:
            service.main.write(lambda session: leases.renew(session, worker, now=service.clock()))
        except ApiError as error:
            log().warning("leases_not_renewed", error=type(error).__name__)


def opener_of(service: Service) -> Opener:
    """Opens the stores that are active at this moment; each stays open until its document changes."""
    return _opener(service, _active(service))


def requests_at_once(documents: Mapping[str, StoreDocument]) -> int:
    """How many requests make a batch: few where a store is asked person by person over a network.

    A batch ends when its slowest store has ended, and what came in meanwhile waits for that.
    """
    slow = any(document.kind is StoreKind.HTTP for document in documents.values())
    return REQUESTS_OF_SLOW_STORES if slow else request_batches.REQUESTS_A_BATCH


def _active(service: Service) -> dict[str, StoreDocument]:
    with service.main.read() as session:
        return {document.store: document for document in register.active_stores(session)}


def _opener(service: Service, documents: Mapping[str, StoreDocument]) -> Opener:
    shelf = _shelf(tuple(sorted(service.settings.store_secrets.items())))

    def open_store(key: str) -> Store | None:
        document = documents.get(key)
        return None if document is None else shelf.take(document)

    return open_store


@lru_cache(maxsize=4)
def _shelf(secrets: tuple[tuple[str, str], ...]) -> Shelf:
    """The open stores of a process."""
    return Shelf(dict(secrets))
