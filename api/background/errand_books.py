"""The book of what a store has begun for a claimed step; each line is committed before anything goes on."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from sqlalchemy.orm import Session

from api.context import Service
from governance.requests import errands, leases
from governance.requests.leases import Claim, Worker
from governance.requests.tables import StepRow
from governance.stores.errands import Errand
from governance.stores.protocol import RowRef
from governance.vault.sealing import DataKey

T = TypeVar("T")


class KeptBook:
    """The `ErrandBook` of one step, in the database; read when it is first asked."""

    def __init__(self, service: Service, worker: Worker, claim: Claim, key: DataKey) -> None:
        """Reads nothing yet."""
        self.service = service
        self.worker = worker
        self.claim = claim
        self.key = key
        self.address = address_of(service, claim.store)
        self._read: dict[RowRef, Errand] | None = None

    def find(self, row: RowRef) -> Errand | None:
        """See `ErrandBook`."""
        return self._open_ones().get(row)

    def begin(self, row: RowRef) -> Errand:
        """See `ErrandBook`."""
        begun = self._write(
            lambda session: errands.begin(session, self.key, self.claim.store, row, self.address)
        )
        self._open_ones()[row] = begun
        return begun

    def take(self, errand: Errand, name: str) -> Errand:
        """See `ErrandBook`."""
        return self._call(errand, name)

    def forget(self, errand: Errand) -> Errand:
        """See `ErrandBook`."""
        return self._call(errand, None)

    def end(self, errand: Errand) -> None:
        """See `ErrandBook`."""
        now = self.service.clock()
        self._write(lambda session: errands.end(session, errand, now=now))
        self._open_ones().pop(errand.row, None)

    def _call(self, errand: Errand, name: str | None) -> Errand:
        """Notes what the store calls it; since when it has been at work on it stays as it is."""
        first = self.service.clock() - errand.age
        self._write(lambda session: errands.take(session, self.key, errand, name or "", now=first))
        self._open_ones()[errand.row] = called = replace(errand, name=name)
        return called

    def _open_ones(self) -> dict[RowRef, Errand]:
        if self._read is None:
            now = self.service.clock()
            with self.service.main.read() as session:
                found = errands.open_ones(session, self.key, self.claim.store, self.address, now=now)
            self._read = {errand.row: errand for errand in found}
        return self._read

    def _write(self, note: Callable[[Session], T]) -> T:
        """Commits a line, which fails once the step is another worker's."""
        place = (self.claim.request_id, self.claim.store, self.claim.action)

        def guarded(session: Session) -> T:
            leases.require(session.get(StepRow, place, with_for_update=True), self.worker, self.claim.fence)
            return note(session)

        return self.service.main.write(guarded)


def address_of(service: Service, store: str) -> str:
    """Where a store may call, up to the token."""
    return f"{service.settings.public_url}/v1/stores/{store}/callbacks/"
