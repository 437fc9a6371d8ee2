"""What waits to be committed in a group: closures, and items that can be done together."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, cast

from sqlalchemy import Connection

Together = Callable[[Connection, Sequence[Any]], Sequence[Any]]


class Job:
    """A closure, and the caller who waits for it: until it is `finished`, or for its turn to lead.

    A bare lock is the cheapest way to wait for one event.
    """

    __slots__ = ("done", "error", "finished", "result", "work")

    def __init__(self, work: Callable[[Connection], Any]) -> None:
        self.work = work
        self.result: Any = None
        self.error: Exception | None = None
        self.finished = False
        self.done = threading.Lock()
        self.done.acquire()

    def run(self, connection: Connection) -> None:
        """Keep the result or the error; the caller's thread raises it."""
        self.result = self.error = None
        try:
            self.result = self.work(connection)
        except Exception as error:  # noqa: BLE001 - it is the caller's, whatever it is
            self.error = error


class SharedJob(Job):
    """A closure over one item of a `together` that can do many at once."""

    __slots__ = ("item", "together")

    def __init__(self, together: Together, item: Any) -> None:
        super().__init__(lambda connection: together(connection, [item])[0])
        self.together = together
        self.item = item


def run_items(connection: Connection, jobs: Sequence[SharedJob]) -> Sequence[Any]:
    """What the items of some jobs come to, in one run."""
    return jobs[0].together(connection, [job.item for job in jobs])


def share_out(jobs: Sequence[Job], results: Sequence[Any]) -> None:
    """To each job its own result of a run that they shared."""
    for job, result in zip(jobs, results, strict=True):
        job.result, job.error = result, None


def run_together(connection: Connection, jobs: Sequence[SharedJob]) -> bool:
    """Run the items of some jobs at once; False when that raised, and each should be tried by itself."""
    try:
        results = run_items(connection, jobs)
    except Exception:  # noqa: BLE001 - whose fault it was shows when each runs alone
        return False
    share_out(jobs, results)
    return True


def run(connection: Connection, bundle: Sequence[Job]) -> bool:
    """Whether a bundle ended well; what went wrong with a single job is kept in it."""
    if len(bundle) > 1:
        return run_together(connection, cast("Sequence[SharedJob]", bundle))
    bundle[0].run(connection)
    return bundle[0].error is None


def bundles(jobs: Sequence[Job]) -> list[list[Job]]:
    """The jobs by what they do together; each of the others by itself."""
    found: list[list[Job]] = []
    shared: dict[Together, list[Job]] = {}
    for job in jobs:
        known = shared.get(job.together) if isinstance(job, SharedJob) else None
        if known is not None:
            known.append(job)
            continue
        found.append([job])
        if isinstance(job, SharedJob):
            shared[job.together] = found[-1]
    return found
