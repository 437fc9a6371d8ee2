"""Group commit: many callers, one transaction.

The caller who finds nobody leading leads; who comes meanwhile waits. There is no thread to wake.

1. Wait a moment for those who came with the last group, if they could share this run.
2. Take every job that waits, at most `MOST_A_GROUP`, and commit them.
3. Wake the callers, each with its own result or error, and hand the lead to one who came meanwhile.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from api.engines import translated
from api.errors import DatabaseClosedError
from api.jobs import Job, SharedJob

MOST_A_GROUP = 256
PATIENCE_SECONDS = 0.002  # about what a caller needs to answer one request and ask with the next


class Groups:
    """Jobs in groups; `commit` gives each of a group its result or its error, once that is durable."""

    def __init__(self, commit: Callable[[Sequence[Job]], None]) -> None:
        self._commit = commit
        self._gate = threading.Condition(threading.Lock())
        self._waiting: list[Job] = []
        self._next: Job | None = None  # whose turn to lead it is, though its caller may not know yet
        self._leading = False
        self._leader: int | None = None
        self._expected = self._last = 0  # how many a leader waits for, and how many the last group had
        self._closed = False

    def done(self, job: Job) -> Any:
        """The result of a job, once it is committed; its error is raised.

        Raises:
            DatabaseClosedError: no more jobs are taken.
            RuntimeError: called from inside another job, which would wait for itself.
        """
        if self._leader == threading.get_ident():
            raise RuntimeError("a write inside a write of the same database waits for itself")
        try:
            if not self._leads(job):
                job.done.acquire()  # until it is finished, or its caller is to lead
            if not job.finished:
                self._lead(job)
        except BaseException:  # the caller is interrupted
            self._withdraw(job)
            raise
        try:
            if job.error is not None:
                raise translated(job.error)
            return job.result
        finally:
            job.error = None  # whose frames refer to this job: a circle that only the collector would find

    def close(self) -> None:
        """Finish what was asked for, and take nothing more."""
        with self._gate:
            self._closed = True
            self._gate.wait_for(lambda: not self._leading)

    def _leads(self, job: Job) -> bool:
        """Queue a job; whether its caller is the one to lead."""
        with self._gate:
            if self._closed:
                raise DatabaseClosedError("the service is stopping")
            self._waiting.append(job)
            if len(self._waiting) == self._expected:
                self._gate.notify_all()
            if not self._leading:
                self._leading, self._next = True, job
            return self._next is job

    def _withdraw(self, job: Job) -> None:
        """Let nobody run a job whose caller is gone, or wait for that caller to lead."""
        with self._gate:
            if job in self._waiting:
                self._waiting.remove(job)
            if self._next is job:
                self._pass_on()

    def _lead(self, own: Job) -> None:
        """Commit all that waits as one group, wake its callers, and hand the lead on."""
        group: list[Job] = []
        try:
            group += self._gathered(own)
            self._leader = threading.get_ident()
            self._commit(group)
        except BaseException as error:  # a caller must never wait for ever
            failed = error if isinstance(error, Exception) else DatabaseClosedError("interrupted")
            for job in group:
                job.error = failed
            if failed is not error or not group:
                raise
        finally:
            self._leader = None
            self._wake(group, own)

    def _gathered(self, own: Job) -> list[Job]:
        """The next group, which shares statements and COMMIT.

        Who came together before is likely to come again at once, and is waited for; who was alone waits for
        nobody (ADR 20).
        """
        with self._gate:
            if isinstance(own, SharedJob):
                self._expected = self._last + len(self._waiting) - 1
                self._gate.wait_for(lambda: len(self._waiting) >= self._expected, PATIENCE_SECONDS)
            group = self._waiting[:MOST_A_GROUP]
            del self._waiting[:MOST_A_GROUP]
            self._last = len(group)
            return group

    def _wake(self, group: Sequence[Job], own: Job) -> None:
        for job in group:
            job.finished = True
            if job is not own:
                job.done.release()
        with self._gate:
            self._pass_on()

    def _pass_on(self) -> None:
        """Let the first who waits lead the next group; the gate is held."""
        self._next = self._waiting[0] if self._waiting else None
        if self._next is not None:
            self._next.done.release()
        else:
            self._leading = False
            self._gate.notify_all()
