"""Appeals against a refusal, which the privacy acts of most US states give, with a clock of its own.

A granted appeal puts the request back to where a person decides: to review, or to verification where nobody
ever showed who asks; also where it had been approved before it was refused. A rejected one leaves the
refusal; the person may then turn to the state's authority.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from audit.actions import Action as Told
from audit.log import Appended
from governance.errors import IllegalChangeError, RequestClosedError
from governance.requests import case_file, errands, findings, machine, records, searches, tasks
from governance.requests.jobs import Searched
from governance.requests.leases import Claim
from governance.requests.review import UNDONE_KEPT
from governance.requests.tables import AppealRow, ApprovalRow, RequestRow
from governance.requests.vocabulary import OWN_STORE, Action, Status
from governance.stores.protocol import Found
from governance.vault.sealing import DataKey

EVENT = "appeal_received"
"""The event of the rulebook's clock; a regime without one knows no appeal to the controller."""


class Result(StrEnum):
    """How an appeal was decided."""

    GRANTED = "granted"
    REJECTED = "rejected"


def receive(
    session: Session,
    key: DataKey,
    said: str,
    *,
    received_at: datetime,
    respond_by: str,
    now: datetime,
    actor: str,
) -> Appended:
    """Takes an appeal in; what the person says is sealed. The request's key is kept until it is decided.

    Raises:
        IllegalChangeError: nothing was refused, or an appeal waits already.
        RequestClosedError: its key is about to be destroyed, and with it whatever it seals.
    """
    row = records.load(session, key.owner)
    if row.status != Status.REFUSED or row.finished_at is None:
        raise IllegalChangeError("only a refusal can be appealed")
    if row.identities is None:
        raise RequestClosedError("the identities of this request are given up")
    before = of(session, row.id)
    if before and before[-1].result is None:
        raise IllegalChangeError("an appeal against this refusal waits already")
    number = len(before) + 1
    session.add(
        AppealRow(
            request_id=row.id,
            number=number,
            received_at=received_at,
            respond_by=respond_by,
            said=case_file.seal_text(key, row.id, f"appeal_said_{number}", said),
        )
    )
    row.key_until = None
    return records.tell(
        session, row.id, Told.REQUEST_APPEALED, actor=actor, now=now, facts={"respond_by": respond_by}
    )


def decide(
    session: Session, key: DataKey, result: Result, explanation: str, *, now: datetime, actor: str
) -> Appended:
    """Decides the appeal that waits; the explanation, which the person is owed, is sealed.

    Raises:
        IllegalChangeError: none waits.
    """
    row = records.load(session, key.owner)
    waiting = next((each for each in of(session, row.id) if each.result is None), None)
    if waiting is None:
        raise IllegalChangeError("no appeal waits to be decided")
    waiting.result, waiting.decided_at, waiting.decided_by = result, now, actor
    waiting.explanation = case_file.seal_text(
        key, row.id, f"appeal_explanation_{waiting.number}", explanation
    )
    if result is Result.GRANTED:
        _reopen(session, key, row, now=now)
    else:
        row.key_until = now + UNDONE_KEPT
    return records.tell(
        session, row.id, Told.REQUEST_APPEAL_DECIDED, actor=actor, now=now, facts={"result": result}
    )


def of(session: Session, request_id: str) -> list[AppealRow]:
    """The appeals of a request, the oldest first."""
    query = select(AppealRow).where(AppealRow.request_id == request_id).order_by(AppealRow.number)
    return list(session.scalars(query))


def of_each(session: Session, request_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The appeals of many requests as their resources show them; those without any are left out."""
    query = select(AppealRow).where(AppealRow.request_id.in_(request_ids)).order_by(AppealRow.number)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in session.scalars(query):
        found.setdefault(row.request_id, []).append(shown(row))
    return found


def shown(row: AppealRow) -> dict[str, Any]:
    """An appeal as the resource shows it: dates and result, and nothing of what was said. Pure."""
    decided = {} if row.decided_at is None else {"decided_at": row.decided_at.isoformat()}
    return {
        "number": row.number,
        "received_at": row.received_at.isoformat(),
        "respond_by": row.respond_by,
        "result": row.result,
        **decided,
    }


def _reopen(session: Session, key: DataKey, row: RequestRow, *, now: datetime) -> None:
    """Back to a person; approvals that were given before count for nothing, nor does an end that was set.

    Steps that had run stand as they are: the next approval queues them again (`review`). What stores had
    begun is waited for no more: what they have not done is found, and begun, anew.
    """
    row.status = machine.appealed(records.case_of(session, row)).status
    row.reason, row.finished_at, row.key_until, row.failed_verifications = None, None, None, 0
    row.approved_at = row.lift_at = row.lift_notice = row.lifted_at = None
    session.execute(delete(ApprovalRow).where(ApprovalRow.request_id == row.id))
    _begin_searches_anew(session, key, now=now)
    errands.end_all(session, row.id, now=now)


def _begin_searches_anew(session: Session, key: DataKey, *, now: datetime) -> None:
    """What was read back as gone counts; all else is searched anew, for others may have those keys by now."""
    steps = {step.store: step for step in records.steps_of(session, key.owner) if step.store != OWN_STORE}
    claims = [Claim(key.owner, each.store, Action(each.action), each.fence, 1) for each in steps.values()]
    for task in tasks.load(session, {key.owner: key}, (), claims):
        step = steps[task.claim.store]
        erased = task.claim.action is Action.ERASE and step.remaining == 0
        found = task.found if erased else replace(task.found, rows=(), persons=())
        if task.round:
            kept = Searched(task, findings.begun_anew(found, Found()))
            searches.keep(session, key, step, kept, now=now)


def letter(company: str, request_id: str, result: Result, explanation: str) -> str:
    """What the person is told of the decision, in plain words. Pure."""
    if result is Result.GRANTED:
        said = "You were right: we will deal with your request after all, and write to you again."
    else:
        said = (
            "We have looked at your appeal, and our answer to your request stays as it was. You may complain"
            " to the Attorney General of your state."
        )
    number = f"The number of the request is {request_id}."
    return f"Dear Sir or Madam,\n\n{said}\n\n{explanation}\n\n{number}\n\n{company}\n"
