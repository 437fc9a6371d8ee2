"""What a worker does in one store for one request: store work only, no session.

    search   follow the identities, wait for a person where it is not clear who a row is
    erase    carry out what was found and committed, then read back
    export   the rows, as lines of JSON in pieces

What a store answers becomes an `Outcome`; nothing that it raises passes through, for a driver's message may
quote the person.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from governance.holds import Hold
from governance.requests import findings, step_machine
from governance.requests.leases import Claim
from governance.requests.vocabulary import Exemption, StepError, StepStatus
from governance.stores.errands import ErrandBook, OverTime
from governance.stores.errors import StoreCode, StoreError
from governance.stores.mapping import Category
from governance.stores.protocol import (
    Correction,
    ExportedRow,
    ForMany,
    Found,
    Identity,
    Left,
    PersonTerms,
    Planned,
    PlannedAction,
    Propagated,
    Rectifying,
    Restricting,
    RowRef,
    Sought,
    Store,
)

CHUNK_BYTES = 256 * 1024
INFERRED = Category.INFERRED.value
BUSY = frozenset({StoreCode.NOT_DONE_YET, StoreCode.RATE_LIMITED})
BUSY_WAIT = timedelta(seconds=15)
"""For a store that is busy and does not say for how long: most limits are told for ten seconds."""


@dataclass(frozen=True, slots=True)
class Task:
    """A claimed step and everything that its work needs, opened.

    `known` is how many of `identities` the store was searched with; `round` how often it was searched.
    `doubtful` says that candidates of the newest search wait for a person.
    `names` come from the other stores, `same` and `others` from a person's decisions, `holds` are
    the legal holds that concern the step,
    `portable` says that inferred data stay out of the export, `lifting` that a restriction ends.
    """

    claim: Claim
    identities: tuple[Identity, ...] = field(repr=False)
    known: int = 0
    round: int = 0
    found: Found = field(default_factory=Found, repr=False)
    doubtful: bool = False
    names: PersonTerms = field(default_factory=PersonTerms, repr=False)
    same: tuple[RowRef, ...] = field(default=(), repr=False)
    others: tuple[RowRef, ...] = field(default=(), repr=False)
    holds: tuple[Hold, ...] = ()
    portable: bool = False
    corrections: tuple[Correction, ...] = field(default=(), repr=False)
    lifting: bool = False

    @property
    def unsearched(self) -> bool:
        """Whether identities are known that the store was not searched with."""
        return self.round == 0 or self.known < len(self.identities)

    @property
    def held(self) -> str | None:
        """The name of a hold that stops the erasure, as far as is known now."""
        return next((hold.key for hold in self.holds if hold.stops(self.identities, self.found)), None)


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search found, joined with the searches before it; to be committed before a row is touched."""

    task: Task
    found: Found = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended, for now. `reason` names the hold or the kept tables of an exemption.

    `tried` is false for a step whose store was not asked, because it had just fallen silent. `late` is what
    was found with what came since, and what of it is gone: to be committed before the store is asked again.
    """

    claim: Claim
    status: StepStatus
    error: str | None = None
    wait: timedelta = timedelta(0)
    found: int | None = None
    kept: int | None = None
    remaining: int | None = None
    reason: str | None = None
    search_again: bool = False
    tried: bool = True
    late: Searched | None = field(default=None, repr=False)


def search(store: Store, task: Task) -> Searched | Outcome:
    """Looks for the person; a store that a person works by hand, and a held one, are not asked."""
    if task.held is not None:
        return exempt(task.claim, Exemption.LEGAL_HOLD, task.held, task.found)
    if store.by_hand:
        return Outcome(task.claim, StepStatus.WAITING_FOR_PERSON, StoreCode.BY_HAND)
    try:
        found = store.find(task.identities, known=task.names, same=task.same, others=task.others)
    except Exception as error:  # noqa: BLE001 - a store may raise anything, and its message may quote the person
        return failure(task.claim, error)
    return Searched(task, findings.joined(task.found, found))


def erase(store: Store, task: Task, book: ErrandBook) -> Outcome:
    """Erases what was found, and reads back; the counts come from the reading, never from a row count.

    Where more of the person came since the search nothing was erased: it is kept as found, and searched anew.
    """
    if task.held is not None:
        return exempt(task.claim, Exemption.LEGAL_HOLD, task.held, task.found)
    try:
        plan = store.plan(task.found)
        terms = task.found.terms.merged(task.names)
        if isinstance(store, OverTime):
            late = store.erase_over_time(task.found, terms, book)
        else:
            late = store.erase(task.found, terms)
        if late:
            return came_since(task, late)
        remaining = store.remaining(task.found, task.identities)
    except Exception as error:  # noqa: BLE001 - as in `search`
        return failure(task.claim, error)
    return read_back(task, plan, remaining)


def search_together(store: ForMany, tasks: Sequence[Task]) -> list[Searched | Outcome]:
    """`search` of many at once; raises what the store raises, for all of them."""
    held, free = _parted(tasks)
    found = store.find_each([Sought(task.identities, task.names, task.same, task.others) for task in free])
    searched = [
        Searched(task, findings.joined(task.found, each)) for task, each in zip(free, found, strict=True)
    ]
    return [*held, *searched]


def erase_together(store: ForMany, tasks: Sequence[Task]) -> list[Searched | Outcome]:
    """`erase` of many at once; raises what the store raises, for all of them."""
    held, free = _parted(tasks)
    plans = [store.plan(task.found) for task in free]
    late = store.erase_each([(task.found, task.found.terms.merged(task.names)) for task in free])
    each = list(zip(free, plans, late, strict=True))
    again = [came_since(task, more) for task, _, more in each if more]
    done = [(task, plan) for task, plan, more in each if not more]
    remaining = store.remaining_each([(task.found, task.identities) for task, _ in done])
    ended = [read_back(task, plan, left) for (task, plan), left in zip(done, remaining, strict=True)]
    return [*held, *again, *ended]


def rectify(store: Store, task: Task) -> Outcome:
    """Writes the corrections, where the store can and they are known; else it is a person's to do."""
    if not task.found.rows:
        return propagated(task, Propagated())
    if not isinstance(store, Rectifying) or not task.corrections:
        return Outcome(task.claim, StepStatus.WAITING_FOR_PERSON, StepError.NOT_AUTOMATIC)
    try:
        return propagated(task, store.rectify(task.found, task.corrections))
    except Exception as error:  # noqa: BLE001 - as in `search`
        return failure(task.claim, error)


