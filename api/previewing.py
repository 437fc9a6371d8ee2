"""The plan of a request, searched now and shown before anybody approves it. Nothing is changed in any store.

1. one commit: the trail says that the plan is looked at, and that the service opens the leads' own
   identifiers for it
2. every active store is searched, each in a thread, to the fixed point over all of them
3. each store says what it would do with what was found
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from api import casework
from api.background.request_batches import MOST_ROUNDS, Opener, holds_in_force, in_stores
from api.context import Service
from audit.actions import Action as Told
from governance import own_openings
from governance.errors import IllegalChangeError
from governance.holds import Hold
from governance.own_openings import Purpose
from governance.requests import (
    case_file,
    findings,
    jobs,
    machine,
    own_data,
    preview,
    records,
    searches,
    subjects,
)
from governance.requests.jobs import Outcome, Searched, Task
from governance.requests.leases import Claim
from governance.requests.planning import ACTIONS, OWN_ONLY
from governance.requests.preview import Own, Seen
from governance.requests.vocabulary import OWN_STORE, Action, RequestType
from governance.stores import register
from governance.stores.errors import StoreCode
from governance.stores.opening import Shelf
from governance.stores.protocol import Found, Identity, Rectifying, Restricting, Store
from governance.vault import keys as vault


def plan_of(service: Service, request_id: str, *, actor: str) -> dict[str, Any]:
    """What the request would do now.

    Raises:
        RequestUnknownError, RequestClosedError: see `casework.request_key`.
        IllegalChangeError: it is approved by now, or closed.
    """
    with stores_of(service) as (keys, opener):
        return planned(service, request_id, keys, opener, actor=actor)


@contextmanager
def stores_of(service: Service) -> Iterator[tuple[list[str], Opener]]:
    """The active stores, opened apart from those of the worker, and closed at the end."""
    with service.main.read() as session:
        documents = {document.store: document for document in register.active_stores(session)}
    shelf = Shelf(dict(service.settings.store_secrets))

    def open_store(key: str) -> Store | None:
        return shelf.take(documents[key])

    try:
        yield sorted(documents), open_store
    finally:
        for key in documents:
            shelf.drop(key)


def planned(
    service: Service, request_id: str, stores: Sequence[str], opener: Opener, *, actor: str
) -> dict[str, Any]:
    """`plan_of` for these stores."""
    key = casework.request_key(service, request_id)
    told = service.main.write(lambda session: _announce(session, service, request_id, actor=actor))
    with service.main.read() as session:
        row = records.read(session, request_id)
        identities = case_file.open_identities(key, row.id, row.sealed_version, row.identities or b"")
        leads = records.leads_of(session, request_id)
        own = Own(sum(own_data.held(session, leads).values()))
    with service.keys.read() as keys:
        lead_keys = vault.load(keys, service.keyring, leads)
    with service.main.read() as session:
        known = subjects.own_identifiers(session, lead_keys, told)
        every = subjects.joined(identities, subjects.identities_of(session, service.keyring, known))
    kind, holds = RequestType(row.type), holds_in_force(service)
    asked = _tasks(request_id, kind, stores, every)
    seen = _seen(_searched(asked, opener), opener, corrected=row.corrections is not None)
    held = [replace(each, task=_with_holds(each.task, holds, leads)) for each in seen]
    own = replace(own, held_by=next((hold.key for hold in holds if _keeps_own(hold, leads)), None))
    return {"request_id": request_id} | preview.document(kind, held, own)


def _announce(session: Session, service: Service, request_id: str, *, actor: str) -> dict[str, str]:
    """The entries that stand before anything is opened or asked."""
    now, row = service.clock(), records.load(session, request_id)
    if row.status not in machine.OPEN - machine.AT_WORK:
        raise IllegalChangeError(f"there is no plan to show of a request that is {row.status}")
    records.tell(session, request_id, Told.REQUEST_PLAN_SHOWN, actor=actor, now=now)
    leads = records.leads_of(session, request_id)
    return own_openings.announce(session, leads, request_id, purpose=Purpose.SEARCH, now=now)


def _tasks(
    request_id: str, kind: RequestType, stores: Sequence[str], identities: tuple[Identity, ...]
) -> list[Task]:
    """One search a store. Nothing is claimed; holds come later: they would keep a store from being asked."""
    action = ACTIONS[kind]
    if action in OWN_ONLY:
        return []
    return [Task(Claim(request_id, store, action, fence=0, tries=1), identities) for store in stores]


def _searched(asked: Sequence[Task], opener: Opener) -> list[Searched | Outcome]:
    """The answers of all stores, once none of them learns anything that another was not asked for."""
    answers: dict[str, Searched | Outcome] = {}
    waiting = list(asked)
    for _ in range(MOST_ROUNDS):
        if not waiting:
            break
        answers |= {_store_of(each): each for each in in_stores(waiting, jobs.search, opener)}
        found = [each for each in answers.values() if isinstance(each, Searched)]
        names = searches.names_of(each.found for each in found)
        waiting = []
        for each in found:
            task = each.task
            every = findings.widened(task.identities, [one.found for one in found])
            if not {*task.identities, *each.found.learnt}.issuperset(every):
                waiting.append(replace(task, identities=every, names=names, found=each.found))
    return list(answers.values())


def _store_of(answer: Searched | Outcome) -> str:
    return (answer.task.claim if isinstance(answer, Searched) else answer.claim).store


def _seen(answers: Sequence[Searched | Outcome], opener: Opener, *, corrected: bool) -> list[Seen]:
    """What each store would do; a store that did not answer, or is a person's, says so."""
    seen: dict[str, Seen] = {}

    def plan(store: Store, task: Task) -> Searched:
        lines = store.plan(task.found) if task.claim.action is Action.ERASE else ()
        seen[task.claim.store] = Seen(task, lines, by_itself=_by_itself(store, task, corrected=corrected))
        return Searched(task, task.found)

    for each in answers:
        if isinstance(each, Outcome):
            by_hand = each.error == StoreCode.BY_HAND
            error = None if by_hand else each.error
            seen[each.claim.store] = Seen(Task(each.claim, ()), error=error, by_itself=not by_hand)
    found = [replace(each.task, found=each.found) for each in answers if isinstance(each, Searched)]
    for failed in in_stores(found, partial(_guarded, plan), opener):
        if isinstance(failed, Outcome):
            seen[failed.claim.store] = Seen(Task(failed.claim, ()), error=failed.error)
    return [seen[store] for store in sorted(seen)]


def _guarded(work: Callable[[Store, Task], Searched], store: Store, task: Task) -> Searched | Outcome:
    """What a store raises is told as a closed code: its message may quote the person."""
    try:
        return work(store, task)
    except Exception as error:  # noqa: BLE001 - a store may raise anything
        return jobs.failure(task.claim, error)


def _by_itself(store: Store, task: Task, *, corrected: bool) -> bool:
    """Whether the store does the work without a person."""
    if task.claim.action is Action.RECTIFY:
        return corrected and isinstance(store, Rectifying)
    return task.claim.action is not Action.RESTRICT or isinstance(store, Restricting)


def _with_holds(task: Task, holds: Sequence[Hold], leads: Sequence[str]) -> Task:
    """A hold stops erasing, and nothing else."""
    concerned = [hold for hold in holds if hold.concerns(leads, task.claim.store)]
    return replace(task, holds=tuple(concerned))


def _keeps_own(hold: Hold, leads: Sequence[str]) -> bool:
    return hold.concerns(leads, OWN_STORE) and hold.stops((), Found())
