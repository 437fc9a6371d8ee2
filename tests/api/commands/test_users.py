"""`leadwarden users`: the people who work with the service."""

import re

from click.testing import CliRunner

from api.cli import cli

KEY = re.compile(r"lw_[0-9a-f-]{36}_[\w-]{43}\n")


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


def test_a_role_that_does_not_exist_is_refused_with_the_list(runner: CliRunner) -> None:
    """Nobody is added by a slip of the pen."""
    refused = runner.invoke(cli, ["users", "create", "--role", "owner", "jane@example.com"])

    assert refused.exit_code == 2
    assert "compliance_officer" in refused.stderr
    assert runner.invoke(cli, ["users", "list"]).stdout == ""


def test_a_broken_address_is_not_repeated(runner: CliRunner) -> None:
    """Standard error ends in logs; nothing is printed that looks like a key."""
    refused = runner.invoke(cli, ["users", "create", "--role", "auditor", "canary at example"])

    assert (refused.exit_code, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert "canary" not in refused.stderr


def test_nobody_can_be_removed_twice(runner: CliRunner) -> None:
    """The second time there is no such person."""
    runner.invoke(cli, ["users", "create", "--role", "auditor", "jane@example.com"])
    user_id = runner.invoke(cli, ["users", "list"]).stdout.split("\t")[0]

    assert [runner.invoke(cli, ["users", "remove", user_id]).exit_code for _ in range(2)] == [0, 1]
