"""One batch of request work: many requests a wake-up, few commits, store work outside every transaction.

    claim       one commit: leases on the due steps of up to `REQUESTS_A_BATCH` requests
    search      each store in its own thread; one commit of what was found, before a row is touched;
                again while a search learns identities that another store was not asked for
    carry out   each store in its own thread: erase and read back, or export
    record      one commit: outcomes, history, trail, settled requests
    finish      three commits for requests whose stores are done: see `governance.requests.finishing`

A store that can (`ForMany`) is asked for all its tasks at once. Where that fails nothing was changed, and
each is asked for alone: what one person's rows meet is no other's.
A store that does not answer is not asked again in the batch: its other steps wait, the other stores go on.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import structlog
from sqlalchemy.orm import Session

from api.background.errand_books import KeptBook
from api.context import Service
from api.marking import mark
from governance import holds
from governance.errors import VaultError
from governance.holds import Hold
from governance.requests import errands, jobs, leases, outcomes, searches, spool, step_machine, tasks
from governance.requests.jobs import Outcome, Searched, Task
from governance.requests.leases import Claim, Worker
from governance.requests.tables import StepRow
from governance.requests.vocabulary import Action, StepError, StepStatus
from governance.stores.errors import StoreCode, StoreError
from governance.stores.protocol import ForMany, Store
from governance.vault import keys as vault
from governance.vault.sealing import DataKey

Work = Callable[[Store, Task], Searched | Outcome]
WorkTogether = Callable[[ForMany, Sequence[Task]], list[Searched | Outcome]]
Opener = Callable[[str], Store | None]
"""The open store of a key; None when it is not active. Raises `StoreError` when it can not be opened."""

REQUESTS_A_BATCH = 100
MOST_ROUNDS = 8
STORES_AT_ONCE = 8
SILENT = frozenset({StoreCode.UNREACHABLE.value, StoreCode.TIMED_OUT.value, StoreCode.RATE_LIMITED.value})


def work_steps(service: Service, worker: Worker, open_store: Opener, at_most: int = REQUESTS_A_BATCH) -> int:
    """Claims due steps of so many requests and brings each to an outcome; returns how many were claimed."""
    claims = service.main.write(
        lambda session: leases.claim_steps(session, worker, now=service.clock(), limit=at_most)
    )
    if not claims:
        return 0
    keys = request_keys(service, {claim.request_id for claim in claims})
    keyless = [lost_key(claim) for claim in claims if claim.request_id not in keys]
    open_claims = [claim for claim in claims if claim.request_id in keys]
    loaded, broken = _opened(service, keys, open_claims)
    ready, settled = _search(service, worker, keys, loaded, open_store)
    erasing = [task for task in ready if task.claim.action is Action.ERASE]
    others = [task for task in ready if task.claim.action is not Action.ERASE]
    erase = partial(_erase, service, worker, keys)
    carried_out = in_stores(erasing, erase, open_store, jobs.erase_together)
    carried_out += in_stores(others, partial(_carry_out, service, worker, keys), open_store)
    ended = [each for each in carried_out if isinstance(each, Outcome)]
    every = [*keyless, *broken, *settled, *ended]
    service.main.write(partial(_record, service, worker, keys, every))
    return len(claims)


def _opened(
    service: Service, keys: Mapping[str, DataKey], claims: Sequence[Claim]
) -> tuple[list[Task], list[Outcome]]:
    """The tasks of the claims, and outcomes for those that do not open: they keep no other from its work."""
    in_force = holds_in_force(service)
    with service.main.read() as session:
        try:
            return list(tasks.load(session, keys, in_force, claims)), []
        except VaultError:
            structlog.get_logger().warning("request_does_not_open")
        loaded: list[Task] = []
        broken: list[Outcome] = []
        for claim in claims:
            try:
                loaded += tasks.load(session, keys, in_force, [claim])
            except VaultError:
                broken.append(lost_key(claim))
    return loaded, broken


def request_keys(service: Service, request_ids: Iterable[str]) -> dict[str, DataKey]:
    """The keys of the requests that still have one."""
    with service.keys.read() as session:
        return vault.load(session, service.keyring, sorted(request_ids))


def holds_in_force(service: Service) -> tuple[Hold, ...]:
    """Every legal hold in force, opened."""
    with service.main.read() as session:
        rows = holds.active(session, now=service.clock())
    if not rows:
        return ()
    return holds.opened(rows, request_keys(service, [row.id for row in rows]))


def lost_key(claim: Claim) -> Outcome:
    """A step whose request can not be opened: nothing is done blindly."""
    retry = step_machine.after_failure(claim.tries, again=True)
    return Outcome(claim, retry.status, StepError.KEYS_UNAVAILABLE, retry.wait)


def _search(
    service: Service,
    worker: Worker,
    keys: Mapping[str, DataKey],
    loaded: Sequence[Task],
    open_store: Opener,
) -> tuple[list[Task], list[Outcome]]:
    """Searches to a fixed point over all stores; the tasks to carry out, and outcomes that stand."""
    live = {task.claim: task for task in loaded}
    settled: dict[Claim, Outcome] = {}
    for _ in range(MOST_ROUNDS):
        unsearched = [task for task in live.values() if task.unsearched]
        if not unsearched:
            break
        results = in_stores(unsearched, jobs.search, open_store, jobs.search_together)
        found = [each for each in results if isinstance(each, Searched)]
        settled.update((each.claim, each) for each in results if isinstance(each, Outcome))
        refreshed = service.main.write(_committing(service, worker, keys, found))
        mark(service, sorted({each.task.claim.request_id for each in found}))
        live = _refreshed(live, [each.task for each in found], refreshed, settled)
    settled |= _for_a_person(live.values())
    return [task for claim, task in live.items() if claim not in settled], list(settled.values())


def _for_a_person(live: Iterable[Task]) -> dict[Claim, Outcome]:
    """The tasks of which nobody but a person can say who is meant, or whose search found no end."""
    return {
        task.claim: Outcome(task.claim, StepStatus.WAITING_FOR_PERSON, StepError.AMBIGUOUS)
        for task in live
        if task.doubtful or task.unsearched
    }


def _committing(
    service: Service, worker: Worker, keys: Mapping[str, DataKey], found: Sequence[Searched]
) -> Callable[[Session], tuple[Task, ...]]:
    """The write that commits what was found."""
    return lambda session: searches.commit(
        session, keys, worker, found, keyring=service.keyring, now=service.clock()
    )


def _refreshed(
    live: Mapping[Claim, Task],
    searched: Sequence[Task],
    refreshed: Sequence[Task],
    settled: Mapping[Claim, Outcome],
) -> dict[Claim, Task]:
    """The tasks that go on, with all that their requests know now; not those that are lost or settled."""
    newest = {task.claim: task for task in refreshed}
    by_request = {task.claim.request_id: task for task in refreshed}
    lost = {task.claim for task in searched} - newest.keys()
    going_on = {}
    for claim, task in live.items():
        if claim in settled or claim in lost:
            continue
        sibling = by_request.get(claim.request_id)
        if claim in newest or sibling is None:
            going_on[claim] = newest.get(claim, task)
        else:
            names = task.names.merged(sibling.names)
            going_on[claim] = replace(task, identities=sibling.identities, names=names)
    return going_on


def _record(
    service: Service, worker: Worker, keys: Mapping[str, DataKey], ended: Sequence[Outcome], session: Session
) -> None:
    """Writes the outcomes; a step whose store called back while it was at work goes on at once."""
    outcomes.record(session, keys, worker, ended, now=service.clock())
    waiting = {each.claim.request_id for each in ended if each.error == StoreCode.NOT_DONE_YET}
    if waiting:
        errands.wake(session, waiting, now=service.clock())


def _erase(
    service: Service, worker: Worker, keys: Mapping[str, DataKey], store: Store, task: Task
) -> Outcome:
    """Erases one person, with a book of what the store begins."""
    return jobs.erase(store, task, KeptBook(service, worker, task.claim, keys[task.claim.request_id]))


def _carry_out(
    service: Service, worker: Worker, keys: Mapping[str, DataKey], store: Store, task: Task
) -> Outcome:
    """What the step is for, with what was found and committed."""
    if task.claim.action is Action.RECTIFY:
        return jobs.rectify(store, task)
    if task.claim.action is Action.RESTRICT:
        return jobs.restrict(store, task)
    return _export(service, worker, keys[task.claim.request_id], task, jobs.export(store, task))


def _export(service: Service, worker: Worker, key: DataKey, task: Task, pieces: Iterator[bytes]) -> Outcome:
    """Spools the pieces of one store, each in a commit of its own; a try that failed is forgotten first.

    An export may take longer than its lease: whoever lost it must not mix pieces with the next worker's.
    """
    request_id, store = task.claim.request_id, task.claim.store
    try:
        clearing = partial(spool.clear, request_id=request_id, store=store)
        service.main.write(_while_held(worker, task.claim, clearing))
        for number, piece in enumerate(pieces):
            service.main.write(_while_held(worker, task.claim, adding(key, store, number, piece)))
    except Exception as error:  # noqa: BLE001 - a store may raise anything, and its message may quote the person
        return jobs.failure(task.claim, error)
    return jobs.exported(task)


def _while_held(worker: Worker, claim: Claim, write: Callable[[Session], None]) -> Callable[[Session], None]:
    """The write, which fails once the step is another worker's."""
    place = (claim.request_id, claim.store, claim.action)

    def guarded(session: Session) -> None:
        leases.require(session.get(StepRow, place, with_for_update=True), worker, claim.fence)
        write(session)

    return guarded


