"""Looks after work that a store takes on and finishes later: begun once, and asked for until it ends."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from governance.stores.errands import Called, Errand, ErrandBook
from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.answers import as_text
from governance.stores.http.asking import Asker
from governance.stores.http.description import Call, Job
from governance.stores.http.paths import at

UNKNOWN = ""
"""The state of work that the store does not know any more."""
UNDER_WAY = "\0"
"""The state of work that can not be asked for: it is waited for."""


class Undertaking:
    """The work on one row; `begin` is the call that begins it, `values` what it is filled with."""

    def __init__(self, asker: Asker, job: Job, book: ErrandBook) -> None:
        """Asks nothing yet."""
        self.asker = asker
        self.job = job
        self.book = book

    def begin(self, errand: Errand, begin: Call, values: Mapping[str, Any]) -> Errand | None:
        """Tells the store what is wanted; None where it says that there is nothing to be done.

        Raises:
            StoreError: `answer_invalid`, it does not say what it calls the work; or as `Asker.ask`.
        """
        told = {**values, "ours": errand.id, "callback": errand.callback}
        answer = self.asker.ask(begin, told)
        if answer is None:
            self.book.end(errand)
            return None
        name = errand.id if self.job.id is None else at(answer.body, self.job.id)
        if name is None or isinstance(name, dict | list):
            raise StoreError(StoreCode.ANSWER_INVALID, errand.row.table)
        return self.book.take(errand, str(name))

    def wait(self, errand: Errand) -> timedelta | None:
        """How long to wait until it is looked at again; None when it is done.

        Raises:
            StoreError: `refused`, the store did not do it; `not_done_in_time`; or as `Asker.ask`.
        """
        job, table = self.job, errand.row.table
        state = self._state(errand)
        if state in job.done or state == Called.DONE:
            self.book.end(errand)
            return None
        if state in job.failed or state == Called.FAILED:
            self.book.end(errand)
            raise StoreError(StoreCode.REFUSED, table)
        if state == UNKNOWN:
            self.book.end(errand)
        left = timedelta(seconds=job.within) - errand.age
        if left <= timedelta(0):
            self.book.end(errand)
            raise StoreError(StoreCode.NOT_DONE_IN_TIME, table)
        return left if job.poll is None else min(left, timedelta(seconds=job.every))

    def _state(self, errand: Errand) -> str:
        """How far the work is; a poll that the store refuses is of work that it does not know any more."""
        if errand.answer is not None:
            return errand.answer
        if self.job.poll is None or errand.name is None:
            return UNDER_WAY
        try:
            if self.job.poll.path == "{job}":
                answer = self.asker.ask_link(self.job.poll, errand.name)
            else:
                answer = self.asker.ask(self.job.poll, {"job": errand.name})
        except StoreError as error:
            if error.reason is StoreCode.REFUSED:
                self.book.end(errand)
            raise
        return UNKNOWN if answer is None else as_text(at(answer.body, self.job.state or ""))
