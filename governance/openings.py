"""How many people an actor may open in an hour and in a day: counted in the transaction that announces it.

Every way in counts the same: look-ups, hit or miss; packages; candidates of a store. The rows are counted
where they are written, in a serialisable transaction, so however many processes serve one key, they agree.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from audit.actions import Action
from audit.ids import new_id
from audit.log import append
from governance.messages.queue import announce
from governance.messages.topics import Topic
from governance.scopes import Allowance
from governance.tables import OpeningRow

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
REFUSAL = 0  # a row of nobody: the operator was told of a refusal then


@dataclass(frozen=True, slots=True)
class Opener:
    """Who opens, and how much; what the allowance leaves open is not limited."""

    id: str
    allowance: Allowance


@dataclass(frozen=True, slots=True)
class Refused:
    """More than is allowed; asking again is of no use before `wait` is over."""

    wait: timedelta


def admit(session: Session, opener: Opener, *, people: int, now: datetime) -> Refused | None:
    """Count an opening of so many people, before it; or refuse it, which the trail and the operator are told.

    A refused opening counts for nothing: whoever waits is let in again.
    """
    mine = OpeningRow.actor == opener.id
    session.execute(delete(OpeningRow).where(mine, OpeningRow.at <= now - DAY))
    for span, most in ((HOUR, opener.allowance.an_hour), (DAY, opener.allowance.a_day)):
        if most is None:
            continue
        opened = session.scalar(select(func.sum(OpeningRow.people)).where(mine, OpeningRow.at > now - span))
        if (opened or 0) + people > most:
            _tell(session, opener.id, span, most, now)
            return Refused(_wait(session, opener.id, span, most - people, now))
    session.add(OpeningRow(id=new_id(now), actor=opener.id, at=now, people=people))
    return None


def _wait(session: Session, actor: str, span: timedelta, room: int, now: datetime) -> timedelta:
    """Until no more than `room` people were opened within the span; the whole span where that is never."""
    newest_first = (
        select(OpeningRow.at, OpeningRow.people)
        .where(OpeningRow.actor == actor, OpeningRow.at > now - span)
        .order_by(OpeningRow.at.desc())
    )
    opened = 0
    for at, people in session.execute(newest_first):
        opened += people
        if opened > room:
            return at + span - now
    return span


def _tell(session: Session, actor: str, span: timedelta, most: int, now: datetime) -> None:
    """An entry each time; a message to the operator at most once an hour, for a program may go on asking."""
    told = "hour" if span == HOUR else "day"
    entry = append(session, Action.OPENING_REFUSED, actor=actor, now=now, facts={"per": told, "most": most})
    lately = (
        select(OpeningRow.id)
        .where(OpeningRow.actor == actor, OpeningRow.people == REFUSAL, OpeningRow.at > now - HOUR)
        .limit(1)
    )
    if session.scalar(lately) is None:
        session.add(OpeningRow(id=new_id(now), actor=actor, at=now, people=REFUSAL))
        announce(
            session,
            Topic.OPENINGS_REFUSED,
            facts={"actor": actor, "per": told, "most": most, "entry_id": entry.entry_id},
            now=now,
        )
