"""`api.restoring`: whichever database is older than the other, no erased person comes back."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from api import legal_holds, restoring, staff
from api.context import Service
from api.settings import Settings
from api.startup import open_service, prepare
from audit.actions import Action
from audit.tables import PendingRow
from governance.accounts import remove_user
from governance.errors import RestoredError
from governance.leads import LeadState
from governance.scopes import OURSELVES
from governance.scopes import Role as StaffRole
from governance.tables import LeadRow
from governance.vault.keys import destroy, load, mint
from governance.vault.reconcile import ORPHAN_AFTER
from governance.vault.tables import KeyKind
from tests.conftest import NOW, Clock, create_tables
from tests.governance.requests.desk import a_known_lead

ADA, BOB = "lead-ada", "lead-bob"
Restart = Callable[[], Service]


@pytest.fixture
def restart(settings: Settings, clock: Clock) -> Iterator[Restart]:
    """Opens the service of the home; the one before is closed."""
    opened: list[Service] = []

    def start() -> Service:
        if opened:
            opened.pop().close()
        opened.append(open_service(settings, clock))
        return opened[0]

    prepare(settings)
    create_tables(settings)
    yield start
    opened.pop().close()


def take_in(service: Service, *leads: str) -> None:
    """Key first, then lead."""
    service.keys.write(lambda keys: mint(keys, service.keyring, leads, kind=KeyKind.LEAD, now=NOW))
    service.main.write(
        lambda session: session.add_all(
            [LeadRow(id=lead, state=LeadState.ACTIVE, created_at=NOW) for lead in leads]
        )
    )


def erase(service: Service, lead: str) -> None:
    """As a request does at its end: key, then rows."""
    service.keys.write(lambda keys: destroy(keys, lead, now=NOW))
    service.main.write(lambda session: session.delete(session.get_one(LeadRow, lead)))
    restoring.copy_journal(service)


def leads(service: Service) -> set[str]:
    """Who is in the main database."""
    with service.main.read() as session:
        return set(session.scalars(select(LeadRow.id)))


def keyed(service: Service) -> set[str]:
    """Who has a key."""
    with service.keys.read() as keys:
        return set(load(keys, service.keyring, [ADA, BOB]))


def backup(service: Service, name: str) -> Path:
    """A copy of one database of the home, everything checkpointed."""
    service.main.scrub()
    service.keys.scrub()
    copy = service.settings.home / f"{name}.old"
    shutil.copy(service.settings.home / name, copy)
    return copy


def restore(settings: Settings, name: str, copy: Path) -> None:
    """Puts the copy in the database's place."""
    for suffix in ("-wal", "-shm"):
        (settings.home / f"{name}{suffix}").unlink(missing_ok=True)
    shutil.copy(copy, settings.home / name)


@pytest.mark.parametrize("names", [("leadwarden.db",), ("keys.db",), ("leadwarden.db", "keys.db")])
def test_an_older_backup_is_refused_until_it_is_reconciled(
    restart: Restart, settings: Settings, names: tuple[str, ...]
) -> None:
    """Main database, key store, or both at once: afterwards Ada is gone and Bob is as he was."""
    service = restart()
    take_in(service, ADA, BOB)
    copies = {name: backup(service, name) for name in names}
    erase(service, ADA)
    service.close()
    for name, copy in copies.items():
        restore(settings, name, copy)
    service = restart()

    with pytest.raises(RestoredError, match="vault reconcile"):
        restoring.refuse_if_restored(service)
    restoring.replay(service, restoring.inspect(service), "tester", purge_lost=False)
    restoring.refuse_if_restored(service)
    assert leads(service) == {BOB}
    assert keyed(service) == {BOB}


def test_what_was_purged_is_told_to_the_trail(service: Service) -> None:
    """How many, and nobody's id."""
    take_in(service, ADA)
    service.keys.write(lambda keys: destroy(keys, ADA, now=NOW))
    restoring.replay(service, restoring.inspect(service), "tester", purge_lost=False)
    with service.main.read() as session:
        body = session.scalars(
            select(PendingRow.body).where(PendingRow.action == Action.VAULT_RECONCILED)
        ).one()

    assert b'"leads":1' in body
    assert ADA.encode() not in body


