"""What a person does about steps that are stuck: retry, complete by hand, decide on candidates.

Each adds to the history and to the trail; none rewrites what happened, and none starts what was not approved.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from audit.actions import Action as Told
from audit.canonical import JSON
from audit.log import Appended
from governance.errors import CandidateError, IllegalChangeError
from governance.requests import candidates, leases, machine, recipients, records, step_machine
from governance.requests.recipients import Answer
from governance.requests.tables import RequestRow, StepRow
from governance.requests.vocabulary import OWN_STORE, Action, StepError, StepStatus


def retry(session: Session, request_id: str, *, now: datetime, actor: str) -> Appended:
    """Queues again whatever failed or waits; a step that nobody but a person can do will wait again."""
    row, steps = _attended(session, request_id, "retry")
    for step in steps:
        if StepStatus(step.status) in machine.STUCK and step.last_error != StepError.NOT_AUTOMATIC:
            _requeue(session, step, now=now, actor=actor)
    told = records.tell(session, row.id, Told.REQUEST_RETRIED, actor=actor, now=now)
    records.settle(row, steps, now=now)
    return told


def complete(
    session: Session,
    request_id: str,
    store: str,
    *,
    now: datetime,
    actor: str,
    answer: Answer | None = None,
) -> Appended:
    """A person did the step by hand and answers for it; nothing was read back, as the certificate says.

    `answer` is what the recipient behind the store said, where they were asked.
    """
    row, steps = _attended(session, request_id, "complete")
    step = records.step_of(steps, store)
    if StepStatus(step.status) not in machine.STUCK or _is_shredding(step):
        raise IllegalChangeError("this step is not one that a person completes by hand")
    step.status = step_machine.changed(StepStatus(step.status), StepStatus.SUCCEEDED)
    step.done_by, step.last_error = actor, None
    leases.release(step)
    records.keep_history(session, step, actor=actor, now=now)
    if answer is not None:
        recipients.record_answer(session, row.id, store, answer, now=now)
    facts = _by_hand(step, answer)
    told = records.tell(session, row.id, Told.REQUEST_STEP_FINISHED, actor=actor, now=now, facts=facts)
    records.settle(row, steps, now=now)
    return told


def decide(
    session: Session, request_id: str, store: str, answers: Mapping[str, bool], *, now: datetime, actor: str
) -> Appended:
    """Says which candidates of a store are the person; the store is searched again with that knowledge.

    Raises:
        CandidateError: an id is no candidate's, or one that waits is left out.
    """
    row, steps = _attended(session, request_id, "decide")
    step = records.step_of(steps, store)
    waiting = {each.id: each for each in candidates.undecided(session, request_id, store)}
    if not waiting or set(answers) != set(waiting):
        raise CandidateError("every candidate that waits needs an answer, and no other")
    for candidate_id, same in answers.items():
        waiting[candidate_id].same_person = same
        waiting[candidate_id].decided_by = actor
    _requeue(session, step, now=now, actor=actor)
    told = records.tell(
        session,
        row.id,
        Told.REQUEST_STEP_DECIDED,
        actor=actor,
        now=now,
        facts={"store": store, "same_person": sum(answers.values()), "candidates": len(answers)},
    )
    records.settle(row, steps, now=now)
    return told


def _attended(session: Session, request_id: str, call: str) -> tuple[RequestRow, list[StepRow]]:
    """The request, which must need attention, and its steps; it is at work from here on."""
    row = records.load(session, request_id)
    row.status = machine.attended(records.case_of(session, row), call).status
    return row, records.steps_of(session, request_id)


def _by_hand(step: StepRow, answer: Answer | None) -> dict[str, JSON]:
    """What the trail keeps of a step that a person did."""
    facts: dict[str, JSON] = {
        "store": step.store,
        "action": step.action,
        "status": step.status,
        "by_hand": True,
    }
    return facts if answer is None else {**facts, "answer": answer}


def _is_shredding(step: StepRow) -> bool:
    """The service's own data are destroyed by the service, or not at all."""
    return step.store == OWN_STORE and step.action == Action.ERASE


def _requeue(session: Session, step: StepRow, *, now: datetime, actor: str) -> None:
    """Queued anew, with a line of its history."""
    leases.requeue(step, now=now)
    records.keep_history(session, step, actor=actor, now=now)
