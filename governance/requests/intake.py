"""Taking a request in: sealed under its own key, its clocks started; an objection takes effect at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actions import Action as Told
from governance.errors import RequestExistsError
from governance.requests import case_file, effects, machine, records, subjects
from governance.requests.records import Telling
from governance.requests.subjects import Subject
from governance.requests.tables import RequestLeadRow, RequestRow
from governance.requests.vocabulary import Regime, RequestType, Submitter
from governance.vault.keyring import Keyring
from governance.vault.sealing import DataKey


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A request as it came in; its deadlines are set by `clocks`."""

    id: str
    type: RequestType
    regime: Regime
    received_at: datetime
    time_zone: str
    submitted_by: Submitter
    note: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request with its own key and the person it is about."""

    new: NewRequest
    key: DataKey
    subject: Subject


def take_in(
    session: Session,
    keyring: Keyring,
    key: DataKey,
    new: NewRequest,
    subject: Subject,
    *,
    now: datetime,
    actor: str,
) -> RequestRow:
    """Writes the request; its key was minted before, in the key store's own commit.

    Raises:
        RequestExistsError: the id is taken.
    """
    [row] = take_in_each(session, keyring, [Arrival(new, key, subject)], now=now, actor=actor)
    return row


def take_in_each(
    session: Session, keyring: Keyring, arrivals: Sequence[Arrival], *, now: datetime, actor: str
) -> list[RequestRow]:
    """`take_in` for many requests, with the statements of one.

    Raises:
        RequestExistsError: one of the ids is taken.
    """
    ids = [each.new.id for each in arrivals]
    if session.scalars(select(RequestRow.id).where(RequestRow.id.in_(ids))).first() is not None:
        raise RequestExistsError("a request with this id exists")
    rows = [_row(each, now) for each in arrivals]
    session.add_all(rows)
    session.add_all(
        RequestLeadRow(request_id=each.new.id, lead_id=lead)
        for each in arrivals
        for lead in each.subject.leads
    )
    tellings = [_created(each) for each in arrivals]
    told = records.tell_many(session, tellings, actor=actor, now=now)
    for each, entry in zip(arrivals, told, strict=True):
        kinds = effects.OBJECTIONS.get(each.new.type, ())
        if kinds:
            effects.object_now(
                session,
                keyring,
                kinds,
                each.subject.leads,
                subjects.objecting(each.subject),
                received_at=min(each.new.received_at, now),
                entry_id=entry.entry_id,
                now=now,
            )
    return rows


def _created(arrival: Arrival) -> Telling:
    """The entry of a new request, linked to its lead where it has one."""
    new, leads = arrival.new, arrival.subject.leads
    facts = {"type": new.type, "regime": new.regime, "submitted_by": new.submitted_by}
    return Telling(new.id, Told.REQUEST_CREATED, {**facts}, leads[0] if len(leads) == 1 else None)


def _row(arrival: Arrival, now: datetime) -> RequestRow:
    new, key = arrival.new, arrival.key
    return RequestRow(
        id=new.id,
        type=new.type,
        regime=new.regime,
        status=machine.opened(new.type).status,
        submitted_by=new.submitted_by,
        received_at=new.received_at,
        time_zone=new.time_zone,
        created_at=now,
        identities=case_file.seal_identities(key, new.id, 1, arrival.subject.identities),
        note=None if new.note is None else case_file.seal_text(key, new.id, "note", new.note),
    )
