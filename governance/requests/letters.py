"""Letters to the person: what must be said follows from the trail, and is written with the request's key.

The entry that a request came in, was extended, refused or completed leaves, in its own transaction, a row
that a letter is due (`records.tell_many`). A duty writes the letter a second later, for it needs the key. So
whichever way a request was refused, the person is told, and never of what was rolled back.

A letter goes to the first mail address of the request that is one person's. Once it is approved that is one
that was asked with and the lead is known by, where the code went that showed who asks; else another of the
lead's; and only then one that nobody but whoever asked has named. Where none is known, or no mail can be
sent, it is kept as failed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, delete, exists, select
from sqlalchemy.orm import Session

from audit.actions import Action as Told
from consent.vocabulary import IdentifierKind
from governance.messages import queue
from governance.messages.patience import DeliveryCode
from governance.messages.queue import Letter
from governance.messages.tables import MessageRow, MessageState
from governance.messages.topics import Topic
from governance.requests import case_file, recipients, subjects, wording
from governance.requests.recipients import Informed
from governance.requests.tables import LetterDueRow, RequestRow, StepRow
from governance.requests.vocabulary import (
    Ground,
    Regime,
    RequestType,
    Status,
    StepStatus,
    Submitter,
)
from governance.requests.wording import About
from governance.stores.mapping import StoreDocument
from governance.stores.protocol import Identity
from governance.vault.sealing import DataKey

TOPICS = {
    Told.REQUEST_CREATED: Topic.LETTER_RECEIVED,
    Told.REQUEST_EXTENDED: Topic.LETTER_EXTENDED,
    Told.REQUEST_REFUSED: Topic.LETTER_REFUSED,
    Told.REQUEST_COMPLETED: Topic.LETTER_COMPLETED,
}
WRITE = {
    Topic.LETTER_RECEIVED: wording.acknowledgement,
    Topic.LETTER_EXTENDED: wording.extension,
    Topic.LETTER_REFUSED: wording.refusal,
    Topic.LETTER_COMPLETED: wording.completion,
}


WAITED_FOR = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes, and whether mail can be sent at all."""

    company: str
    has_post: bool


def due(session: Session, *, limit: int) -> dict[str, str]:
    """The letters to be written, the longest waiting first: their ids, and the requests they are about."""
    query = select(LetterDueRow).order_by(LetterDueRow.at, LetterDueRow.entry_id).limit(limit)
    return {row.entry_id: row.request_id for row in session.scalars(query)}


def none_left(now: datetime) -> ColumnElement[bool]:
    """That no letter of a request is still to be written or sent: its key must live until then.

    The wait is bounded: what was sent in vain is given up within about a day, and whoever did not come to
    write for `WAITED_FOR` does not keep identities alive. Such a letter fails, and is seen to have failed.
    """
    unwritten = exists().where(LetterDueRow.request_id == RequestRow.id, LetterDueRow.at > now - WAITED_FOR)
    unsent = exists().where(MessageRow.owner == RequestRow.id, MessageRow.state == MessageState.QUEUED)
    return and_(~unwritten, ~unsent)


def write(
    session: Session,
    keys: Mapping[str, DataKey],
    sender: Sender,
    documents: Sequence[StoreDocument],
    entry_ids: Sequence[str],
    *,
    now: datetime,
) -> int:
    """Writes those of the letters that nobody else is writing; says how many.

    Args:
        session: A writing session.
        keys: The keys of their requests; one whose key is gone has nobody to write to any more.
        sender: Who writes.
        documents: The active stores, whose recipients are named.
        entry_ids: Which letters, as `due` gave them.
        now: The moment.
    """
    query = select(LetterDueRow).where(LetterDueRow.entry_id.in_(entry_ids)).order_by(LetterDueRow.entry_id)
    rows = session.scalars(query.with_for_update(skip_locked=True)).all()
    ids = sorted({row.request_id for row in rows})
    requests = {row.id: row for row in session.scalars(select(RequestRow).where(RequestRow.id.in_(ids)))}
    told, steps = recipients.informed(session, ids, documents), _steps(session, ids)
    coded = _coded(session, ids)
    composed = []
    for row in rows:
        topic, request, key = TOPICS[Told(row.action)], requests[row.request_id], keys.get(row.request_id)
        if topic is Topic.LETTER_RECEIVED and (request.id in coded or request.finished_at is not None):
            continue
        if key is None:
            queue.keep_lost(session, request.id, topic, DeliveryCode.KEY_DESTROYED, now=now)
            continue
        about = _about(sender, request, steps[request.id], told[request.id], now)
        letter = _letter(topic, key, request, about)
        if letter.to is not None or _is_posted(topic, request):
            composed.append((key, letter))
    queue.post_many(session, composed, now=now, unsendable=unsendable(sender))
    for row in rows:
        session.delete(row)
    return len(rows)


