"""The calls on privacy requests, around the commits that they need: keys in one database, rows in the other.

A request's own key is minted and committed before the request; a key whose request never came is swept. What
a call needs opened is read before its transaction, which does no key-store work.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from api.arrivals import check_received
from api.context import Service
from audit.log import Appended
from governance import own_openings
from governance.errors import RequestClosedError, RequestExistsError, RequestUnknownError
from governance.identity import parse_reference
from governance.own_openings import Purpose
from governance.requests import (
    approvals,
    attention,
    clocks,
    corrections,
    intake,
    records,
    review,
    subjects,
    timing,
)
from governance.requests.recipients import Answer
from governance.requests.tables import RequestRow
from governance.requests.vocabulary import (
    Ground,
    Method,
    PauseReason,
    Regime,
    RequestType,
    Submitter,
)
from governance.stores import register
from governance.vault import keys as vault
from governance.vault.sealing import DataKey
from governance.vault.tables import KeyKind

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as a caller states it; what is None is derived, or is now."""

    id: str
    type: RequestType
    references: Sequence[Mapping[str, Any]] = field(repr=False)
    regime: Regime | None = None
    received_at: datetime | None = None
    time_zone: str | None = None
    submitted_by: Submitter = Submitter.DATA_SUBJECT
    note: str | None = field(default=None, repr=False)
    shared: bool = False
    """Taken in although an identifier fits several leads: then none of them is the request's."""
    also: Callable[[Session, DataKey, RequestRow], None] | None = field(default=None, compare=False)
    """What else belongs into the transaction of the new row: a code to whoever asks."""


def asked_for(body: Mapping[str, Any]) -> Asked:
    """What a validated `NewRequestBody` asks; the request gets an id of its own where it has none."""
    return Asked(
        id=str(body.get("id") or uuid.uuid4()),
        type=body["type"],
        references=body["identities"],
        regime=body.get("regime"),
        received_at=body.get("received_at"),
        time_zone=body.get("time_zone"),
        submitted_by=body["submitted_by"],
        note=body.get("note"),
    )


def take_in(
    service: Service,
    asked: Asked,
    *,
    actor: str,
    answer: Callable[[Session], T],
    commit: Callable[[Callable[[Session], T]], T],
) -> T:
    """Takes a request in; `commit` runs the work in a transaction, and `answer` is what it then gives.

    Raises:
        FactInvalidError: see `check_received`.
        RequestExistsError: the id is taken.
        LeadUnknownError, IdentityAmbiguousError, IdentityInvalidError: see `subjects.subject_of`.
    """
    now, references = service.clock(), [parse_reference(each) for each in asked.references]
    check_received(asked.received_at, now)
    with service.main.read() as session:
        _refuse_taken(session, asked.id)
        subject = subjects.subject_of(session, service.keyring, references, shared=asked.shared)
    new = intake.NewRequest(
        id=asked.id,
        type=asked.type,
        regime=asked.regime or subject.regime,
        received_at=asked.received_at or now,
        time_zone=asked.time_zone or service.settings.time_zone,
        submitted_by=asked.submitted_by,
        note=asked.note,
    )
    key = mint(service, asked.id, KeyKind.REQUEST, now)
    rulebook, calendar = service.rulebook(), service.settings.calendar

    def work(session: Session) -> T:
        _refuse_taken(session, asked.id)  # by another call, meanwhile
        row = intake.take_in(session, service.keyring, key, new, subject, now=now, actor=actor)
        clocks.set_deadlines(session, row, rulebook, calendar=calendar)
        if asked.also is not None:
            asked.also(session, key, row)
        return answer(session)

    return commit(work)


def verify(service: Service, request_id: str, method: Method, *, passed: bool, actor: str) -> Appended:
    """See `review.verify`."""
    now = service.clock()
    return service.main.write(
        lambda session: review.verify(session, request_id, method, passed=passed, now=now, actor=actor)
    )


def approve(
    service: Service, request_id: str, *, actor: str, stores: Sequence[str] | None = None
) -> Appended:
    """See `review.approve`; the stores are those that are active now."""
    now, key = service.clock(), request_key(service, request_id)
    with service.main.read() as session:
        row = records.read(session, request_id)
        active = register.active_stores(session)
        persons = approvals.needed(
            service.settings.second_approval, RequestType(row.type), Regime(row.regime), active
        )
        leads = records.leads_of(session, request_id)
        if stores is None:
            stores = [document.store for document in active]
    with service.keys.read() as session:
        lead_keys = vault.load(session, service.keyring, leads)
    told = service.main.write(
        lambda session: own_openings.announce(session, leads, request_id, purpose=Purpose.SEARCH, now=now)
    )

    def work(session: Session) -> Appended:
        own = subjects.own_identifiers(session, lead_keys, told)
        return review.approve(
            session,
            service.keyring,
            key,
            request_id,
            own=own,
            stores=stores,
            persons=persons,
            now=now,
            actor=actor,
        )

    return service.main.write(work)


