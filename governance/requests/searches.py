"""Committing what searches found before a row is touched, and following what they learnt to a fixed point."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actions import Action as Told
from audit.entry import SERVICE
from governance.requests import (
    case_file,
    effects,
    findings,
    leases,
    machine,
    records,
    step_machine,
    subjects,
)
from governance.requests.jobs import Searched, Task
from governance.requests.leases import Worker
from governance.requests.records import Telling
from governance.requests.tables import CandidateRow, FoundRow, RequestRow, StepRow
from governance.requests.vocabulary import OWN_STORE, RequestType, Status, StepStatus
from governance.stores.protocol import Found, Identity, PersonTerms
from governance.vault.keyring import Keyring
from governance.vault.sealing import DataKey


def commit(
    session: Session,
    keys: Mapping[str, DataKey],
    worker: Worker,
    searches: Sequence[Searched],
    *,
    keyring: Keyring,
    now: datetime,
) -> tuple[Task, ...]:
    """Writes what was found, with sealed row keys; returns the tasks as they stand now.

    Lost leases are left out, and requests that were refused or cancelled meanwhile.
    Identities that a search learnt are added to the request's: every store that was searched without them is
    unsearched again, also one that was done already.
    """
    request_ids = sorted({each.task.claim.request_id for each in searches})
    rows = _requests(session, request_ids)
    steps = {(step.request_id, step.store, step.action): step for step in _steps(session, request_ids)}
    mine = _still_ours(searches, rows, steps, worker)
    doubted = _candidates(session, request_ids)
    tasks: dict[str, list[Task]] = {request_id: [] for request_id in request_ids}
    for each in mine:
        request_id = each.task.claim.request_id
        step = steps[_place(each.task)]
        known_doubts = doubted.get((request_id, step.store), {})
        tasks[request_id].append(_write(session, keys[request_id], step, each, known_doubts, now=now))
    entries = records.tell_many(session, [_started(each) for each in mine], actor=SERVICE, now=now)
    covering = {each.task.claim.request_id: entry.entry_id for each, entry in zip(mine, entries, strict=True)}
    known = _learn_all(session, keyring, keys=keys, rows=rows, tasks=tasks, covering=covering, now=now)
    for step in steps.values():
        _requeue(session, step, len(known[step.request_id]), now=now)
    going_on = [task for own in tasks.values() for task in _shared(own, known)]
    for task in going_on:
        steps[_place(task)].known = task.known
    return tuple(going_on)


def _still_ours(
    searches: Sequence[Searched],
    rows: Sequence[RequestRow],
    steps: Mapping[tuple[str, str, str], StepRow],
    worker: Worker,
) -> list[Searched]:
    """Those of requests that are at work, whose leases hold."""
    at_work = {row.id for row in rows if Status(row.status) in machine.AT_WORK}
    return [
        each
        for each in searches
        if each.task.claim.request_id in at_work
        and leases.holds(steps[_place(each.task)], worker, each.task.claim.fence)
    ]


def _learn_all(
    session: Session,
    keyring: Keyring,
    *,
    keys: Mapping[str, DataKey],
    rows: Sequence[RequestRow],
    tasks: Mapping[str, Sequence[Task]],
    covering: Mapping[str, str],
    now: datetime,
) -> dict[str, tuple[Identity, ...]]:
    """All identities of each request; of an erasure, those that are new are suppressed at once."""
    known = {}
    for row in rows:
        known[row.id], learnt = _learn(row, keys[row.id], tasks[row.id])
        if learnt and row.type == RequestType.ERASURE:
            identifiers = [subjects.identifier_of(identity) for identity in learnt]
            effects.suppress(session, keyring, (), identifiers, entry_id=covering[row.id], now=now)
    return known


def names_of(founds: Iterable[Found]) -> PersonTerms:
    """What names the person in any store: one store's free text may hold what another one knows."""
    names = PersonTerms()
    for found in founds:
        names = names.merged(found.terms)
    return names


def _place(task: Task) -> tuple[str, str, str]:
    """The primary key of the task's step."""
    return task.claim.request_id, task.claim.store, task.claim.action


def _started(searched: Searched) -> Telling:
    """The intent, told before the store is touched."""
    claim = searched.task.claim
    return Telling(
        claim.request_id,
        Told.REQUEST_STEP_STARTED,
        {"store": claim.store, "action": claim.action, "found": len(searched.found.rows)},
    )


