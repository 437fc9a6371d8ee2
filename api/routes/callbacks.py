"""Where a store calls back when it has finished what it took on; the token in the address is its authority.

What it says is noted, never believed alone: its step is carried on, and reads back. A call that comes again
is answered like the first and changes nothing.
"""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, request

from api.auth import public
from api.context import Service, current
from api.problems import Problem, problem
from api.schemas.callbacks import CallTaken
from api.shapes import read_body, read_json, returns
from governance.requests import errands
from governance.stores import register
from governance.stores.errors import StoreError
from governance.stores.http.asking import secret_of
from governance.stores.http.callbacks import is_signed, said
from governance.stores.http.description import Job, Signature

blueprint = Blueprint("callbacks", __name__)

LARGEST_CALL = 64 * 1024


@blueprint.post("/v1/stores/<key>/callbacks/<token>")
@public
@returns(CallTaken, 202)
def take(key: str, token: str) -> dict[str, Any]:
    """A store says how far the work is that it took on; the address was told to it alone."""
    service = current()
    job = _job(service, key, token)
    raw = read_body(LARGEST_CALL)
    signature = None if job.callback is None else job.callback.signature
    if signature is not None and not _is_signed(service, signature, raw):
        raise problem(403, "signature_invalid", HTTPStatus(403).phrase, "The call is not signed as agreed.")
    told = job.callback is not None and job.callback.state is not None
    ended = said(job, read_json(LARGEST_CALL) if told else None)
    if ended is not None:
        now = service.clock()
        service.main.write(lambda session: errands.answer(session, key, token, ended, now=now))
    return {"status": "accepted"}


def _job(service: Service, key: str, token: str) -> Job:
    """What the store's document says of the work that the token was made for.

    Raises:
        Problem: 404; no store was told this address, or it is not to call any more.
    """
    with service.main.read() as session:
        table = errands.table_of(session, key, token)
        stored = None if table is None else register.find(session, key)
    http = None if stored is None else stored.parsed.http
    calls = None if http is None or table is None else http.tables.get(table)
    if calls is None or calls.job is None or calls.job.callback is None:
        raise _nobody()
    return calls.job


def _is_signed(service: Service, signature: Signature, raw: bytes) -> bool:
    """Whether the store's secret signed it; without the secret nothing is."""
    try:
        secret = secret_of(service.settings.store_secrets, signature.secret)
    except StoreError:
        return False
    return is_signed(signature, secret, {name.lower(): value for name, value in request.headers}, raw)


def _nobody() -> Problem:
    return problem(404, "not_found", HTTPStatus(404).phrase, "Nobody was told this address.")
