"""A request as the contract shows it: states, clocks and counts, and nothing of the person."""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance.requests import appeals, approvals, grounds, proofs, records
from governance.requests.tables import (
    CandidateRow,
    CertificateRow,
    ProofRow,
    RequestRow,
    StepHistoryRow,
    StepRow,
)
from governance.requests.vocabulary import OWN_STORE, Ground, Regime, Status, StepStatus


def describe(session: Session, request_id: str) -> dict[str, Any]:
    """The resource of one request.

    Raises:
        RequestUnknownError: there is none of that id.
    """
    return _described(session, [records.read(session, request_id)])[0]


def listed(
    session: Session, *, limit: int, before: str | None = None, status: str | None = None
) -> tuple[list[dict[str, Any]], str | None]:
    """Requests, the newest first, and the cursor of the next page."""
    query = select(RequestRow).order_by(RequestRow.created_at.desc(), RequestRow.id.desc())
    if status is not None:
        query = query.where(RequestRow.status == status)
    last = None if before is None else session.get(RequestRow, before)
    if last is not None:
        older = RequestRow.created_at < last.created_at
        same = (RequestRow.created_at == last.created_at) & (RequestRow.id < last.id)
        query = query.where(older | same)
    rows = session.scalars(query.limit(limit + 1)).all()
    more = len(rows) > limit
    return _described(session, rows[:limit]), rows[limit - 1].id if more else None


def history(session: Session, request_id: str) -> list[dict[str, Any]]:
    """Every change of every step, the oldest first."""
    query = select(StepHistoryRow).where(StepHistoryRow.request_id == request_id)
    return [
        _stated(
            {
                "at": row.at.isoformat(),
                "store": row.store,
                "action": row.action,
                "status": row.status,
                "attempt": row.attempt,
                "error": row.error,
                "found": row.found,
                "remaining": row.remaining,
                "actor": row.actor,
            }
        )
        for row in session.scalars(
            query.order_by(StepHistoryRow.at, StepHistoryRow.store, StepHistoryRow.number)
        )
    ]


def _described(session: Session, rows: Sequence[RequestRow]) -> list[dict[str, Any]]:
    """The resources of requests, in six statements for all of them."""
    ids = [row.id for row in rows]
    steps: dict[str, list[StepRow]] = defaultdict(list)
    for step in session.scalars(select(StepRow).where(StepRow.request_id.in_(ids))):
        steps[step.request_id].append(step)
    waiting: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    undecided = select(CandidateRow).where(
        CandidateRow.request_id.in_(ids), CandidateRow.same_person.is_(None)
    )
    for candidate in session.scalars(undecided.order_by(CandidateRow.id)):
        place = candidate.request_id, candidate.store
        waiting[place].append({"id": candidate.id, "table": candidate.table_name})
    newest: dict[str, CertificateRow] = {}
    for row in session.scalars(
        select(CertificateRow).where(CertificateRow.request_id.in_(ids)).order_by(CertificateRow.number)
    ):
        newest[row.request_id] = row
    shown: dict[str, list[ProofRow]] = defaultdict(list)
    for proof in session.scalars(
        select(ProofRow).where(ProofRow.request_id.in_(ids)).order_by(ProofRow.number)
    ):
        shown[proof.request_id].append(proof)
    approved, appealed = approvals.given_to(session, ids), appeals.of_each(session, ids)
    return [
        _resource(row, steps[row.id], waiting, newest.get(row.id))
        | {"verification": proofs.shown(row, shown[row.id])}
        | ({"approved_by": approved[row.id]} if row.id in approved else {})
        | ({"appeals": appealed[row.id]} if row.id in appealed else {})
        for row in rows
    ]


def _resource(
    row: RequestRow,
    steps: Sequence[StepRow],
    waiting: dict[tuple[str, str], list[dict[str, Any]]],
    certificate: CertificateRow | None,
) -> dict[str, Any]:
    ordered = sorted(steps, key=lambda step: (step.store == OWN_STORE, step.store, step.action))
    resource = {
        "id": row.id,
        "type": row.type,
        "regime": row.regime,
        "status": row.status,
        "reason": row.reason,
        "received_at": row.received_at.isoformat(),
        "submitted_by": row.submitted_by,
        "deadlines": json.loads(row.deadlines),
        "steps": [_step(step, waiting.get((row.id, step.store), [])) for step in ordered],
        "certificate": _certificate(row, certificate),
        "refusal": _refusal(row),
        "lift_at": None if row.lift_at is None else row.lift_at.isoformat(),
        "lifted_at": None if row.lifted_at is None else row.lifted_at.isoformat(),
    }
    return _stated(resource)


def _refusal(row: RequestRow) -> dict[str, Any] | None:
    """The ground of a refusal with its law, where one says so."""
    if row.status != Status.REFUSED or row.reason is None:
        return None
    return _stated({"ground": row.reason, "law": grounds.law(Regime(row.regime), Ground(row.reason))})


def _step(step: StepRow, candidates: list[dict[str, Any]]) -> dict[str, Any]:
    """A step; counts are always named, so that nobody takes an absent one for none."""
    waits = step.status == StepStatus.WAITING_FOR_PERSON
    counts = {"found": step.found, "changed": step.changed, "remaining": step.remaining}
    return {
        "store": step.store,
        "action": step.action,
        "status": step.status,
        **counts,
        "attempts": step.attempts,
        **_stated({"kept": step.kept, "last_error": step.last_error, "reason": step.reason}),
        **({"candidates": candidates} if waits and candidates else {}),
    }


def _certificate(row: RequestRow, certificate: CertificateRow | None) -> dict[str, Any] | None:
    """Where the certificate is, and until when identifiers are kept."""
    if certificate is None:
        return None
    return _stated(
        {
            "number": certificate.number,
            "issued_at": certificate.issued_at.isoformat(),
            "href": f"/v1/privacy-requests/{row.id}/certificate",
            "look_back_until": None if row.key_until is None else row.key_until.isoformat(),
        }
    )


def _stated(members: dict[str, Any]) -> dict[str, Any]:
    """The members that have a value."""
    return {name: value for name, value in members.items() if value is not None}
