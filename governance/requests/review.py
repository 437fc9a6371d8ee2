"""The calls that decide on a request: verify, approve, refuse, cancel. Each is one entry of the trail."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from audit.actions import Action as Told
from audit.log import Appended
from governance import custody
from governance.errors import IllegalChangeError
from governance.identity import Identifier
from governance.leads import LeadState
from governance.requests import approvals, case_file, effects, machine, planning, proofs, records, subjects
from governance.requests.tables import RequestLeadRow, RequestRow, StepRow
from governance.requests.vocabulary import Ground, Method, RequestType, Status
from governance.stores.protocol import Identity
from governance.tables import LeadRow
from governance.vault.keyring import Keyring
from governance.vault.sealing import DataKey

RESTRICTING = (RequestType.ERASURE, RequestType.RESTRICTION)
UNDONE_KEPT = timedelta(days=365)
"""How long the identities of a refused or cancelled request are kept: for an appeal or a complaint."""


def verify(
    session: Session,
    request_id: str,
    method: Method,
    *,
    passed: bool,
    now: datetime,
    actor: str,
    statement: bytes | None = None,
) -> Appended:
    """Keeps the result of an attempt to show who asks; of a document only that it was seen is kept.

    Of a last attempt that fails the entry is the one of the refusal.
    """
    row = records.load(session, request_id)
    after = machine.verified(records.case_of(session, row), passed=passed)
    told = proofs.keep(session, row, method, passed=passed, now=now, actor=actor, statement=statement)
    if passed:
        proofs.verified(session, row, now=now)
    row.status, row.failed_verifications = after.status, after.failed_verifications
    if after.status is not Status.REFUSED:
        return told
    row.reason = Ground.IDENTITY_NOT_VERIFIED
    return _refused(session, row, Ground.IDENTITY_NOT_VERIFIED, now=now, actor=actor)


def approve(
    session: Session,
    keyring: Keyring,
    key: DataKey,
    request_id: str,
    *,
    own: Sequence[Identifier],
    stores: Sequence[str],
    persons: int = 1,
    now: datetime,
    actor: str,
) -> Appended:
    """Plans the steps; of an erasure or a restriction the leads are restricted, and suppressed, at once.

    Where two persons must approve, the first approval is only kept.

    Args:
        session: A writing session.
        keyring: For the suppression hashes.
        key: The request's own key.
        request_id: The request.
        own: What the service itself knows the leads by; it is looked for in every store.
        stores: The keys of all active stores.
        persons: How many have to approve.
        now: The moment of the approval.
        actor: Who approved.

    Raises:
        SameApproverError: another person has to.
    """
    row = records.load(session, request_id)
    after = machine.approved(records.case_of(session, row))
    if approvals.add(session, row.id, now=now, actor=actor) < persons:
        return records.tell(session, row.id, Told.REQUEST_APPROVED_ONCE, actor=actor, now=now)
    row.status, row.approved_at = after.status, now
    kind = RequestType(row.type)
    plan = planning.planned(kind, stores)
    session.add_all(_step(row, each, now) for each in plan)
    told = records.tell(
        session, row.id, Told.REQUEST_APPROVED, actor=actor, now=now, facts={"steps": len(plan)}
    )
    identities = _widen(row, key, subjects.identities_of(session, keyring, own))
    leads = records.leads_of(session, row.id)
    if kind in RESTRICTING:
        effects.restrict(session, leads, entry_id=told.entry_id, now=now)
    if kind is RequestType.ERASURE:
        known = subjects.known_by(own, identities)
        effects.suppress(session, keyring, leads, known, entry_id=told.entry_id, now=now)
        for lead in leads:
            custody.lock(session, lead)
    session.flush()
    steps = records.steps_of(session, row.id)
    for step in steps:
        records.keep_history(session, step, actor=actor, now=now)
    records.settle(row, steps, now=now)
    return told


def refuse(
    session: Session,
    key: DataKey,
    request_id: str,
    ground: Ground,
    explanation: str,
    *,
    now: datetime,
    actor: str,
) -> Appended:
    """Turns a request down; the explanation for the person is sealed."""
    row = records.load(session, request_id)
    _not_shredding(row)
    row.status = machine.refused(records.case_of(session, row)).status
    row.reason = ground
    row.explanation = case_file.seal_text(key, row.id, "explanation", explanation)
    return _refused(session, row, ground, now=now, actor=actor)


def cancel(session: Session, request_id: str, *, now: datetime, actor: str) -> Appended:
    """The person takes the request back."""
    row = records.load(session, request_id)
    _not_shredding(row)
    row.status = machine.cancelled(records.case_of(session, row)).status
    row.finished_at, row.due_at, row.key_until = now, None, now + UNDONE_KEPT
    proofs.forget_codes(session, [row.id])
    told = records.tell(session, row.id, Told.REQUEST_CANCELLED, actor=actor, now=now)
    _undo(session, row, told.entry_id, now=now)
    return told


def _not_shredding(row: RequestRow) -> None:
    """There is no way back from a destroyed key."""
    if row.shred_stage:
        raise IllegalChangeError("the lead's key is being destroyed; this can not be stopped any more")


def _refused(session: Session, row: RequestRow, ground: Ground, *, now: datetime, actor: str) -> Appended:
    row.finished_at, row.due_at, row.key_until = now, None, now + UNDONE_KEPT
    proofs.forget_codes(session, [row.id])
    told = records.tell(session, row.id, Told.REQUEST_REFUSED, actor=actor, now=now, facts={"ground": ground})
    _undo(session, row, told.entry_id, now=now)
    return told


def _undo(session: Session, row: RequestRow, entry_id: str, *, now: datetime) -> None:
    """Lifts what the approval restricted, for a request that ends undone.

    The suppression stays, as a keyed hash: who asked to be erased is not contacted because the asking ended.
    """
    if row.approved_at is None or row.type not in RESTRICTING:
        return
    own = records.leads_of(session, row.id)
    restricted = _held_otherwise(session, row, own, RESTRICTING)
    leads = [lead for lead in own if lead not in restricted]
    effects.restrict(session, leads, entry_id=entry_id, now=now, lifted=True)
    erased = _held_otherwise(session, row, own, (RequestType.ERASURE,))
    unlocked = [lead for lead in own if lead not in erased]
    session.execute(update(LeadRow).where(LeadRow.id.in_(unlocked)).values(state=LeadState.ACTIVE.value))


def _held_otherwise(
    session: Session, row: RequestRow, leads: Sequence[str], kinds: Sequence[RequestType]
) -> set[str]:
    """Those of the leads that an approved request of these kinds, other than `row`, concerns too."""
    query = (
        select(RequestLeadRow.lead_id)
        .join(RequestRow, RequestRow.id == RequestLeadRow.request_id)
        .where(RequestLeadRow.lead_id.in_(leads))
        .where(RequestRow.id != row.id, RequestRow.type.in_(kinds))
        .where(
            RequestRow.approved_at.is_not(None),
            RequestRow.status.not_in((Status.REFUSED, Status.CANCELLED)),
        )
    )
    return set(session.scalars(query))


def _widen(row: RequestRow, key: DataKey, own: Sequence[Identity]) -> tuple[Identity, ...]:
    """The request's identities with those that the service itself holds, sealed anew."""
    before = case_file.open_identities(key, row.id, row.sealed_version, row.identities or b"")
    after = subjects.joined(before, own)
    if len(after) > len(before):
        row.sealed_version += 1
        row.identities = case_file.seal_identities(key, row.id, row.sealed_version, after)
    return after


def _step(row: RequestRow, planned: planning.PlannedStep, now: datetime) -> StepRow:
    return StepRow(
        request_id=row.id,
        store=planned.store,
        action=planned.action,
        status=planned.status,
        last_error=planned.error,
        due_at=now,
    )
