"""Work that a store takes on now and finishes later, and what has to be known of it meanwhile. No I/O.

An errand is written down before the store is told, and what the store calls it as soon as it says so: whoever
comes after a crash goes on with it, and tells no store twice without saying that it is the same.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable

from audit.ids import random_id
from governance.stores.protocol import Found, PersonTerms, RowRef


class Called(StrEnum):
    """How the store says that it ended, when it calls back."""

    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Errand:
    """One row's work.

    Attributes:
        id: ours; a store that is told it twice knows that it is the same work.
        name: what the store calls it, once it took it on, and while it knows it.
        callback: the address that the store may call; known to nobody else.
        answer: what it said there, if anything yet.
        age: since the store first took it on.
    """

    id: str
    row: RowRef
    name: str | None = field(default=None, repr=False)
    callback: str | None = field(default=None, repr=False)
    answer: Called | None = None
    age: timedelta = timedelta(0)


class ErrandBook(Protocol):
    """The errands of one person in one store. What is written there lasts, once the method has returned."""

    def find(self, row: RowRef) -> Errand | None:
        """The errand of a row that has not ended."""

    def begin(self, row: RowRef) -> Errand:
        """A new one; the store has not been told yet."""

    def take(self, errand: Errand, name: str) -> Errand:
        """The store took it on, and calls it so."""

    def forget(self, errand: Errand) -> Errand:
        """The store does not know it any more; it is to be told again, and keeps our id, address and age."""

    def end(self, errand: Errand) -> None:
        """It is over, however it ended."""


@runtime_checkable
class OverTime(Protocol):
    """A store whose erasures may take longer than anybody waits for."""

    def erase_over_time(self, found: Found, terms: PersonTerms, book: ErrandBook) -> tuple[RowRef, ...]:
        """`Store.erase`, with a book of what the store has begun.

        Raises:
            StoreError: `not_done_yet`, to be asked again; `not_done_in_time`.
        """


class MemoryBook:
    """A book for whoever keeps none: it lasts as long as the store is open, and nobody can call."""

    def __init__(self) -> None:
        """Nothing has begun."""
        self._errands: dict[RowRef, Errand] = {}

    def find(self, row: RowRef) -> Errand | None:
        """See `ErrandBook`."""
        return self._errands.get(row)

    def begin(self, row: RowRef) -> Errand:
        """See `ErrandBook`."""
        return self._errands.setdefault(row, Errand(random_id(), row))

    def take(self, errand: Errand, name: str) -> Errand:
        """See `ErrandBook`."""
        self._errands[errand.row] = taken = replace(errand, name=name)
        return taken

    def forget(self, errand: Errand) -> Errand:
        """See `ErrandBook`."""
        self._errands[errand.row] = forgotten = replace(errand, name=None)
        return forgotten

    def end(self, errand: Errand) -> None:
        """See `ErrandBook`."""
        self._errands.pop(errand.row, None)