def restrict(store: Store, task: Task) -> Outcome:
    """Marks the person's rows as restricted, or takes the mark away; else it is a person's to do."""
    if not task.found.rows:
        return propagated(task, Propagated())
    if not isinstance(store, Restricting):
        return Outcome(task.claim, StepStatus.WAITING_FOR_PERSON, StepError.NOT_AUTOMATIC)
    try:
        return propagated(task, store.restrict(task.found, on=not task.lifting))
    except Exception as error:  # noqa: BLE001 - as in `search`
        return failure(task.claim, error)


def propagated(task: Task, done: Propagated) -> Outcome:
    """What was written, read back: what is not so is tried again, what has no place waits for a person."""
    changed, left = sum(done.changed.values()), sum(done.remaining.values())
    if left:
        retry = step_machine.after_failure(task.claim.tries, again=True)
        return Outcome(
            task.claim,
            retry.status,
            StepError.ROWS_REMAIN,
            retry.wait,
            found=changed + left,
            remaining=left,
            search_again=True,
        )
    if done.unplaced:
        reason = f"{StepError.UNPLACED}:{','.join(done.unplaced)}"[:120]
        waits = StepStatus.WAITING_FOR_PERSON
        return Outcome(task.claim, waits, StepError.UNPLACED, found=changed, remaining=0, reason=reason)
    return Outcome(task.claim, StepStatus.SUCCEEDED, found=changed, remaining=0)


def _parted(tasks: Sequence[Task]) -> tuple[list[Outcome], list[Task]]:
    """The outcomes of what is on hold, and the tasks that are not."""
    held = [(task, task.held) for task in tasks]
    exempted = [
        exempt(task.claim, Exemption.LEGAL_HOLD, name, task.found) for task, name in held if name is not None
    ]
    return exempted, [task for task, name in held if name is None]


def export(store: Store, task: Task) -> Iterator[bytes]:
    """The person's rows as lines of JSON, in pieces of about `CHUNK_BYTES`; raises what the store raises."""
    lines: list[bytes] = []
    size = 0
    for row in store.export(task.found):
        lines.append(exported_line(portable(row) if task.portable else row))
        size += len(lines[-1])
        if size >= CHUNK_BYTES:
            yield b"".join(lines)
            lines, size = [], 0
    if lines:
        yield b"".join(lines)


