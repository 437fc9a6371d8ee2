"""After a restore: notices it before the service takes traffic, and puts right what can be.

Four comparisons. The copy of the erasure journal outside against the key store's journal (an older key
store); the journal against the main database (an older main database); leads without any key (a key store
that is not this main database's); what was sealed anew against the marks of the key store (an older main
database, or somebody who put an older field back). Leads whose erasure is under way are locked, and left to
their request.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from api import marking
from api.context import Service
from audit.actions import Action
from audit.counted import counted
from audit.log import append
from governance.account_tables import UserRow
from governance.errors import RestoredError
from governance.leads import LeadState
from governance.requests import own_data
from governance.requests.tables import HoldRow, RequestRow
from governance.tables import LeadRow
from governance.vault import journal_copy, reconcile
from governance.vault.journal_copy import Erasure
from governance.vault.keys import chunks, discard
from governance.vault.marks import Marks
from governance.vault.tables import KeyKind

LEADS_A_PAGE = 5_000
LEADS_A_PURGE = 100
MOST_SWEPT_UNASKED = 1_000
OWNERS: dict[KeyKind, InstrumentedAttribute[str]] = {
    KeyKind.LEAD: LeadRow.id,
    KeyKind.REQUEST: RequestRow.id,
    KeyKind.CASE: HoldRow.id,
    KeyKind.USER: UserRow.id,
}


@dataclass(frozen=True, slots=True)
class Found:
    """What a restore brought back.

    Attributes:
        erased: Leads of the main database whose key was destroyed.
        lost: Leads of the main database for whom the key store knows neither key nor erasure.
        forgotten: Erasures known outside that the key store does not know.
        older: Whose fields stand in an older version than there was, and in which.
    """

    erased: tuple[str, ...]
    lost: tuple[str, ...]
    forgotten: tuple[Erasure, ...]
    older: Mapping[str, Marks]


def refuse_if_restored(service: Service) -> None:
    """Before taking traffic.

    Raises:
        RestoredError: `vault reconcile` is to be run first.
    """
    found = inspect(service)
    if found.erased or found.lost or found.forgotten or found.older:
        raise RestoredError(
            f"a restored backup: {counted(len(found.erased), 'erased lead')} back,"
            f" {counted(len(found.lost), 'lead')} without a key,"
            f" {counted(len(found.forgotten), 'erasure')} forgotten,"
            f" {counted(len(found.older), 'lead or request', 'leads or requests')} with fields from before"
            " their last change; run `leadwarden vault reconcile`"
        )


def inspect(service: Service) -> Found:
    """Compares the three; changes nothing."""
    with service.keys.read() as keys:
        forgotten = reconcile.forgotten(keys, journal_copy.read(copy_path(service)))
    erased: list[str] = []
    lost: list[str] = []
    for page in _active_leads(service):
        with service.keys.read() as keys:
            found = reconcile.unkeyed(keys, page)
        erased += found.erased
        lost += found.lost
    # An erasure that another process began in between has locked its lead by now.
    present = (_still_active(service, erased), _still_active(service, lost))
    return Found(*present, forgotten, marking.older(service))


def replay(service: Service, found: Found, actor: str, *, purge_lost: bool) -> None:
    """Erases again whom the restore brought back; leads without a key only when told to."""
    now = service.clock()
    for erasures in _in_chunks(found.forgotten):
        _replay_chunk(service, erasures)
    again = inspect(service) if found.forgotten else found
    doomed = again.erased + (again.lost if purge_lost else ())
    for leads in chunks(doomed, LEADS_A_PURGE):
        _purge_chunk(service, leads, actor, now)
    service.keys.scrub()
    service.main.scrub()


def orphans(service: Service, now: datetime) -> tuple[str, ...]:
    """Owners of keys, a day old or older, whom the main database does not know."""
    return tuple(owner for kind in OWNERS for owner in _orphans(service, kind, now))


def sweep_orphans(service: Service, now: datetime, *, asked: bool = False) -> int:
    """Deletes the keys of orphans; the number deleted.

    More than a few are not intakes that broke off but the wrong main database, or an older one: they stay
    until a person asks for it.
    """
    found = orphans(service, now)
    if len(found) > MOST_SWEPT_UNASKED and not asked:
        return 0
    return service.keys.write(lambda keys: discard(keys, found))


def copy_path(service: Service) -> Path:
    """Where the outside copy of the erasure journal lies."""
    return service.settings.checkpoints / journal_copy.FILE_NAME


def copy_journal(service: Service) -> int:
    """Takes the newest erasures to the outside copy; how many there were."""
    copied = 0
    while found := _uncopied(service):
        journal_copy.append(copy_path(service), found)
        _mark(service, found)
        copied += len(found)
    return copied


def _uncopied(service: Service) -> tuple[Erasure, ...]:
    with service.keys.read() as keys:
        return journal_copy.uncopied(keys)


def _mark(service: Service, erasures: Sequence[Erasure]) -> None:
    service.keys.write(lambda keys: journal_copy.mark_copied(keys, erasures))


def _active_leads(service: Service) -> Iterator[Sequence[str]]:
    page: Sequence[str] = ("",)
    while page:
        statement = select(LeadRow.id).where(LeadRow.state == LeadState.ACTIVE, LeadRow.id > page[-1])
        with service.main.read() as session:
            page = session.scalars(statement.order_by(LeadRow.id).limit(LEADS_A_PAGE)).all()
        yield page


def _still_active(service: Service, leads: Sequence[str]) -> tuple[str, ...]:
    statement = select(LeadRow.id).where(LeadRow.state == LeadState.ACTIVE)
    with service.main.read() as session:
        return tuple(
            lead for some in chunks(leads) for lead in session.scalars(statement.where(LeadRow.id.in_(some)))
        )


def _replay_chunk(service: Service, erasures: Sequence[Erasure]) -> None:
    service.keys.write(lambda keys: reconcile.replay(keys, erasures))


def _purge_chunk(service: Service, leads: Sequence[str], actor: str, now: datetime) -> None:
    def purge(session: Session) -> None:
        own_data.forget(session, leads, now=now)
        append(session, Action.VAULT_RECONCILED, actor=actor, now=now, facts={"leads": len(leads)})

    service.main.write(purge)


def _orphans(service: Service, kind: KeyKind, now: datetime) -> Iterator[str]:
    page: tuple[str, ...] = ("",)
    while page:
        with service.keys.read() as keys:
            page = reconcile.orphan_candidates(keys, kind, now=now, after=page[-1])
        with service.main.read() as session:
            known = set(session.scalars(_known(kind, page)))
        yield from (owner for owner in page if owner not in known)


def _known(kind: KeyKind, owners: Sequence[str]) -> Select[str]:
    """Those of the owners who are here; of users who were removed nothing is left to open."""
    statement = select(OWNERS[kind]).where(OWNERS[kind].in_(owners))
    return statement.where(UserRow.removed_at.is_(None)) if kind is KeyKind.USER else statement


def _in_chunks(erasures: Sequence[Erasure]) -> Iterator[Sequence[Erasure]]:
    return (erasures[start : start + 500] for start in range(0, len(erasures), 500))
