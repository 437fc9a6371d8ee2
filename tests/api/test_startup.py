"""From settings to an opened service."""

from dataclasses import replace
from pathlib import Path

import pytest
import stamina
from sqlalchemy import select

from api.context import Service
from api.errors import DatabaseUnavailableError
from api.settings import Settings
from api.startup import first_keys, open_migrated, open_service, prepare, settle
from audit.tables import PendingRow
from consent.rulebook import starting_rulebook
from governance.errors import GovernanceError, RootUnavailableError
from governance.scopes import Role
from governance.vault.transit import TransitPlace
from tests.conftest import Clock


def test_an_empty_home_becomes_a_service(settings: Settings, clock: Clock) -> None:
    """Directories are the owner's alone; a second opening finds the same keys."""
    first = open_migrated(settings, clock)
    first.close()
    second = open_migrated(settings, clock)
    second.close()

    assert first.log_signer.vkey == second.log_signer.vkey
    assert first.receipt_signer.kid == second.receipt_signer.kid
    for directory in (settings.home, settings.key_dir, settings.checkpoints):
        assert directory.stat().st_mode & 0o777 == 0o700


def test_the_first_keys_are_made_once(settings: Settings, clock: Clock) -> None:
    """An administrator's and a compliance officer's."""
    service = open_migrated(settings, clock)

    assert [role for role, _ in first_keys(service)] == [Role.ADMINISTRATOR, Role.COMPLIANCE_OFFICER]
    assert first_keys(service) == []
    service.close()


def test_a_first_start_publishes_the_rulebook_that_it_decides_by(started: Service) -> None:
    """Once, with its entry."""
    settle(started)
    with started.main.read() as session:
        published = session.scalars(select(PendingRow.action)).all()

    assert started.rulebook().hash == starting_rulebook().hash
    assert published.count("rulebook.published") == 1


def test_a_home_that_was_not_migrated_is_an_outage(settings: Settings) -> None:
    """`open_service` makes nothing."""
    with pytest.raises(DatabaseUnavailableError):
        open_service(settings)
    prepare(settings)
    with pytest.raises(DatabaseUnavailableError):
        open_service(settings)


def test_another_key_directory_opens_nothing(settings: Settings, clock: Clock, tmp_path: Path) -> None:
    """Data keys are useless without the keys that wrap them, and are not made anew."""
    open_migrated(settings, clock).close()

    with pytest.raises(GovernanceError):
        open_migrated(replace(settings, key_dir=tmp_path / "others"), clock)


def test_a_kms_that_does_not_answer_stops_the_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than falling back to files."""
    monkeypatch.setenv("VAULT_TOKEN", "token")
    stamina.set_testing(True, attempts=1)
    with pytest.raises(RootUnavailableError):
        open_migrated(replace(settings, kms=TransitPlace("http://127.0.0.1:9", "transit", "leadwarden")))
    stamina.set_testing(False)

    assert not settings.key_dir.exists()


def test_the_service_opens_on_postgresql(
    settings: Settings, clock: Clock, postgres_url: str, fresh_postgres: str, tmp_path: Path
) -> None:
    """By changing two URLs."""
    assert postgres_url
    keys = f"sqlite:///{tmp_path / 'keys.db'}"
    service = open_migrated(replace(settings, database_url=fresh_postgres, keys_url=keys), clock)

    assert len(first_keys(service)) == 2
    service.close()
