"""`leadwarden db`: the schema of both databases."""

import sqlite3
from pathlib import Path

from click.testing import CliRunner

from api.cli import cli
from api.migrate import MAIN


def test_upgrading_twice_changes_nothing(runner: CliRunner, tmp_path: Path) -> None:
    """And makes the home for its owner alone."""
    for _ in range(2):
        assert runner.invoke(cli, ["db", "upgrade"]).exit_code == 0

    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "home" / "leadwarden.db").stat().st_mode & 0o777 == 0o600


def test_an_upgrade_keeps_what_is_there(runner: CliRunner) -> None:
    """A key made before it is still listed."""
    runner.invoke(cli, ["keys", "create", "--name", "CRM", "--scope", "audit:read"])
    before = runner.invoke(cli, ["keys", "list"]).stdout

    assert runner.invoke(cli, ["db", "upgrade"]).exit_code == 0
    assert runner.invoke(cli, ["keys", "list"]).stdout == before != ""


def test_a_database_of_a_newer_program_is_left_alone(runner: CliRunner, tmp_path: Path) -> None:
    """Its revision is not known here: one clear line, and nothing of it is changed."""
    runner.invoke(cli, ["db", "upgrade"])
    with sqlite3.connect(tmp_path / "home" / "leadwarden.db") as connection:
        connection.execute(f"UPDATE {MAIN.version_table} SET version_num = '9999'")  # noqa: S608 - a constant
    connection.close()
    refused = runner.invoke(cli, ["db", "upgrade"])

    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
