"""Can this process do its work: asked of the real parts, one of which is broken."""

import sqlite3
from pathlib import Path

import pytest

from api.context import Service
from api.readiness import checks


def moved_away(path: Path) -> None:
    """Somebody unmounted the volume."""
    path.rename(path.with_suffix(".away"))


def test_an_opened_service_is_ready(service: Service) -> None:
    """Also with a log that is still empty."""
    assert checks(service) == {"database": "ok", "keys": "ok", "log": "ok"}


@pytest.mark.parametrize(("file", "failed"), [("leadwarden.db", {"database", "log"}), ("keys.db", {"keys"})])
def test_a_database_that_is_gone_fails_its_parts_and_no_other(
    service: Service, file: str, failed: set[str]
) -> None:
    """None of them is made anew by asking."""
    moved_away(service.settings.home / file)
    found = checks(service)

    assert {name for name, word in found.items() if word == "failed"} == failed
    assert not (service.settings.home / file).exists()


def test_a_log_that_can_not_be_read_is_not_ready(service: Service) -> None:
    """Whatever the reason: it is told apart from the database itself."""
    with sqlite3.connect(service.settings.home / "leadwarden.db") as connection:
        connection.execute("ALTER TABLE audit_head RENAME TO elsewhere")
    connection.close()

    assert checks(service) == {"database": "ok", "keys": "ok", "log": "failed"}


def test_it_is_ready_again_when_the_part_is_back(service: Service) -> None:
    """Nothing is remembered of the failure."""
    path = service.settings.home / "keys.db"
    moved_away(path)
    before = checks(service)["keys"]
    path.with_suffix(".away").rename(path)

    assert (before, checks(service)["keys"]) == ("failed", "ok")