def test_a_usual_start_finds_nothing(service: Service) -> None:
    """Also with nobody in it."""
    restoring.refuse_if_restored(service)
    take_in(service, ADA, BOB)
    erase(service, ADA)

    restoring.refuse_if_restored(service)


def test_an_erasure_under_way_is_no_restore(service: Service) -> None:
    """Its lead is locked first; the request that erases it goes on by itself."""
    take_in(service, ADA)
    service.main.write(lambda session: setattr(session.get_one(LeadRow, ADA), "state", LeadState.LOCKED))
    service.keys.write(lambda keys: destroy(keys, ADA, now=NOW))

    restoring.refuse_if_restored(service)


def test_leads_without_any_key_are_purged_only_when_asked(service: Service) -> None:
    """A key store that is not this database's would otherwise cost everybody."""
    service.main.write(lambda session: session.add(LeadRow(id=ADA, state=LeadState.ACTIVE, created_at=NOW)))
    with pytest.raises(RestoredError):
        restoring.refuse_if_restored(service)
    found = restoring.inspect(service)
    restoring.replay(service, found, "tester", purge_lost=False)
    assert leads(service) == {ADA}
    restoring.replay(service, found, "tester", purge_lost=True)

    assert leads(service) == set()


def test_a_key_whose_intake_broke_off_is_swept_after_a_day(service: Service, clock: Clock) -> None:
    """Not before, and never one that has its lead."""
    take_in(service, BOB)
    service.keys.write(lambda keys: mint(keys, service.keyring, [ADA], kind=KeyKind.LEAD, now=NOW))

    assert restoring.sweep_orphans(service, clock.now + ORPHAN_AFTER) == 0
    clock.now += ORPHAN_AFTER + timedelta(seconds=1)
    assert restoring.sweep_orphans(service, clock.now) == 1
    assert keyed(service) == {BOB}


@pytest.mark.parametrize("kind", KeyKind)
def test_orphans_of_every_kind_are_swept(service: Service, clock: Clock, kind: KeyKind) -> None:
    """A request, a hold or a user that broke off between its key and its row leaves nothing either."""
    service.keys.write(lambda keys: mint(keys, service.keyring, ["nobody"], kind=kind, now=NOW))
    clock.now += 2 * ORPHAN_AFTER

    assert restoring.sweep_orphans(service, clock.now) == 1


def test_the_keys_of_holds_and_users_are_no_orphans(service: Service, clock: Clock) -> None:
    """Their rows stand in the main database."""
    staff.create(service, "jane@example.com", StaffRole.AUDITOR, OURSELVES)
    whom = {"email": "anna@example.com"}
    a_known_lead(service, whom["email"])
    legal_holds.place(service, "one", {"reason": "a claim", "lead": whom}, actor="tester")
    clock.now += 2 * ORPHAN_AFTER

    assert restoring.sweep_orphans(service, clock.now) == 0
    assert [user.email for user in staff.everybody(service)] == ["jane@example.com"]


def test_the_key_of_a_user_whose_removal_broke_off_is_swept(service: Service, clock: Clock) -> None:
    """Killed between the two commits: an old backup of the main database would still open the address."""
    user_id, _ = staff.create(service, "jane@example.com", StaffRole.AUDITOR, OURSELVES)
    service.main.write(lambda session: remove_user(session, user_id, actor="tester", now=service.clock()))
    clock.now += 2 * ORPHAN_AFTER

    assert restoring.sweep_orphans(service, clock.now) == 1


def test_very_many_orphans_are_left_to_a_person(service: Service, clock: Clock) -> None:
    """They look like the wrong main database, whose every key would be deleted."""
    owners = [f"lead-{number}" for number in range(restoring.MOST_SWEPT_UNASKED + 1)]
    service.keys.write(lambda keys: mint(keys, service.keyring, owners, kind=KeyKind.LEAD, now=NOW))
    clock.now += 2 * ORPHAN_AFTER

    assert restoring.sweep_orphans(service, clock.now) == 0
    assert restoring.sweep_orphans(service, clock.now, asked=True) == len(owners)
