"""The look-back: days after an erasure, has a sync brought the person back? Then the kept identities die.

begin     a finished request whose date has come; its key still opens the identities
reopened  a store holds the person again: its step is queued anew, the request is at work, and a further
          certificate will say what was found; verification and review were done and are not repeated
clean     nothing came back: it is given up, its key destroyed by the caller, what it sealed deleted

Of two workers that look back at once one may find the person and the other not. Reopening and giving up
lock the request, and whichever commits first decides: what was given up is not reopened, and no key is
destroyed of what was reopened.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from audit.actions import Action as Told
from audit.entry import SERVICE
from governance.messages import queue
from governance.messages.topics import Topic
from governance.requests import findings, letters, machine, records, searches, step_machine, tasks
from governance.requests.jobs import Searched, Task
from governance.requests.leases import Claim
from governance.requests.tables import (
    AppealRow,
    CandidateRow,
    CodeRow,
    ErrandRow,
    FoundRow,
    PackageChunkRow,
    PackageLinkRow,
    ProofRow,
    RequestRow,
    StepRow,
)
from governance.requests.vocabulary import OWN_STORE, Action, RequestType, Status, StepStatus
from governance.stores.protocol import Found
from governance.vault.sealing import DataKey


def due(session: Session, *, now: datetime, limit: int) -> list[tuple[str, bool]]:
    """Closed requests whose identities should die now, and whether each is an erasure to look back on.

    One with a letter that is still to be sent waits for it: without the key nobody could read what it says.
    """
    rows = session.scalars(
        select(RequestRow)
        .where(RequestRow.key_until <= now, letters.none_left(now))
        .order_by(RequestRow.key_until)
        .limit(limit)
    )
    return [(row.id, _looked_for(row)) for row in rows]


def reopen(session: Session, key: DataKey, found: Sequence[Searched], *, now: datetime) -> bool:
    """Puts the steps of the stores that hold the person again back to work; says whether there were any.

    They begin with what was found now: the keys of rows that were erased may be other people's by now.
    Another worker may have done so already: then nothing is left to do. Or it gave the request up.
    """
    row = records.load(session, key.owner)
    back = {each.task.claim.store: each for each in found if each.found.rows}
    if not back or row.identities is None:
        return False
    if Status(row.status) not in machine.FINISHED:
        return True
    row.status = machine.reopened(records.case_of(session, row)).status
    row.key_until, row.finished_at, row.due_at = None, None, None
    erased = {task.claim.store: task for task in _erased(session, key)}
    for step in records.steps_of(session, row.id):
        if step.store in erased:
            task = erased[step.store]
            new = back[step.store].found if step.store in back else Found()
            kept = Searched(task, findings.begun_anew(task.found, new))
            searches.keep(session, key, step, kept, now=now)
        if step.store in back:
            step.status = step_machine.changed(StepStatus(step.status), StepStatus.QUEUED)
            step.known, step.tries, step.due_at = 0, 0, now
            records.keep_history(session, step, actor=SERVICE, now=now)
    records.tell(session, row.id, Told.REQUEST_REOPENED, actor=SERVICE, now=now, facts={"stores": len(back)})
    where = ":".join(sorted(back))
    queue.announce(
        session, Topic.PERSON_CAME_BACK, facts={"request_id": row.id, "stores": where[:200]}, now=now
    )
    return True


def questions(session: Session, key: DataKey) -> list[Task]:
    """One search for each store that erased the request's person and was read back; nothing is claimed.

    Each knows the names that were found, and whom a person called somebody else: with the person's own rows
    gone, a colleague's would be taken for theirs otherwise. A store that a person works by hand, or that
    keeps what it has, would find only what is known already.
    """
    return [replace(task, found=Found()) for task in _erased(session, key)]


def _erased(session: Session, key: DataKey) -> tuple[Task, ...]:
    """The steps that erased the person by themselves and read it back, with what they had found."""
    claims = [
        Claim(step.request_id, step.store, Action.ERASE, step.fence, 1)
        for step in session.scalars(select(StepRow).where(StepRow.request_id == key.owner))
        if step.store != OWN_STORE and step.status == StepStatus.SUCCEEDED and step.done_by is None
    ]
    return tasks.load(session, {key.owner: key}, (), claims)


def postpone(session: Session, request_id: str, *, until: datetime) -> None:
    """The look-back could not ask every store; the identities are kept until it can."""
    records.load(session, request_id).key_until = until


def give_up(session: Session, request_ids: Sequence[str], *, now: datetime) -> list[str]:
    """From here on nobody reopens these; those whose keys are to be destroyed now.

    Not among them: who was reopened or put off by another worker meanwhile. Among them: who was given up
    before a crash, whose key may still be there.
    """
    mine = select(RequestRow).where(RequestRow.id.in_(request_ids), RequestRow.key_until <= now)
    given_up = session.scalars(mine.with_for_update()).all()
    for row in given_up:
        row.identities = None
    return [row.id for row in given_up]


def forget(session: Session, request_ids: Sequence[str], *, now: datetime) -> None:
    """Deletes what stood sealed under the requests' destroyed keys; status, steps and certificate stay.

    Told once, whoever comes second.
    """
    for table in (FoundRow, CandidateRow, ErrandRow, PackageChunkRow, PackageLinkRow, CodeRow):
        session.execute(delete(table).where(table.request_id.in_(request_ids)))
    session.execute(update(ProofRow).where(ProofRow.request_id.in_(request_ids)).values(statement=None))
    session.execute(
        update(AppealRow).where(AppealRow.request_id.in_(request_ids)).values(said=None, explanation=None)
    )
    queue.forget(session, request_ids)
    due_ones = RequestRow.id.in_(request_ids), RequestRow.key_until.is_not(None)
    rows = session.scalars(select(RequestRow).where(*due_ones).with_for_update())
    tellings = []
    for row in rows:
        row.identities = row.note = row.explanation = row.extension_reason = row.corrections = None
        row.key_until = None
        tellings.append(records.Telling(row.id, Told.REQUEST_FORGOTTEN))
    records.tell_many(session, tellings, actor=SERVICE, now=now)


def _looked_for(row: RequestRow) -> bool:
    """Only what was erased can have come back, and only what was not given up can be reopened."""
    if row.identities is None:
        return False
    return row.type == RequestType.ERASURE and Status(row.status) in machine.FINISHED
