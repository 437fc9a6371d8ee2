"""The end of requests whose stores are done: own data exported or shredded, `completed`, certified.

The three commits of an erasure, and why they are three: `governance.requests.finishing`.
"""

import json
from collections.abc import Callable, Mapping, Sequence

import structlog
from sqlalchemy.orm import Session

from api.background.request_batches import adding, holds_in_force, request_keys
from api.background.request_corrections import correct
from api.context import Service
from api.errors import DatabaseUnavailableError
from governance import own_openings
from governance.errors import RequestClosedError, VaultError
from governance.own_openings import Purpose
from governance.requests import certifying, finishing, jobs, leases, own_export, records, spool
from governance.requests.article15 import Told, article_15
from governance.requests.finishing import Finish
from governance.requests.leases import RequestClaim, Worker
from governance.requests.vocabulary import OWN_STORE, RequestType, StepError
from governance.stores import register
from governance.vault import keys as vault

REQUESTS_A_BATCH = 100
LINES_A_PIECE = 500


def end_requests(service: Service, worker: Worker) -> int:
    """Claims requests that only need their end, and gives it to them; returns how many."""
    claims = service.main.write(
        lambda session: leases.claim_requests(session, worker, now=service.clock(), limit=REQUESTS_A_BATCH)
    )
    if not claims:
        return 0
    _end_or_postpone(service, worker, claims)
    return len(claims)


def _end_or_postpone(service: Service, worker: Worker, claims: Sequence[RequestClaim]) -> None:
    """One request that can not be ended keeps no other from its end: where a batch fails, each goes alone."""
    try:
        _end(service, worker, claims)
    except DatabaseUnavailableError as error:
        _postpone(service, worker, claims, error)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other requests must not wait for it
        if len(claims) == 1:
            _postpone(service, worker, claims, error)
            return
        for claim in claims:
            _end_or_postpone(service, worker, [claim])


def _postpone(service: Service, worker: Worker, claims: Sequence[RequestClaim], error: Exception) -> None:
    """Tried again later; what went wrong is logged by its class, for a message may quote the person."""
    structlog.get_logger().warning("requests_postponed", error=type(error).__name__)
    without_keys = isinstance(error, VaultError | DatabaseUnavailableError | RequestClosedError)
    reason = StepError.KEYS_UNAVAILABLE if without_keys else StepError.UNEXPECTED
    service.main.write(
        lambda session: finishing.postpone(session, worker, claims, reason, now=service.clock())
    )


def _end(service: Service, worker: Worker, claims: Sequence[RequestClaim]) -> None:
    """Begin; then keys destroyed or own data exported; then the end, with the certificates."""
    holds = holds_in_force(service)
    finishes = service.main.write(
        lambda session: finishing.begin(session, worker, claims, holds, now=service.clock())
    )
    done = {each.claim.request_id: _export(service, each) for each in finishes if each.export}
    left = set()
    for each in finishes:
        if each.correct:
            changed = correct(service, worker, each)
            left |= {each.claim.request_id} if changed is None else set()
            done[each.claim.request_id] = changed or 0
    finishes = tuple(each for each in finishes if each.claim.request_id not in left)
    doomed = [lead for each in finishes if each.shred for lead in each.leads]
    if doomed:
        service.keys.write(lambda session: vault.destroy_each(session, doomed, now=service.clock()))
    service.main.write(lambda session: _finish(session, service, worker, finishes, done))
    if doomed:
        service.keys.scrub()
        service.main.scrub()


def _finish(
    session: Session,
    service: Service,
    worker: Worker,
    finishes: Sequence[Finish],
    done: Mapping[str, int],
) -> None:
    """The requests are completed and certified in one transaction."""
    now = service.clock()
    ended = finishing.end(session, worker, finishes, done=done, now=now)
    certifying.issue(session, service.receipt_signer, service.settings.controller, ended, now=now)


def _export(service: Service, finish: Finish) -> int:
    """The service's own data on the leads, spooled as one more store; how many rows they are."""
    request_id = finish.claim.request_id
    key = request_keys(service, [request_id]).get(request_id)
    if key is None:
        raise RequestClosedError("the request's key is destroyed")
    told = service.main.write(
        lambda session: own_openings.announce(
            session, finish.leads, request_id, purpose=Purpose.EXPORT, now=service.clock()
        )
    )
    with service.main.read() as session:
        portable = records.read(session, request_id).type == RequestType.PORTABILITY
        leads = request_keys(service, finish.leads)
        rows = [
            row
            for lead, data_key in leads.items()
            for row in own_export.rows_of(session, data_key, told[lead], portable=portable)
        ]
        sources = [each for lead in finish.leads for each in own_export.sources_of(session, lead)]
        stores = register.active_stores(session)
    about = article_15(Told(service.settings.controller, stores, sources))
    for store in (OWN_STORE, spool.ABOUT):
        service.main.write(_clearing(request_id, store))
    lines = [jobs.exported_line(row) for row in rows]
    for number, start in enumerate(range(0, len(lines), LINES_A_PIECE)):
        service.main.write(adding(key, OWN_STORE, number, b"".join(lines[start : start + LINES_A_PIECE])))
    service.main.write(adding(key, spool.ABOUT, 0, json.dumps(about, ensure_ascii=False).encode()))
    return len(rows)


def _clearing(request_id: str, store: str) -> Callable[[Session], None]:
    """The write that forgets an earlier try."""
    return lambda session: spool.clear(session, request_id, store)
