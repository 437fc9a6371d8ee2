"""`leadwarden keys` on a home that is not there yet."""

import re

from click.testing import CliRunner

from api.cli import cli

KEY = re.compile(r"lw_[0-9a-f-]{36}_[\w-]{43}\n")


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


def test_a_key_is_bound_to_purposes_and_numbers_and_limited_anew(runner: CliRunner) -> None:
    """Whoever owns the machine may say any number; a purpose is a few plain words."""
    words = ["keys", "create", "--name", "x", "--scope", "leads:read", "--lookup-purpose", "support"]
    made = runner.invoke(cli, [*words, "--an-hour", "5", "--a-day", "20"])
    key_id = made.stdout.split("_")[1]

    assert made.exit_code == 0
    assert runner.invoke(cli, ["keys", "limit", key_id, "--an-hour", "9000"]).exit_code == 0
    assert runner.invoke(cli, ["keys", "limit", "nobody", "--a-day", "1"]).exit_code == 1
    assert runner.invoke(cli, [*words, "--lookup-purpose", "For Jane Doe"]).exit_code == 2


def test_a_key_is_replaced_by_one_that_may_do_the_same(runner: CliRunner) -> None:
    """The old one goes on until it is revoked; a revoked one has no successor."""
    made = runner.invoke(cli, ["keys", "create", "--name", "CRM", "--scope", "audit:read"]).stdout
    key_id = made.split("_")[1]
    replaced = runner.invoke(cli, ["keys", "rotate", key_id])

    assert (replaced.exit_code, replaced.stderr) == (0, "")
    assert KEY.fullmatch(replaced.stdout)
    assert replaced.stdout != made
    listed = [line.split("\t", 1)[1] for line in runner.invoke(cli, ["keys", "list"]).stdout.splitlines()]
    assert listed == ["active\taudit:read\tCRM"] * 2
    runner.invoke(cli, ["keys", "revoke", key_id])
    assert runner.invoke(cli, ["keys", "rotate", key_id]).exit_code == 1
