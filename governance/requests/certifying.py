"""Certificates as rows: issued in the transaction that completes the request, and handed out."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit import query
from audit.actions import Action as Told
from audit.entry import SERVICE
from governance.errors import CertificateMissingError
from governance.requests import certificate, recipients, records
from governance.requests.certificate import Certified, CertifiedEntry, CertifiedStep, SignsReceipts
from governance.requests.records import Telling
from governance.requests.tables import CertificateRow, RequestEntryRow, RequestRow, StepRow
from governance.requests.vocabulary import OWN_STORE
from governance.stores import register


def issue(
    session: Session, signer: SignsReceipts, controller: str, request_ids: Sequence[str], *, now: datetime
) -> None:
    """A certificate for each of the requests, which are completed in this transaction."""
    session.flush()
    steps: dict[str, list[StepRow]] = defaultdict(list)
    for step in session.scalars(select(StepRow).where(StepRow.request_id.in_(request_ids))):
        steps[step.request_id].append(step)
    entries = _entries(session, request_ids)
    numbers = _numbers(session, request_ids)
    informed = recipients.informed(session, request_ids, register.active_stores(session))
    for row in session.scalars(select(RequestRow).where(RequestRow.id.in_(request_ids))):
        number = numbers.get(row.id, 0) + 1
        certified = Certified(
            request_id=row.id,
            number=number,
            type=row.type,
            regime=row.regime,
            status=row.status,
            controller=controller,
            received_at=row.received_at,
            approved_at=row.approved_at or now,
            completed_at=now,
            look_back_until=row.key_until or now,
            steps=_certified_steps(steps[row.id]),
            entries=entries[row.id],
            recipients=[recipients.out(each) for each in informed[row.id]],
        )
        jws = certificate.sign(certificate.document_of(certified), signer)
        session.add(CertificateRow(request_id=row.id, number=number, issued_at=now, jws=jws))
    tellings = [Telling(request_id, Told.REQUEST_CERTIFIED) for request_id in request_ids]
    records.tell_many(session, tellings, actor=SERVICE, now=now)


def _entries(session: Session, request_ids: Sequence[str]) -> dict[str, list[CertifiedEntry]]:
    """The entries of each request so far, in their order; plain values, for there are a dozen of each."""
    table = RequestEntryRow
    query = (
        select(table.request_id, table.entry_id, table.action, table.leaf_hash)
        .where(table.request_id.in_(request_ids))
        .order_by(table.entry_id)
    )
    found: dict[str, list[CertifiedEntry]] = defaultdict(list)
    for request_id, entry_id, action, leaf_hash in session.connection().execute(query):
        found[request_id].append(CertifiedEntry(entry_id, action, leaf_hash))
    return found


def newest(session: Session, request_id: str) -> CertificateRow | None:
    """The newest certificate of a request, if it has one."""
    statement = select(CertificateRow).where(CertificateRow.request_id == request_id)
    return session.scalars(statement.order_by(CertificateRow.number.desc())).first()


def handed_out(session: Session, request_id: str) -> dict[str, Any]:
    """The newest certificate's document, and the signed text that it was read from.

    Raises:
        RequestUnknownError: there is no such request.
        CertificateMissingError: it is not completed.
    """
    row = newest(session, records.read(session, request_id).id)
    if row is None:
        raise CertificateMissingError("the request is not completed, so there is no certificate")
    document = certificate.read(row.jws)
    proofs = (_proof(session, entry["entry_id"]) for entry in document["entries"])
    return {**document, "jws": row.jws, "proofs": [proof for proof in proofs if proof is not None]}


def _proof(session: Session, entry_id: str) -> dict[str, str] | None:
    """The C2SP tlog-proof of an entry, once it is sequenced."""
    found = query.entry(session, entry_id)
    if found is None or found.index is None:
        return None
    return {"entry_id": entry_id, "tlog_proof": str(query.prove(session, found))}


def _certified_steps(steps: Sequence[StepRow]) -> list[CertifiedStep]:
    """The steps by store, the service's own last."""
    return [_step(step) for step in sorted(steps, key=lambda each: (each.store == OWN_STORE, each.store))]


def _step(step: StepRow) -> CertifiedStep:
    return CertifiedStep(
        store=step.store,
        action=step.action,
        status=step.status,
        found=step.found,
        changed=step.changed,
        remaining=step.remaining,
        attempts=step.attempts,
        reason=step.reason,
        by_hand=step.done_by is not None,
    )


def _numbers(session: Session, request_ids: Sequence[str]) -> dict[str, int]:
    """The number of the newest certificate of each request."""
    statement = (
        select(CertificateRow.request_id, func.max(CertificateRow.number))
        .where(CertificateRow.request_id.in_(request_ids))
        .group_by(CertificateRow.request_id)
    )
    return dict(session.execute(statement).all())