def portable(row: ExportedRow) -> ExportedRow:
    """The row without what was inferred: only what the person provided or was observed is portable.

    Source: GDPR art. 20(1); Guidelines on data portability, WP 242 rev.01, p. 10.
    """
    kept = {name: value for name, value in row.columns.items() if row.categories.get(name) != INFERRED}
    return ExportedRow(
        row.table, kept, {name: row.categories[name] for name in kept if name in row.categories}
    )


def exported_line(row: ExportedRow) -> bytes:
    """One row of a package as a line; a value that JSON does not know is written as text."""
    document = {"table": row.table, "columns": dict(row.columns), "categories": dict(row.categories)}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str).encode() + b"\n"


def exported(task: Task) -> Outcome:
    """An export that came to its end: nothing was changed, and nothing should be."""
    return Outcome(task.claim, StepStatus.SUCCEEDED, found=len(task.found.rows))


def came_since(task: Task, late: Sequence[RowRef]) -> Outcome:
    """More of the person is there than was found: a search follows it to what it says, as another try."""
    found = findings.joined(task.found, Found(rows=tuple(late), candidates=task.found.candidates))
    retry = step_machine.after_failure(task.claim.tries, again=True)
    return Outcome(
        task.claim,
        retry.status,
        StepError.ROWS_CAME,
        retry.wait,
        search_again=True,
        late=Searched(task, found),
    )


def _after(task: Task, plan: Sequence[Planned], remaining: Mapping[str, int]) -> Searched | None:
    """What a next try begins with: rows that were deleted are not touched again, whoever has their keys."""
    if not isinstance(remaining, Left):
        return None
    deleted = {line.table for line in plan if line.action is PlannedAction.DELETE}
    still = Found(rows=remaining.rows, candidates=task.found.candidates)
    found = findings.joined(findings.without(task.found, deleted), still)
    return None if found == task.found else Searched(task, found)


def read_back(task: Task, plan: tuple[Planned, ...], remaining: Mapping[str, int]) -> Outcome:
    """What the reading back amounts to.

    Rows that ought to be gone and are not fail the step, to be searched anew; rows that the store's
    description keeps, with its reason, make it exempt. Both count as remaining: they are still there.
    """
    after = _after(task, plan, remaining)
    kept_tables = [line.table for line in plan if line.action is PlannedAction.KEEP and line.rows]
    kept = sum(line.rows for line in plan if line.action is PlannedAction.KEEP)
    found, left = task.found.total, sum(remaining.values())
    if left:
        retry = step_machine.after_failure(task.claim.tries, again=True)
        return Outcome(
            task.claim,
            retry.status,
            StepError.ROWS_REMAIN,
            retry.wait,
            found=found,
            kept=kept,
            remaining=left + kept,
            search_again=True,
            late=after,
        )
    status = StepStatus.EXEMPT if kept else StepStatus.SUCCEEDED
    reason = f"{Exemption.STORE_KEEPS}:{','.join(kept_tables)}"[:120] if kept else None
    return Outcome(task.claim, status, found=found, kept=kept, remaining=kept, reason=reason, late=after)


def exempt(claim: Claim, why: Exemption, what: str, found: Found) -> Outcome:
    """A step that the law keeps from being done."""
    held = len(found.rows)
    return Outcome(
        claim,
        StepStatus.EXEMPT,
        found=found.total,
        kept=held,
        remaining=held,
        reason=f"{why}:{what}"[:120],
    )


def failure(claim: Claim, error: Exception) -> Outcome:
    """A step that did not come to its end: tried again where waiting may help, no sooner than the store asks.

    A store that took the work on and has not finished it, or that limits how often it is asked, did not fail:
    asking it later is no try.
    """
    if not isinstance(error, StoreError):
        retry = step_machine.after_failure(claim.tries, again=True)
        return Outcome(claim, retry.status, StepError.UNEXPECTED.value, retry.wait)
    asked = error.wait or timedelta(0)
    if error.reason in BUSY:
        wait = max(asked, step_machine.FIRST_WAIT if error.wait else BUSY_WAIT)
        return Outcome(claim, StepStatus.QUEUED, error.reason.value, wait, tried=False)
    retry = step_machine.after_failure(claim.tries, again=error.passes)
    return Outcome(claim, retry.status, error.reason.value, max(retry.wait, asked))
