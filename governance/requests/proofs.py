"""The attempts to show who asks: each is kept with its result, and the status follows.

An officer's judgement stands by itself. What the service checked by itself (a code, a login) leads on only
where it is enough for the law and the type (`assurance`); else it is kept for the officer to see.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from audit.actions import Action as Told
from audit.log import Appended
from governance.requests import assurance, case_file, machine, records
from governance.requests.records import Telling
from governance.requests.tables import CodeRow, ProofRow, RequestRow
from governance.requests.vocabulary import Method, Regime, RequestType, Status, Submitter
from governance.vault.sealing import DataKey


def keep(
    session: Session,
    row: RequestRow,
    method: Method,
    *,
    passed: bool,
    now: datetime,
    actor: str,
    statement: bytes | None = None,
) -> Appended:
    """Adds an attempt, with its entry; the status is the caller's."""
    [told] = keep_each(session, [row.id], method, passed=passed, now=now, actor=actor, statement=statement)
    return told


def keep_each(
    session: Session,
    request_ids: Sequence[str],
    method: Method,
    *,
    passed: bool,
    now: datetime,
    actor: str,
    statement: bytes | None = None,
) -> list[Appended]:
    """`keep` of the same attempt for many requests."""
    query = select(ProofRow.request_id, func.max(ProofRow.number))
    numbers = dict(
        session.execute(query.where(ProofRow.request_id.in_(request_ids)).group_by(ProofRow.request_id)).all()
    )
    session.add_all(
        ProofRow(
            request_id=request_id,
            number=numbers.get(request_id, 0) + 1,
            method=method,
            passed=passed,
            at=now,
            actor=actor,
            statement=statement,
        )
        for request_id in request_ids
    )
    action = Told.REQUEST_VERIFIED if passed else Told.REQUEST_VERIFICATION_FAILED
    leads = records.leads_of_each(session, request_ids)
    tellings = [
        Telling(
            request_id,
            action,
            {"method": method},
            leads[request_id][0] if len(leads[request_id]) == 1 else None,
        )
        for request_id in request_ids
    ]
    return records.tell_many(session, tellings, actor=actor, now=now)


def keep_checked(
    session: Session, row: RequestRow, method: Method, *, covers: bool, now: datetime, actor: str
) -> Appended:
    """Adds a proof that the service itself checked; with enough of them the request goes on to review.

    `covers` says whether what was proved is all that the request is about: whoever shows an address of
    their own, and names somebody else's phone, has shown nothing of the other.
    """
    told = keep(session, row, method, passed=covers, now=now, actor=actor)
    session.flush()
    methods = passed_methods(session, row.id)
    enough = assurance.suffices(
        RequestType(row.type), Regime(row.regime), Submitter(row.submitted_by), methods
    )
    if covers and enough and row.status == Status.AWAITING_VERIFICATION:
        verified(session, row, now=now)
    return told


def verified(session: Session, row: RequestRow, *, now: datetime) -> None:
    """The request goes on to review; codes that are still about are worth nothing any more."""
    verified_each(session, [row], now=now)


def verified_each(session: Session, rows: Sequence[RequestRow], *, now: datetime) -> None:
    """`verified` for many requests."""
    cases = records.cases_of(session, rows)
    for row in rows:
        row.status = machine.verified(cases[row.id], passed=True).status
        row.verified_at = now
    forget_codes(session, [row.id for row in rows])


def seal_statement(key: DataKey, row: RequestRow, text: str) -> bytes:
    """What an agent's permission says: who gave it to whom, and when."""
    return case_file.seal_text(key, row.id, "statement", text)


def passed_methods(session: Session, request_id: str) -> list[Method]:
    """By which methods it was shown who asks."""
    query = select(ProofRow.method).where(ProofRow.request_id == request_id, ProofRow.passed.is_(True))
    return [Method(method) for method in session.scalars(query)]


def forget_codes(session: Session, request_ids: Sequence[str]) -> None:
    """Codes and the keyed hashes of their addresses; not needed once a request is verified or closed."""
    session.execute(delete(CodeRow).where(CodeRow.request_id.in_(request_ids)))


def shown(row: RequestRow, proofs: Sequence[ProofRow]) -> Mapping[str, Any]:
    """How surely it must be known who asks, how surely it is, and by which attempts. Pure."""
    methods = [Method(each.method) for each in proofs if each.passed]
    return {
        "required": assurance.required(RequestType(row.type), Regime(row.regime)),
        "reached": assurance.reached(methods),
        "proofs": [
            {"method": each.method, "passed": each.passed, "at": each.at.isoformat(), "actor": each.actor}
            for each in proofs
        ],
    }
