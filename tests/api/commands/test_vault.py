"""`leadwarden vault`, as a person types it."""

import re

import pytest
from click.testing import CliRunner

from api.cli import cli
from api.settings import Settings
from api.startup import open_service
from governance.vault.index import current_generation
from governance.vault.signing import published
from governance.vault.tables import SigningPurpose


@pytest.fixture
def typed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A shell whose environment names an empty home."""
    monkeypatch.setenv("LEADWARDEN_HOME", str(settings.home))
    return CliRunner()


def test_status_prints_the_horizon(typed: CliRunner) -> None:
    """Seven days and a minute, in the layout that one gets without asking."""
    result = typed.invoke(cli, ["vault", "status"], catch_exceptions=False)

    assert result.exit_code == 0
    assert "erasure horizon: 7 d 0 h 1 min\n" in result.stdout
    assert "root keys: key_directory\n" in result.stdout


def test_status_says_why_there_is_no_horizon(typed: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the schedule off nothing is ever destroyed."""
    monkeypatch.setenv("LEADWARDEN_EPOCH_DAYS", "0")
    result = typed.invoke(cli, ["vault", "status"], catch_exceptions=False)

    assert "erasure horizon: unbounded (rotation is off" in result.stdout
    assert "rotation: off\n" in result.stdout


def test_rotate_begins_a_new_epoch(typed: CliRunner) -> None:
    """And stays quiet about its progress in a pipe."""
    rotated = typed.invoke(cli, ["vault", "rotate"], catch_exceptions=False)
    status = typed.invoke(cli, ["vault", "status"], catch_exceptions=False)

    assert rotated.output == "Re-wrapped 0 data keys; the old epoch key is destroyed.\n"
    assert re.search(r"^epoch: 2, begun \d{4}-\d\d-\d\d \d\d:\d\d UTC$", status.stdout, re.MULTILINE)


def test_the_root_key_is_rotated_by_name(typed: CliRunner) -> None:
    """The epoch stays."""
    rotated = typed.invoke(cli, ["vault", "rotate", "root"], catch_exceptions=False)
    status = typed.invoke(cli, ["vault", "status"], catch_exceptions=False)

    assert rotated.output == "Re-wrapped the signing keys; the old root key is destroyed.\n"
    assert "epoch: 1," in status.stdout


@pytest.mark.parametrize("which", ["log", "receipts"])
def test_a_signing_key_is_replaced_from_the_next_start(
    typed: CliRunner, settings: Settings, which: str
) -> None:
    """The command names the key that the next start signs with; the old public key stays published."""
    rotated = typed.invoke(cli, ["vault", "rotate", which], catch_exceptions=False)
    service = open_service(settings)
    with service.keys.read() as keys:
        retired, living = published(keys, SigningPurpose(which))
    service.close()

    assert rotated.output == f"The next start signs with key {living.kid}.\n"
    assert (retired.until is None, living.until) == (False, None)


def test_the_suppression_key_is_renewed_by_name(typed: CliRunner, settings: Settings) -> None:
    """Again and again."""
    for generation in (2, 3):
        renewed = typed.invoke(cli, ["vault", "rotate", "suppression"], catch_exceptions=False)
        service = open_service(settings)
        held = current_generation(service.keyring)
        service.close()

        assert renewed.output == "Every suppression is under the new key.\n"
        assert held == generation


def test_reconcile_says_what_it_did(typed: CliRunner) -> None:
    """Nothing, where nothing was restored."""
    result = typed.invoke(cli, ["vault", "reconcile", "--accept-older"], catch_exceptions=False)

    assert result.exit_code == 0
    assert [line.rsplit(": ")[1] for line in result.stdout.splitlines()] == ["0"] * 6


def test_a_lost_key_directory_is_one_clear_line(typed: CliRunner, settings: Settings) -> None:
    """No stack trace, and no new keys in place of the lost ones."""
    typed.invoke(cli, ["vault", "status"], catch_exceptions=False)
    for path in settings.key_dir.iterdir():
        path.unlink()
    result = typed.invoke(cli, ["vault", "status"], catch_exceptions=False)

    assert result.exit_code == 1
    assert result.stderr.startswith("leadwarden: the key directory holds no key ")
    assert list(settings.key_dir.iterdir()) == []
