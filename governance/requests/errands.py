"""What stores have begun for requests and not finished: written down, called back about, ended.

Row, name and token stand sealed under the request's key; of the token a digest stands beside, by which a call
is known. A call only notes how the store says that it ended, and wakes the step: what is gone is read back.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from audit.actions import Action as Told
from audit.entry import SERVICE
from audit.ids import random_id
from governance.requests import case_file, records
from governance.requests.tables import ErrandRow, StepRow
from governance.requests.vocabulary import Action, StepStatus
from governance.stores.errands import Called, Errand
from governance.stores.protocol import RowRef
from governance.vault.sealing import DataKey

TOKEN_BYTES = 32
TOKEN, NAME = "token", "name"


def open_ones(session: Session, key: DataKey, store: str, address: str, *, now: datetime) -> list[Errand]:
    """The errands of the key's request that have not ended; their tokens go behind `address`."""
    query = select(ErrandRow).where(
        ErrandRow.request_id == key.owner, ErrandRow.store == store, ErrandRow.ended_at.is_(None)
    )
    return [_opened(key, row, address, now) for row in session.scalars(query)]


def begin(session: Session, key: DataKey, store: str, row: RowRef, address: str) -> Errand:
    """A new errand, with an address of its own."""
    errand, token = Errand(random_id(), row), secrets.token_urlsafe(TOKEN_BYTES)
    said = {TOKEN: token, NAME: ""}
    session.add(
        ErrandRow(
            id=errand.id,
            request_id=key.owner,
            store=store,
            table_name=row.table,
            sealed=case_file.seal_errand(key, errand.id, 1, row, said),
            sealed_version=1,
            digest=digest_of(token),
        )
    )
    return replace(errand, callback=address + token)


def take(session: Session, key: DataKey, errand: Errand, name: str, *, now: datetime) -> None:
    """The store took it on."""
    row = session.get_one(ErrandRow, errand.id, with_for_update=True)
    ref, said = case_file.open_errand(key, row.id, row.sealed_version, row.sealed)
    row.sealed_version += 1
    row.sealed = case_file.seal_errand(key, row.id, row.sealed_version, ref, said | {NAME: name})
    row.taken_at = now


def end(session: Session, errand: Errand, *, now: datetime) -> None:
    """It is over."""
    session.get_one(ErrandRow, errand.id, with_for_update=True).ended_at = now


def end_all(session: Session, request_id: str, *, now: datetime) -> None:
    """Nobody waits for any of the request's any more."""
    mine = update(ErrandRow).where(ErrandRow.request_id == request_id, ErrandRow.ended_at.is_(None))
    session.execute(mine.values(ended_at=now))


def table_of(session: Session, store: str, token: str) -> str | None:
    """The table of the errand that a token was made for; None where nobody was given it."""
    query = select(ErrandRow.table_name).where(ErrandRow.store == store, ErrandRow.digest == digest_of(token))
    return session.scalars(query).one_or_none()


def answer(session: Session, store: str, token: str, said: Called, *, now: datetime) -> None:
    """Notes how the store says that an errand ended, once, and wakes its step; later calls change nothing."""
    query = select(ErrandRow).where(ErrandRow.store == store, ErrandRow.digest == digest_of(token))
    row = session.scalars(query.with_for_update()).one_or_none()
    if row is None or row.answer is not None or row.ended_at is not None:
        return
    row.answer = said
    facts = {"store": store, "action": Action.ERASE.value, "said": said.value}
    records.tell(session, row.request_id, Told.REQUEST_STEP_CALLED, actor=SERVICE, now=now, facts=facts)
    wake(session, [row.request_id], now=now)


def wake(session: Session, request_ids: Collection[str], *, now: datetime) -> None:
    """Makes the steps due whose stores have called; one that was at work meanwhile is not kept waiting."""
    session.flush()
    called = (
        select(ErrandRow.request_id, ErrandRow.store)
        .where(ErrandRow.request_id.in_(request_ids), ErrandRow.answer.is_not(None))
        .where(ErrandRow.ended_at.is_(None))
    )
    places = {(request_id, store) for request_id, store in session.execute(called)}
    if not places:
        return
    waiting = select(StepRow).where(
        StepRow.request_id.in_(request_ids), StepRow.status == StepStatus.QUEUED, StepRow.due_at > now
    )
    for step in session.scalars(waiting.with_for_update()):
        if (step.request_id, step.store) in places and step.action == Action.ERASE:
            step.due_at = now


def digest_of(token: str) -> bytes:
    """What is kept of a token: it has 256 random bits, so a bare hash gives nothing away."""
    return hashlib.sha256(token.encode()).digest()


def _opened(key: DataKey, row: ErrandRow, address: str, now: datetime) -> Errand:
    ref, said = case_file.open_errand(key, row.id, row.sealed_version, row.sealed)
    return Errand(
        row.id,
        ref,
        name=said[NAME] or None,
        callback=address + said[TOKEN],
        answer=None if row.answer is None else Called(row.answer),
        age=timedelta(0) if row.taken_at is None else now - row.taken_at,
    )
