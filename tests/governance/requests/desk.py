"""Stores that live in memory and misbehave when told to, and requests to work on."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from api import casework
from api.background import request_steps
from api.background.request_batches import Opener
from api.context import Service
from api.intake import take_in
from audit.ids import random_id
from consent.vocabulary import IdentifierKind
from governance.leads import new_lead
from governance.requests import descriptions
from governance.requests.leases import Worker
from governance.requests.vocabulary import Ground, Method, RequestType
from governance.stores.errors import StoreCode, StoreError
from governance.stores.protocol import (
    Candidate,
    CandidateReason,
    ExportedRow,
    Found,
    Identity,
    PersonTerms,
    Planned,
    PlannedAction,
    RowRef,
    Store,
)

ACTOR = "officer"


@dataclass
class MemoryStore:
    """A store whose rows are a dictionary; it counts what is done to it, and fails as often as it is told.

    A row is `{kind: value}`, as in `{"email": "anna@example.com", "external": "17"}`; `of` names the row
    that it belongs to. `coming` are the rows that come between one search and its erasure, and the next.
    """

    key: str
    rows: dict[int, dict[str, str]] = field(default_factory=dict)
    by_hand: bool = False
    faults: list[StoreCode] = field(default_factory=list)
    wait: timedelta | None = None
    lies: int = 0
    kept: int = 0
    doubtful: set[int] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)
    coming: list[dict[int, dict[str, str]]] = field(default_factory=list)

    def _ask(self, call: str) -> None:
        self.asked.append(call)
        if self.faults:
            raise StoreError(self.faults.pop(0), wait=self.wait)

    def find(
        self,
        identities: Sequence[Identity],
        *,
        known: PersonTerms = PersonTerms(),  # noqa: ARG002, B008 - as in the protocol
        same: Sequence[RowRef] = (),
        others: Sequence[RowRef] = (),
    ) -> Found:
        """Rows that hold an identity, to a fixed point; a doubtful row waits for a person."""
        self._ask("find")
        wanted = {(each.kind.value, each.value) for each in identities}
        sure: set[int] = set()
        while True:
            hits = [row for row, values in self.rows.items() if wanted & set(values.items())]
            refs = {row: RowRef("people", (row,)) for row in hits}
            grown = {row for row in hits if row not in self.doubtful or refs[row] in same}
            if grown == sure:
                break
            sure = grown
            wanted |= {pair for row in sure for pair in self.rows[row].items()}
        doubts = [row for row in hits if row not in sure and refs[row] not in others]
        learnt = {
            Identity(IdentifierKind(kind), value, self.key if kind == "external" else None)
            for row in sure
            for kind, value in self.rows[row].items()
            if kind in set(IdentifierKind)
        }
        return Found(
            rows=tuple(refs[row] for row in sorted(sure)),
            persons=tuple(refs[row] for row in sorted(sure)),
            learnt=tuple(sorted(learnt - set(identities), key=lambda each: each.value)),
            candidates=tuple(_candidate(refs[row], self.rows[row]) for row in doubts),
        )

    def plan(self, found: Found) -> tuple[Planned, ...]:
        """Everything is deleted, but for what is kept."""
        kept = min(self.kept, len(found.rows))
        deleted = Planned("people", PlannedAction.DELETE, len(found.rows) - kept)
        return (deleted, Planned("invoices", PlannedAction.KEEP, kept, "tax law")) if kept else (deleted,)

    def export(self, found: Found) -> Iterator[ExportedRow]:
        """The rows that still exist."""
        self._ask("export")
        for ref in found.rows:
            values = self.rows.get(int(ref.key[0]))
            if values is not None:
                yield ExportedRow("people", {"id": ref.key[0], **values}, {"score": "inferred"})

    def erase(self, found: Found, terms: PersonTerms) -> tuple[RowRef, ...]:  # noqa: ARG002 - the protocol's
        """Deletes the rows, unless more came since; a lying store says so and does nothing."""
        self._ask("erase")
        if self.coming:
            self.rows |= self.coming.pop(0)
        owners = {str(ref.key[0]) for ref in found.persons}
        theirs = {RowRef("people", (row,)) for row, of in self.rows.items() if of.get("of") in owners}
        late = theirs.difference(found.rows)
        if late:
            return tuple(sorted(late))
        if self.lies:
            self.lies -= 1
            return ()
        for ref in found.rows[self.kept :]:
            if self.rows.pop(int(ref.key[0]), None) is not None:
                self.deleted.append(int(ref.key[0]))
        return ()

    def remaining(self, found: Found, identities: Sequence[Identity]) -> dict[str, int]:  # noqa: ARG002
        """What is still there and should not be."""
        self._ask("remaining")
        left = sum(1 for ref in found.rows[self.kept :] if int(ref.key[0]) in self.rows)
        return {"people": left} if left else {}


def _candidate(ref: RowRef, values: Mapping[str, str]) -> Candidate:
    reason, via = CandidateReason.SHARED_IDENTITY, IdentifierKind.PHONE
    return Candidate(f"c{ref.key[0]}", ref, reason, via, dict(values))


def opener(*stores: Store) -> Opener:
    """Opens these stores and no others."""
    known = {store.key: store for store in stores}
    return known.get


def a_known_lead(service: Service, email: str, **changes: Any) -> str:
    """The id of a lead that was taken in."""
    document = {
        "identifiers": [{"type": "email", "value": email}],
        "source": {"key": "fair-2026", "kind": "event", "obtained_at": service.clock()},
        **changes,
    }
    [placed] = take_in(service, [new_lead(document)], actor=ACTOR)
    assert placed.lead_id is not None
    return placed.lead_id


def a_request(service: Service, email: str, kind: RequestType = RequestType.ERASURE, **asked: Any) -> str:
    """The id of a request that was just received."""
    request_id = str(uuid.uuid4())
    named = {"references": [{"email": email}], **asked}
    casework.take_in(
        service,
        casework.Asked(request_id, kind, **named),
        actor=ACTOR,
        answer=lambda _: None,
        commit=service.main.write,
    )
    return request_id


def an_approved(
    service: Service,
    email: str,
    stores: Sequence[str],
    kind: RequestType = RequestType.ERASURE,
) -> str:
    """The id of a request that was verified and approved, with a step for each store."""
    request_id = a_request(service, email, kind)
    casework.verify(service, request_id, Method.DOCUMENT_SEEN, passed=True, actor=ACTOR)
    casework.approve(service, request_id, actor=ACTOR, stores=stores)
    return request_id


def refuse(service: Service, request_id: str) -> None:
    """Turn a request down."""
    casework.refuse(service, request_id, Ground.EXCESSIVE, "third time this week", actor=ACTOR)


def work(service: Service, *stores: Store, worker: Worker | None = None) -> None:
    """Let a worker do everything that is due now."""
    by = worker or Worker(random_id(), sole=True)
    while request_steps.run_batch(service, by, opener(*stores)):
        pass


def described(service: Service, request_id: str) -> dict[str, Any]:
    """The request as its resource shows it."""
    with service.main.read() as session:
        return descriptions.describe(session, request_id)


def step_in(service: Service, request_id: str, store: str) -> dict[str, Any]:
    """The step of one store."""
    [step] = [each for each in described(service, request_id)["steps"] if each["store"] == store]
    return dict(step)
