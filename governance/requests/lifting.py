"""Lifting a restriction: the person is told before it ends (GDPR, Article 18(3)), then it ends everywhere.

announce    the letter is queued, or an officer has told the person otherwise; a date is set
due         the date has come, and the letter was sent `NOTICE` ago; one that failed holds the lifting up
            until somebody sends it again
lift        contact is decided without the restriction from here on; the stores take their marks away, and the
            recipients that were told of it are told
"""

from datetime import date, datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from audit.actions import Action as Told
from audit.entry import SERVICE
from audit.log import Appended
from governance.errors import IllegalChangeError
from governance.messages.queue import Letter, post_many
from governance.messages.tables import MessageRow, MessageState
from governance.requests import effects, leases, machine, recipients, records, review
from governance.requests.tables import RequestRow
from governance.requests.vocabulary import OWN_STORE, Action, RequestType, Status, StepStatus
from governance.vault.sealing import DataKey

NOTICE = timedelta(days=3)
"""How long before its end the person is told, at least; the law names no number."""


def announce(
    session: Session,
    key: DataKey,
    letter: Letter | None,
    lift_at: datetime,
    *,
    now: datetime,
    actor: str,
) -> Appended:
    """Sets the date on which the restriction of the request that `key` belongs to ends.

    Args:
        session: A writing session.
        key: The request's own key.
        letter: What the person is told; None: they were told by other means.
        lift_at: When it ends.
        now: The moment.
        actor: Who decided it.

    Raises:
        IllegalChangeError: no restriction is in force by this request, or its end is set already.
    """
    row = records.load(session, key.owner)
    standing = row.type == RequestType.RESTRICTION and row.approved_at is not None
    if not standing or Status(row.status) not in machine.FINISHED | machine.AT_WORK:
        raise IllegalChangeError("by this request no restriction is in force")
    if row.lift_at is not None:
        raise IllegalChangeError("the end of this restriction is set already")
    row.lift_at = lift_at
    if letter is not None:
        [row.lift_notice] = post_many(session, [(key, letter)], now=now)
    return records.tell(
        session,
        row.id,
        Told.REQUEST_LIFT_ANNOUNCED,
        actor=actor,
        now=now,
        facts={"lift_at": lift_at.isoformat(), "by_letter": letter is not None},
    )


def due(session: Session, *, now: datetime, limit: int) -> list[str]:
    """The requests whose restriction ends now: of those whose letter was sent in time, or that needed none.

    Of a person who was erased meanwhile nothing is used again, and no store could find them.
    """
    told = and_(MessageRow.state == MessageState.SENT, MessageRow.ended_at <= now - NOTICE)
    query = (
        select(RequestRow.id)
        .outerjoin(MessageRow, MessageRow.id == RequestRow.lift_notice)
        .where(RequestRow.lift_at <= now, RequestRow.lifted_at.is_(None))
        .where(or_(RequestRow.lift_notice.is_(None), told))
        .where(RequestRow.status.in_(machine.FINISHED | machine.AT_WORK), RequestRow.key_until.is_(None))
    )
    return list(session.scalars(query.order_by(RequestRow.lift_at).limit(limit)))


def lift(session: Session, request_id: str, *, now: datetime) -> bool:
    """Ends the restriction here, and lets every store take its mark away; says whether it still stood."""
    row = records.load(session, request_id)
    if row.lifted_at is not None or row.lift_at is None or row.key_until is not None:
        return False
    row.status = machine.lifted(records.case_of(session, row)).status
    row.lifted_at, row.finished_at, row.key_until = now, None, None
    told = records.tell(session, row.id, Told.REQUEST_LIFTED, actor=SERVICE, now=now)
    leads = review.released(session, row)
    effects.restrict(session, leads, entry_id=told.entry_id, now=now, lifted=True)
    steps = records.steps_of(session, row.id)
    for step in steps:
        if step.store != OWN_STORE and step.action == Action.RESTRICT and step.status != StepStatus.QUEUED:
            leases.requeue(step, now=now)
            records.keep_history(session, step, actor=SERVICE, now=now)
    recipients.tell_anew(session, row.id)
    records.settle(row, steps, now=now)
    return True


def letter(company: str, request_id: str, on: date, explanation: str) -> str:
    """What the person is told before the restriction ends, in plain words. Pure."""
    said = f"You asked us to keep your data and not to use them. We will use them again from {on} on."
    after = "If you do not agree, please answer before that day. You may also complain to the authority."
    number = f"The number of the request is {request_id}."
    return f"Dear Sir or Madam,\n\n{said}\n\n{explanation}\n\n{after}\n\n{number}\n\n{company}\n"
