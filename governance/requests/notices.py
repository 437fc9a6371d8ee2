"""Mails to recipients who have no interface: one for each step that waits for them, and tracked there."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from consent.vocabulary import IdentifierKind
from governance.messages import queue
from governance.messages.queue import Letter
from governance.messages.topics import Topic
from governance.requests import letters, machine, wording
from governance.requests.letters import Sender
from governance.requests.recipients import CHANGING
from governance.requests.tables import RecipientRow, RequestRow, StepRow
from governance.requests.vocabulary import Regime, RequestType, Status, StepError, StepStatus
from governance.requests.wording import About
from governance.stores.errors import StoreCode
from governance.stores.mapping import StoreDocument, StoreKind
from governance.stores.protocol import Identity
from governance.vault.sealing import DataKey

Place = tuple[str, str]
"""A request and a store."""

LEAST_TIME = timedelta(days=3)
"""A recipient is given the days until the safe date, and no fewer than these."""

WAITING_FOR_THEM = (StoreCode.BY_HAND.value, StepError.NOT_AUTOMATIC.value)


def reachable(documents: Sequence[StoreDocument]) -> dict[str, StoreDocument]:
    """The stores behind which a recipient can be written to. Pure."""
    return {
        each.store: each
        for each in documents
        if each.kind is StoreKind.MANUAL and each.recipient is not None and each.recipient.contact
    }


def due(session: Session, documents: Mapping[str, StoreDocument], *, limit: int) -> list[Place]:
    """The steps of open requests whose recipient is to be written to, and was not."""
    query = (
        select(StepRow.request_id, StepRow.store)
        .join(RequestRow, RequestRow.id == StepRow.request_id)
        .outerjoin(
            RecipientRow,
            and_(RecipientRow.request_id == StepRow.request_id, RecipientRow.store == StepRow.store),
        )
        .where(StepRow.status == StepStatus.WAITING_FOR_PERSON, StepRow.last_error.in_(WAITING_FOR_THEM))
        .where(StepRow.store.in_(sorted(documents)), StepRow.action.in_(sorted(CHANGING)))
        .where(RequestRow.status.in_(sorted(machine.AT_WORK)), RecipientRow.request_id.is_(None))
        .order_by(StepRow.due_at, StepRow.request_id)
        .limit(limit)
    )
    return [(request_id, store) for request_id, store in session.execute(query)]


def write(
    session: Session,
    keys: Mapping[str, DataKey],
    sender: Sender,
    documents: Mapping[str, StoreDocument],
    places: Sequence[Place],
    *,
    now: datetime,
) -> int:
    """Writes to the recipients of these steps, unless that was done meanwhile; says to how many."""
    fresh = [
        place
        for place in places
        if place[0] in keys and session.get(RecipientRow, place, with_for_update=True) is None
    ]
    composed = [
        (keys[place[0]], _notice(session, keys[place[0]], sender, documents[place[1]], now=now))
        for place in fresh
    ]
    unsendable = letters.unsendable(sender)
    message_ids = queue.post_many(session, composed, now=now, unsendable=unsendable)
    session.add_all(
        RecipientRow(request_id=request_id, store=store, message_id=message_id)
        for (request_id, store), message_id in zip(fresh, message_ids, strict=True)
    )
    return len(fresh)


def give_up(session: Session, place: Place) -> None:
    """A mail that can not be written is asked for no more: the step waits for a person all the same."""
    if session.get(RecipientRow, place, with_for_update=True) is None:
        session.add(RecipientRow(request_id=place[0], store=place[1]))


def known_to(document: StoreDocument, identities: Sequence[Identity]) -> list[str]:
    """What the recipient can find the person by: never what others use too, or another system's ids. Pure."""
    return [
        each.value
        for each in identities
        if not each.shared and (each.kind is not IdentifierKind.EXTERNAL or each.system == document.store)
    ]


def _notice(
    session: Session, key: DataKey, sender: Sender, document: StoreDocument, *, now: datetime
) -> Letter:
    row = session.get_one(RequestRow, key.owner)
    place = ZoneInfo(row.time_zone)
    safe_by = date.fromisoformat(json.loads(row.deadlines)["safe_by"])
    about = About(
        company=sender.company,
        request_id=row.id,
        type=RequestType(row.type),
        regime=Regime(row.regime),
        status=Status(row.status),
        received_on=row.received_at.astimezone(place).date(),
        respond_by=max(safe_by, (now + LEAST_TIME).astimezone(place).date()),
        lifted=row.lifted_at is not None,
    )
    known = known_to(document, letters.opened_identities(key, row))
    written = wording.to_recipient(about, known, document.instructions)
    to = document.recipient.contact if document.recipient is not None else None
    return Letter(Topic.RECIPIENT_TOLD, to, written.subject, written.text)
