"""`leadwarden keys`, `users` and `db` on a home that is not there yet."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import cli

KEY = re.compile(r"lw_[0-9a-f-]{36}_[\w-]{43}\n")


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command line in an empty home."""
    for name in ("DATABASE_URL", "KEYS_URL", "KEY_DIR", "CHECKPOINTS"):
        monkeypatch.delenv(f"LEADWARDEN_{name}", raising=False)
    return CliRunner(env={"LEADWARDEN_HOME": str(tmp_path / "home")})


def test_a_key_is_made_on_an_empty_home_and_printed_alone(runner: CliRunner) -> None:
    """So that a script can take standard output as it is."""
    made = runner.invoke(
        cli, ["keys", "create", "--name", "CRM", "--scope", "leads:write", "--scope", "leads:read"]
    )

    assert (made.exit_code, made.stderr) == (0, "")
    assert KEY.fullmatch(made.stdout)


def test_keys_are_listed_without_secrets_and_revoked(runner: CliRunner) -> None:
    """By id; a second time is an error in one line."""
    made = runner.invoke(cli, ["keys", "create", "--name", "CRM", "--scope", "audit:read"]).stdout.strip()
    key_id, secret = made.split("_")[1], made.split("_", 2)[2]
    listed = runner.invoke(cli, ["keys", "list"]).stdout
    assert listed == f"{key_id}\tactive\taudit:read\tCRM\n"
    assert secret not in listed

    assert runner.invoke(cli, ["keys", "revoke", key_id]).exit_code == 0
    assert "\trevoked\t" in runner.invoke(cli, ["keys", "list"]).stdout
    again = runner.invoke(cli, ["keys", "revoke", key_id])
    assert (again.exit_code, again.stderr) == (1, "leadwarden: there is no such key\n")


def test_an_unknown_scope_is_refused_with_the_list(runner: CliRunner) -> None:
    """Click's usage error, exit 2."""
    refused = runner.invoke(cli, ["keys", "create", "--name", "x", "--scope", "leads:own"])

    assert refused.exit_code == 2
    assert "leads:read" in refused.stderr


def test_a_user_is_made_listed_and_removed(runner: CliRunner) -> None:
    """With a key of the role, printed once."""
    made = runner.invoke(cli, ["users", "create", "--role", "compliance_officer", "Jane@example.com"])
    assert KEY.fullmatch(made.stdout)
    user_id, role, state, email = runner.invoke(cli, ["users", "list"]).stdout.strip().split("\t")
    assert (role, state, email) == ("compliance_officer", "active", "jane@example.com")

    twice = runner.invoke(cli, ["users", "create", "--role", "auditor", "jane@example.com"])
    assert (twice.exit_code, "jane" in twice.stderr) == (1, False)
    assert runner.invoke(cli, ["users", "remove", user_id]).exit_code == 0
    assert runner.invoke(cli, ["users", "list"]).stdout == ""


@pytest.mark.parametrize("arguments", [["db", "upgrade"], ["keys", "list"], ["serve"], ["work"]])
def test_a_bad_setting_is_one_line_and_exit_2(runner: CliRunner, arguments: list[str]) -> None:
    """Before anything is made."""
    refused = runner.invoke(cli, arguments, env={"LEADWARDEN_LISTEN": "canary"})

    assert (refused.exit_code, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert refused.stderr.startswith("leadwarden: LEADWARDEN_LISTEN ")


def test_a_home_that_can_not_be_made_is_one_line(runner: CliRunner, tmp_path: Path) -> None:
    """A file stands where the directory should."""
    (tmp_path / "home").write_text("")
    refused = runner.invoke(cli, ["keys", "list"])

    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)


def test_upgrading_twice_changes_nothing(runner: CliRunner, tmp_path: Path) -> None:
    """And makes the home for its owner alone."""
    for _ in range(2):
        assert runner.invoke(cli, ["db", "upgrade"]).exit_code == 0

    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "home" / "leadwarden.db").stat().st_mode & 0o777 == 0o600


def test_help_names_every_command_of_the_contract(runner: CliRunner) -> None:
    """In one screen, starting with what a newcomer needs."""
    text = runner.invoke(cli, ["--help"]).stdout
    commands = re.findall(r"^  ([a-z]+)  ", text.partition("Commands:")[2], re.MULTILINE)

    assert commands[0] == "serve"
    assert set(commands) >= {"serve", "work", "keys", "users", "db"}
    assert all(line.strip().count("  ") for line in text.partition("Commands:\n")[2].splitlines())
