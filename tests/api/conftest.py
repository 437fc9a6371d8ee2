"""An app with views of every kind, and a lead with a program that may write to them."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from api.context import Service
from tests.api.doors import doors
from tests.api.people import take_in
from tests.conftest import KeyOf


@pytest.fixture
def door(service: Service) -> FlaskClient:
    """A client of the app of `doors`."""
    return doors(service).test_client()


@pytest.fixture
def writer(key_of: KeyOf) -> dict[str, str]:
    """A key that takes leads in and asks for decisions."""
    return key_of("leads:write", "decisions:create")


@pytest.fixture
def lead_id(client: FlaskClient, writer: dict[str, str]) -> str:
    """Jane, a lead."""
    return take_in(client, writer)


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command line in an empty home."""
    for name in ("DATABASE_URL", "KEYS_URL", "KEY_DIR", "CHECKPOINTS"):
        monkeypatch.delenv(f"LEADWARDEN_{name}", raising=False)
    return CliRunner(env={"LEADWARDEN_HOME": str(tmp_path / "home")})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that is not there yet."""
    return tmp_path / "home"