def _shared(tasks: Sequence[Task], known: Mapping[str, tuple[Identity, ...]]) -> Iterator[Task]:
    """The tasks of one request, each with all identities and all names.

    A store follows by itself whatever it learnt; it is searched again only for what others told.
    """
    names = names_of(task.found for task in tasks)
    for task in tasks:
        every = known[task.claim.request_id]
        followed = {*task.identities, *task.found.learnt}
        yield replace(
            task,
            identities=every,
            known=len(every) if followed.issuperset(every) else task.known,
            names=task.names.merged(names),
        )


def _write(
    session: Session,
    key: DataKey,
    step: StepRow,
    searched: Searched,
    known: Mapping[str, CandidateRow],
    *,
    now: datetime,
) -> Task:
    """One search: a new round where it added anything, and the candidates that nobody has judged yet.

    What an earlier search doubted (`known`) and this one does not is no candidate any more.
    """
    task, found = searched.task, searched.found
    number = task.round
    if number == 0 or replace(found, candidates=()) != replace(task.found, candidates=()):
        number = keep(session, key, step, searched, now=now)
    step.found, step.known = found.total, len(task.identities)
    doubted = {candidate.id for candidate in found.candidates}
    for row in known.values():
        if row.same_person is None and row.id not in doubted:
            session.delete(row)
    for candidate in found.candidates:
        if candidate.id not in known:
            sealed = case_file.seal_candidate(
                key, step.request_id, step.store, candidate.row, candidate.shown
            )
            session.add(
                CandidateRow(
                    request_id=step.request_id,
                    store=step.store,
                    id=candidate.id,
                    table_name=candidate.row.table,
                    sealed=sealed,
                )
            )
    return replace(task, found=found, known=step.known, round=number, doubtful=bool(doubted))


def keep(session: Session, key: DataKey, step: StepRow, searched: Searched, *, now: datetime) -> int:
    """What was found, as a round of its own, with its row keys sealed; returns the round's number."""
    number = searched.task.round + 1
    sealed = case_file.seal_found(key, step.request_id, step.store, number, searched.found)
    session.add(
        FoundRow(
            request_id=step.request_id,
            store=step.store,
            round=number,
            counts=json.dumps(searched.found.counts()),
            sealed=sealed,
            at=now,
        )
    )
    return number


def _learn(
    row: RequestRow, key: DataKey, tasks: Sequence[Task]
) -> tuple[tuple[Identity, ...], tuple[Identity, ...]]:
    """All identities of the request, and those that are new; sealed anew when anything of them is."""
    sealed = row.identities or b""
    before = case_file.open_identities(key, row.id, row.sealed_version, sealed)
    after = findings.widened(before, [task.found for task in tasks])
    if findings.identities_to_json(after) != findings.identities_to_json(before):
        row.sealed_version += 1
        row.identities = case_file.seal_identities(key, row.id, row.sealed_version, after)
    return after, after[len(before) :]


def _requeue(session: Session, step: StepRow, identities: int, *, now: datetime) -> None:
    """A step that was done with fewer identities than are known now is not done; what it keeps, it keeps."""
    searched = step.store != OWN_STORE and step.known > 0
    if StepStatus(step.status) in machine.DONE and searched and step.known < identities:
        step.status = step_machine.changed(StepStatus(step.status), StepStatus.QUEUED)
        step.due_at, step.tries, step.done_by = now, 0, None
        records.keep_history(session, step, actor=SERVICE, now=now)


def _candidates(
    session: Session, request_ids: Sequence[str]
) -> dict[tuple[str, str], dict[str, CandidateRow]]:
    """The candidates of the requests, by request and store, judged or not."""
    found: dict[tuple[str, str], dict[str, CandidateRow]] = defaultdict(dict)
    for row in session.scalars(select(CandidateRow).where(CandidateRow.request_id.in_(request_ids))):
        found[row.request_id, row.store][row.id] = row
    return found


def _requests(session: Session, request_ids: Sequence[str]) -> Sequence[RequestRow]:
    return session.scalars(select(RequestRow).where(RequestRow.id.in_(request_ids)).with_for_update()).all()


def _steps(session: Session, request_ids: Sequence[str]) -> Sequence[StepRow]:
    return session.scalars(select(StepRow).where(StepRow.request_id.in_(request_ids)).with_for_update()).all()
