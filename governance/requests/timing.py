"""The calls that move a request's clocks: pause, resume, extend. The dates follow in `clocks`."""

from datetime import datetime

from sqlalchemy.orm import Session

from audit.actions import Action as Told
from audit.ids import new_id
from audit.log import Appended
from governance.errors import IllegalChangeError
from governance.requests import case_file, machine, records
from governance.requests.tables import PauseRow
from governance.requests.vocabulary import PauseReason
from governance.vault.sealing import DataKey


def pause(session: Session, request_id: str, reason: PauseReason, *, now: datetime, actor: str) -> Appended:
    """More was asked of the person: who they are, or what they mean."""
    row = records.load(session, request_id)
    machine.paused(records.case_of(session, row))
    session.add(PauseRow(id=new_id(now), request_id=row.id, reason=reason, asked_at=now))
    return records.tell(session, row.id, Told.REQUEST_PAUSED, actor=actor, now=now, facts={"reason": reason})


def resume(session: Session, request_id: str, reason: PauseReason, *, now: datetime, actor: str) -> Appended:
    """The answer came.

    Raises:
        IllegalChangeError: the request is not paused, or for another reason.
    """
    row = records.load(session, request_id)
    machine.resumed(records.case_of(session, row))
    waiting = records.open_pause(session, row.id)
    if waiting is None or waiting.reason != reason:
        raise IllegalChangeError("the request is paused for another reason")
    waiting.received_at = now
    return records.tell(session, row.id, Told.REQUEST_RESUMED, actor=actor, now=now, facts={"reason": reason})


def extend(
    session: Session, key: DataKey, request_id: str, reason: str, *, now: datetime, actor: str
) -> Appended:
    """The one extension; its reason, which the person is told, is sealed."""
    row = records.load(session, request_id)
    machine.extended(records.case_of(session, row))
    row.extended_at = now
    row.extension_reason = case_file.seal_text(key, row.id, "extension_reason", reason)
    return records.tell(session, row.id, Told.REQUEST_EXTENDED, actor=actor, now=now)