def give_up(session: Session, entry_id: str, *, now: datetime) -> None:
    """A letter that can not be written, whatever is wrong, is due no more, and seen to have failed."""
    row = session.get(LetterDueRow, entry_id, with_for_update=True)
    if row is not None:
        topic = TOPICS[Told(row.action)]
        queue.keep_lost(session, row.request_id, topic, DeliveryCode.UNEXPECTED, now=now)
        session.delete(row)


def spare_receipt(session: Session, request_id: str) -> None:
    """No receipt is due: whoever asked has read that the request came in, and strangers are not flooded."""
    session.execute(
        delete(LetterDueRow).where(
            LetterDueRow.request_id == request_id, LetterDueRow.action == Told.REQUEST_CREATED
        )
    )


def unsendable(sender: Sender) -> DeliveryCode | None:
    """Why a letter need not be tried."""
    return None if sender.has_post else DeliveryCode.NOT_CONFIGURED


def address_of(identities: Sequence[Identity]) -> str | None:
    """The first mail address that is one person's; a mailbox that several read gets no letter. Pure."""
    for identity in identities:
        own = identity.kind is IdentifierKind.EMAIL and not identity.shared
        if own and subjects.identifier_of(identity).identifying:
            return identity.value
    return None


def opened_identities(key: DataKey, row: RequestRow) -> tuple[Identity, ...]:
    """Whom a request is about; nobody any more once that is forgotten."""
    if row.identities is None:
        return ()
    return case_file.open_identities(key, row.id, row.sealed_version, row.identities)


def _is_posted(topic: Topic, row: RequestRow) -> bool:
    """Whether a person should print what no mail can bring.

    Never a receipt. Nor, where an agent asked, that it is done: agents ask by the thousand, and know from the
    results of their list what became of each.
    """
    by_agent = row.submitted_by == Submitter.AUTHORISED_AGENT
    return topic is not Topic.LETTER_RECEIVED and not (by_agent and topic is Topic.LETTER_COMPLETED)


def _letter(topic: Topic, key: DataKey, row: RequestRow, about: About) -> Letter:
    """One letter, to whom it goes, with what an officer wrote for it."""
    written = WRITE[topic](replace(about, why=_why(key, row, topic)))
    return Letter(topic, address_of(opened_identities(key, row)), written.subject, written.text)


def _about(
    sender: Sender, row: RequestRow, steps: Sequence[StepRow], told: Sequence[Informed], now: datetime
) -> About:
    """What the letters say of this request."""
    place = ZoneInfo(row.time_zone)
    respond_by = date.fromisoformat(json.loads(row.deadlines)["respond_by"])
    refused = row.status == Status.REFUSED
    return About(
        company=sender.company,
        request_id=row.id,
        type=RequestType(row.type),
        regime=Regime(row.regime),
        status=Status(row.status),
        received_on=row.received_at.astimezone(place).date(),
        respond_by=respond_by if respond_by >= now.astimezone(place).date() else None,
        ground=Ground(row.reason) if refused and row.reason else None,
        look_back_on=None if row.key_until is None else row.key_until.astimezone(place).date(),
        exemptions=tuple(
            (step.reason or "").partition(":")[0] for step in steps if step.status == StepStatus.EXEMPT
        ),
        recipients=tuple(dict.fromkeys(each.name for each in told if each.was_told)),
    )


def _why(key: DataKey, row: RequestRow, topic: Topic) -> str | None:
    """What an officer wrote to explain a refusal, or an extension."""
    column = {Topic.LETTER_REFUSED: "explanation", Topic.LETTER_EXTENDED: "extension_reason"}.get(topic)
    sealed = None if column is None else getattr(row, column)
    return None if column is None or sealed is None else case_file.open_text(key, row.id, column, sealed)


def _steps(session: Session, request_ids: Sequence[str]) -> dict[str, list[StepRow]]:
    found: dict[str, list[StepRow]] = {request_id: [] for request_id in request_ids}
    for step in session.scalars(select(StepRow).where(StepRow.request_id.in_(request_ids))):
        found[step.request_id].append(step)
    return found


def _coded(session: Session, request_ids: Sequence[str]) -> frozenset[str]:
    """The requests whose asker was sent a code: that letter says already that the request came in."""
    query = select(MessageRow.owner).where(
        MessageRow.owner.in_(request_ids), MessageRow.topic == Topic.CODE_SENT
    )
    return frozenset(owner for owner in session.scalars(query) if owner is not None)