def refuse(service: Service, request_id: str, ground: Ground, explanation: str, *, actor: str) -> Appended:
    """See `review.refuse`."""
    now, key = service.clock(), request_key(service, request_id)
    return service.main.write(
        lambda session: review.refuse(session, key, request_id, ground, explanation, now=now, actor=actor)
    )


def cancel(service: Service, request_id: str, *, actor: str) -> Appended:
    """See `review.cancel`."""
    now = service.clock()
    return service.main.write(lambda session: review.cancel(session, request_id, now=now, actor=actor))


def extend(service: Service, request_id: str, reason: str, *, actor: str) -> Appended:
    """See `timing.extend`."""
    now, key = service.clock(), request_key(service, request_id)
    rulebook, calendar = service.rulebook(), service.settings.calendar

    def work(session: Session) -> Appended:
        told = timing.extend(session, key, request_id, reason, now=now, actor=actor)
        clocks.set_deadlines(session, records.load(session, request_id), rulebook, calendar=calendar)
        return told

    return service.main.write(work)


def pause(service: Service, request_id: str, reason: PauseReason, *, actor: str) -> Appended:
    """See `timing.pause`."""
    now, rulebook, calendar = service.clock(), service.rulebook(), service.settings.calendar

    def work(session: Session) -> Appended:
        told = timing.pause(session, request_id, reason, now=now, actor=actor)
        clocks.set_deadlines(session, records.load(session, request_id), rulebook, calendar=calendar)
        return told

    return service.main.write(work)


def resume(service: Service, request_id: str, reason: PauseReason, *, actor: str) -> Appended:
    """See `timing.resume`."""
    now, rulebook, calendar = service.clock(), service.rulebook(), service.settings.calendar

    def work(session: Session) -> Appended:
        told = timing.resume(session, request_id, reason, now=now, actor=actor)
        clocks.set_deadlines(session, records.load(session, request_id), rulebook, calendar=calendar)
        return told

    return service.main.write(work)


def retry(service: Service, request_id: str, *, actor: str) -> Appended:
    """See `attention.retry`."""
    now = service.clock()
    return service.main.write(lambda session: attention.retry(session, request_id, now=now, actor=actor))


def complete(
    service: Service, request_id: str, store: str, *, actor: str, answer: Answer | None = None
) -> Appended:
    """See `attention.complete`."""
    now = service.clock()
    return service.main.write(
        lambda session: attention.complete(session, request_id, store, now=now, actor=actor, answer=answer)
    )


def decide(
    service: Service, request_id: str, store: str, answers: Mapping[str, bool], *, actor: str
) -> Appended:
    """See `attention.decide`."""
    now = service.clock()
    return service.main.write(
        lambda session: attention.decide(session, request_id, store, answers, now=now, actor=actor)
    )


def correct(
    service: Service, request_id: str, documents: Sequence[Mapping[str, Any]], *, actor: str
) -> Appended:
    """See `corrections.read` and `corrections.keep`."""
    now, wanted = service.clock(), corrections.read(documents)
    key = request_key(service, request_id)
    return service.main.write(lambda session: corrections.keep(session, key, wanted, now=now, actor=actor))


def request_key(service: Service, request_id: str) -> DataKey:
    """The request's own key.

    Raises:
        RequestUnknownError: there is no such request.
        RequestClosedError: its key is destroyed.
    """
    with service.main.read() as session:
        known = session.get(RequestRow, request_id) is not None
    if not known:
        raise RequestUnknownError("there is no such request")
    with service.keys.read() as session:
        found = vault.load(session, service.keyring, [request_id])
    if request_id not in found:
        raise RequestClosedError("the request is closed, and its identities are destroyed")
    return found[request_id]


def mint(service: Service, owner: str, kind: KeyKind, now: datetime) -> DataKey:
    """A key, committed before anything is sealed under it."""
    return service.keys.write(
        lambda session: vault.mint(session, service.keyring, [owner], kind=kind, now=now)
    )[owner]


def _refuse_taken(session: Session, request_id: str) -> None:
    if session.get(RequestRow, request_id) is not None:
        raise RequestExistsError("a request with this id exists")
