"""Looks after work that a store takes on and finishes later: begun once, and asked for until it ends."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from governance.stores.errands import Called, Errand, ErrandBook
from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.answers import Answer, as_text
from governance.stores.http.asking import Asker
from governance.stores.http.description import Call, Job
from governance.stores.http.paths import at


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
            StoreError: `answer_invalid`, it does not say what it calls the work; `not_done_in_time`, it was
                begun before and forgotten; or as `Asker.ask`.
        """
        self._left(errand)
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
        ended = errand.answer or self._ended(errand)
        if ended is Called.DONE:
            self.book.end(errand)
            return None
        if ended is Called.FAILED:
            self.book.end(errand)
            raise StoreError(StoreCode.REFUSED, table)
        left = self._left(errand)
        return left if job.poll is None else min(left, timedelta(seconds=job.every))

    def _left(self, errand: Errand) -> timedelta:
        """How much longer the work may take, however often it was begun.

        Raises:
            StoreError: `not_done_in_time`.
        """
        left = timedelta(seconds=self.job.within) - errand.age
        if left <= timedelta(0):
            self.book.end(errand)
            raise StoreError(StoreCode.NOT_DONE_IN_TIME, errand.row.table)
        return left

    def _ended(self, errand: Errand) -> Called | None:
        """How the work ended, in the words of the description alone; None while it is under way.

        Work that the store does not know any more has not ended: it is begun again next time, under the same
        id, and the time that it may take goes on.
        """
        if self.job.poll is None or errand.name is None:
            return None
        answer = self._polled(self.job.poll, errand, errand.name)
        if answer is None:
            self.book.forget(errand)
            return None
        state = as_text(at(answer.body, self.job.state or ""))
        if state in self.job.done:
            return Called.DONE
        return Called.FAILED if state in self.job.failed else None

    def _polled(self, poll: Call, errand: Errand, name: str) -> Answer | None:
        """What the store says of it; a poll that it refuses is of work that it does not know any more."""
        try:
            if poll.path == "{job}":
                return self.asker.ask_link(poll, name)
            return self.asker.ask(poll, {"job": name})
        except StoreError as error:
            if error.reason is StoreCode.REFUSED:
                self.book.end(errand)
            raise