def adding(key: DataKey, store: str, number: int, piece: bytes) -> Callable[[Session], None]:
    """The write that spools one piece."""
    return lambda session: spool.add(session, key, store, number, piece)


def in_stores(
    work_on: Sequence[Task], work: Work, open_store: Opener, together: WorkTogether | None = None
) -> list[Searched | Outcome]:
    """`work` for every task, each store in a thread of its own; all at once where the store can."""
    by_store: dict[str, list[Task]] = defaultdict(list)
    for task in work_on:
        by_store[task.claim.store].append(task)
    if len(by_store) <= 1:
        parts = [_in_store(store, own, work, open_store, together) for store, own in by_store.items()]
    else:
        with ThreadPoolExecutor(min(len(by_store), STORES_AT_ONCE)) as pool:
            jobs_running = [
                pool.submit(_in_store, store, own, work, open_store, together)
                for store, own in by_store.items()
            ]
            parts = [job.result() for job in jobs_running]
    return [each for part in parts for each in part]


def _in_store(
    key: str, work_on: Sequence[Task], work: Work, open_store: Opener, together: WorkTogether | None
) -> list[Searched | Outcome]:
    """One store's tasks: at once, or one after the other until it falls silent."""
    try:
        store = open_store(key)
    except StoreError as error:
        return [jobs.failure(task.claim, error) for task in work_on]
    if store is None:
        return [Outcome(task.claim, StepStatus.FAILED, StepError.STORE_INACTIVE) for task in work_on]
    if together is not None and len(work_on) > 1 and isinstance(store, ForMany):
        answered = _at_once(store, work_on, together)
        if answered is not None:
            return answered
    return _one_by_one(store, work_on, work)


def _one_by_one(store: Store, work_on: Sequence[Task], work: Work) -> list[Searched | Outcome]:
    """One task after the other, until the store falls silent: what is left waits untried."""
    answers: list[Searched | Outcome] = []
    silent: Outcome | None = None
    for task in work_on:
        if silent is not None:
            wait = max(silent.wait, step_machine.FIRST_WAIT)
            answers.append(Outcome(task.claim, StepStatus.QUEUED, silent.error, wait, tried=False))
            continue
        answer = work(store, task)
        answers.append(answer)
        if isinstance(answer, Outcome) and answer.error in SILENT:
            silent = answer
    return answers


def _at_once(
    store: ForMany, work_on: Sequence[Task], together: WorkTogether
) -> list[Searched | Outcome] | None:
    """What became of all the tasks; None where the store could not do them together."""
    try:
        return together(store, work_on)
    except Exception as error:  # noqa: BLE001 - a store may raise anything, and its message may quote a person
        structlog.get_logger().info("store_asked_one_by_one", error=type(error).__name__)
        return None
