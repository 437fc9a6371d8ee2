"""`Idempotency-Key`: the same call twice is carried out once, and answered twice with the same answer.

    @blueprint.post("/v1/leads")
    @needs("leads:write")
    @idempotent
    @accepts(NewLead)
    @returns(LeadTaken, 201)
    def create(body):
        return write_once(lambda session: (answer_of(take_in(session, ...)), 201))

The answer is stored by `write_once` in the transaction of the change: there is never one without the other.
Of two calls at once the second finds the answer of the first. Only answers are kept: a call that was
refused may be corrected and sent again under its key.
"""

import functools
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, TypeVar, cast

from flask import g, json, request
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.context import caller, current
from api.declared import declared
from api.problems import Problem, problem
from api.shapes import read_body
from api.tables import AnswerRow

V = TypeVar("V", bound=Callable[..., Any])
Answer = tuple[dict[str, Any], int]
KEPT = timedelta(hours=24)
LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class Once:
    """What makes a call the same call."""

    id: bytes
    request: bytes = field(repr=False)


def idempotent(view: V) -> V:
    """Answer a repeated call from its stored answer; the view writes by `write_once`."""
    declared(view).idempotent = True

    @functools.wraps(view)
    def once(*args: Any, **kwargs: Any) -> Any:
        g.once = _once()
        if g.once is not None:
            service = current()
            now = service.clock()
            with service.main.read() as session:
                stored = _stored(session, g.once, now)
            if stored is not None:
                return stored
        return view(*args, **kwargs)

    return cast("V", once)


def write_once(work: Callable[[Session], Answer]) -> Answer:
    """`current().main.write(work)`, with the answer stored beside the change where the caller sent a key.

    `work` gives the JSON body and the status that the view answers with.

    Raises:
        Problem: 422 `idempotency_mismatch`, the key was used for another body.
    """
    service, once = current(), cast("Once | None", g.get("once"))
    if once is None:
        return service.main.write(work)
    now = service.clock()
    try:
        return service.main.write(lambda session: _work_once(session, once, work, now))
    except IntegrityError:
        with service.main.read() as session:
            stored = _stored(session, once, now)
        if stored is None:
            raise
        return stored


def forget_old_answers(session: Session, now: datetime) -> int:
    """Delete the answers whose time is over; returns how many."""
    statement = delete(AnswerRow).where(AnswerRow.created_at <= now - KEPT)
    return session.connection().execute(statement).rowcount


def _work_once(session: Session, once: Once, work: Callable[[Session], Answer], now: datetime) -> Answer:
    stored = _stored(session, once, now)
    if stored is not None:
        return stored
    body, status = work(session)
    session.merge(
        AnswerRow(
            id=once.id,
            request=once.request,
            status=status,
            body=json.dumps(body),
            created_at=now,
        )
    )
    session.flush()
    return body, status


def _stored(session: Session, once: Once, now: datetime) -> Answer | None:
    row = session.get(AnswerRow, once.id)
    if row is None or row.created_at <= now - KEPT:
        return None
    if not hmac.compare_digest(row.request, once.request):
        raise _mismatch()
    return json.loads(row.body), row.status


def _once() -> Once | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        detail = f"An Idempotency-Key has 1 to {LONGEST_KEY} printable ASCII characters."
        raise problem(400, "idempotency_key_malformed", HTTPStatus(400).phrase, detail)
    route = f"{request.method} {request.path}"
    parts = (caller().id, route, key)
    identity = hashlib.sha256("\0".join(parts).encode()).digest()
    return Once(identity, hmac.digest(key.encode(), read_body(), "sha256"))


def _mismatch() -> Problem:
    detail = "This Idempotency-Key was used for another body."
    return problem(422, "idempotency_mismatch", HTTPStatus(422).phrase, detail)
