"""The calls that decide on a request: verify, approve, refuse, cancel. Each is one entry of the trail."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from audit.actions import Action as Told
from audit.log import Appended
from governance import custody
from governance.errors import GroundRefusedError, IllegalChangeError
from governance.identity import Identifier
from governance.leads import LeadState
from governance.requests import (
    approvals,
    case_file,
    effects,
    grounds,
    leases,
    machine,
    planning,
    proofs,
    records,
    subjects,
)
from governance.requests.records import Telling
from governance.requests.tables import RequestLeadRow, RequestRow, StepRow
from governance.requests.vocabulary import Ground, Method, Regime, RequestType, Status, StepStatus
from governance.stores.protocol import Identity
from governance.suppressing import Erased, suppress_each
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


def verify_each(
    session: Session, request_ids: Sequence[str], method: Method, *, now: datetime, actor: str
) -> list[Appended]:
    """`verify` of many requests that came in together, in the same way, and passed."""
    rows = records.load_each(session, request_ids)
    told = proofs.keep_each(session, list(rows), method, passed=True, now=now, actor=actor)
    proofs.verified_each(session, list(rows.values()), now=now)
    return told


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
    one = Approving(request_id, key, tuple(own), persons)
    return approve_each(session, keyring, [one], stores=stores, now=now, actor=actor)[0]


@dataclass(frozen=True, slots=True)
class Approving:
    """A request to approve: its key, what the service knows its leads by, and how many have to approve."""

    request_id: str
    key: DataKey
    own: tuple[Identifier, ...] = field(default=(), repr=False)
    persons: int = 1


def approve_each(
    session: Session,
    keyring: Keyring,
    approving: Sequence[Approving],
    *,
    stores: Sequence[str],
    now: datetime,
    actor: str,
) -> list[Appended]:
    """`approve` for many requests, with the statements of one.

    Raises:
        SameApproverError: another person has to approve one of them.
    """
    rows = records.load_each(session, [one.request_id for one in approving])
    cases = records.cases_of(session, list(rows.values()))
    after = {request_id: machine.approved(case).status for request_id, case in cases.items()}
    given = approvals.add_each(session, list(rows), now=now, actor=actor)
    final = [one for one in approving if given[one.request_id] >= one.persons]
    steps: dict[str, list[StepRow]] = {}
    standing = _standing(session, [one.request_id for one in final])
    for row in (rows[one.request_id] for one in final):
        row.status, row.approved_at = after[row.id], now
        steps[row.id] = _steps(row, stores, standing[row.id], now)
    leads = records.leads_of_each(session, list(rows))
    tellings = [_approval(one.request_id, leads, steps) for one in approving]
    told = records.tell_many(session, tellings, actor=actor, now=now)
    entries = {one.request_id: entry.entry_id for one, entry in zip(approving, told, strict=True)}
    _put_in_force(session, keyring, [(one, rows[one.request_id]) for one in final], leads, entries, now=now)
    _begin(session, rows, steps, now=now, actor=actor)
    return told


def _standing(session: Session, request_ids: Sequence[str]) -> dict[str, dict[tuple[str, str], StepRow]]:
    """The steps of requests that were approved before: refused since, and an appeal was granted."""
    found: dict[str, dict[tuple[str, str], StepRow]] = defaultdict(dict)
    for step in session.scalars(select(StepRow).where(StepRow.request_id.in_(request_ids)).with_for_update()):
        found[step.request_id][step.store, step.action] = step
    return found


def _steps(
    row: RequestRow, stores: Sequence[str], standing: Mapping[tuple[str, str], StepRow], now: datetime
) -> list[StepRow]:
    """The steps of a request that is approved now. Those from before run again, with their history.

    What a person did by hand is done. Of a store that is not active any more the step fails again.
    """
    plan = planning.planned(RequestType(row.type), stores, corrected=row.corrections is not None)
    new = {(each.store, each.action): _step(row, each, now) for each in plan}
    for place, step in standing.items():
        runs = place not in new or new[place].status == StepStatus.QUEUED
        if runs and step.done_by is None:
            leases.requeue(step, now=now)
    return [*standing.values(), *(step for place, step in new.items() if place not in standing)]


def _begin(
    session: Session,
    rows: Mapping[str, RequestRow],
    steps: Mapping[str, Sequence[StepRow]],
    *,
    now: datetime,
    actor: str,
) -> None:
    """The steps are written, with the first line of their history."""
    session.add_all(step for own in steps.values() for step in own)
    session.flush()
    for request_id, own in steps.items():
        for step in own:
            records.keep_history(session, step, actor=actor, now=now)
        records.settle(rows[request_id], own, now=now)


def _approval(
    request_id: str, leads: Mapping[str, Sequence[str]], steps: Mapping[str, Sequence[StepRow]]
) -> Telling:
    """The entry of an approval, or of the first of two."""
    own = leads[request_id]
    lead = own[0] if len(own) == 1 else None
    if request_id not in steps:
        return Telling(request_id, Told.REQUEST_APPROVED_ONCE, lead_id=lead)
    return Telling(request_id, Told.REQUEST_APPROVED, {"steps": len(steps[request_id])}, lead)


def _put_in_force(
    session: Session,
    keyring: Keyring,
    approved: Sequence[tuple[Approving, RequestRow]],
    leads: Mapping[str, Sequence[str]],
    entries: Mapping[str, str],
    *,
    now: datetime,
) -> None:
    """What holds from the approval on: identities widened, leads restricted, suppressed and locked."""
    own = [identifier for one, _ in approved for identifier in one.own]
    identities = iter(subjects.identities_of(session, keyring, own))
    restricted: list[tuple[str, str]] = []
    erased: list[Erased] = []
    locked: list[str] = []
    for one, row in approved:
        every = _widen(row, one.key, tuple(islice(identities, len(one.own))))
        kind, entry_id = RequestType(row.type), entries[row.id]
        if kind in RESTRICTING:
            restricted += [(lead, entry_id) for lead in leads[row.id]]
        if kind is RequestType.ERASURE:
            erased += effects.erased(leads[row.id], subjects.known_by(one.own, every), entry_id)
            locked += leads[row.id]
    effects.restrict_each(session, restricted, now=now)
    suppress_each(session, keyring, erased, now=now)
    custody.lock_each(session, locked)


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
    """Turns a request down; the explanation for the person is sealed.

    Raises:
        GroundRefusedError: the law knows no such ground against this right.
    """
    row = records.load(session, request_id)
    _not_shredding(row)
    if not grounds.is_open(RequestType(row.type), ground, Regime(row.regime)):
        raise GroundRefusedError("this right can not be refused on that ground")
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
    effects.restrict(session, released(session, row), entry_id=entry_id, now=now, lifted=True)
    erased = _held_otherwise(session, row, own, (RequestType.ERASURE,))
    unlocked = [lead for lead in own if lead not in erased]
    session.execute(update(LeadRow).where(LeadRow.id.in_(unlocked)).values(state=LeadState.ACTIVE.value))


def released(session: Session, row: RequestRow) -> list[str]:
    """The leads of a request that nothing else restricts."""
    own = records.leads_of(session, row.id)
    restricted = _held_otherwise(session, row, own, RESTRICTING)
    return [lead for lead in own if lead not in restricted]


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
            RequestRow.lifted_at.is_(None),
        )
    )
    return set(session.scalars(query))


def _widen(row: RequestRow, key: DataKey, own: Sequence[Identity]) -> tuple[Identity, ...]:
    """The request's identities with those that the service itself holds, sealed anew.

    What both know comes first, and last what only whoever asked has named: letters go to the first address.
    """
    before = case_file.open_identities(key, row.id, row.sealed_version, row.identities or b"")
    both = [identity for identity in before if identity in own]
    after = subjects.joined(subjects.joined(both, own), before)
    if after != before:
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
