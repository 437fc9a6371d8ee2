"""The root of the command line."""

import re
from importlib.metadata import version
from pathlib import Path

import click
from click.testing import CliRunner

from api.cli import MODULES, cli, collected


def test_help_names_every_command_of_the_contract(runner: CliRunner) -> None:
    """In one screen, starting with what a newcomer needs."""
    text = runner.invoke(cli, ["--help"]).stdout
    commands = re.findall(r"^  ([a-z]+)  ", text.partition("Commands:")[2], re.MULTILINE)

    assert commands[0] == "serve"
    assert set(commands) >= {"serve", "work", "keys", "users", "db"}
    assert all(line.strip().count("  ") for line in text.partition("Commands:\n")[2].splitlines())


def every(group: click.Group) -> list[click.Command]:
    """A group's commands and those below."""
    inner = [each for each in group.commands.values() if isinstance(each, click.Group)]
    return [*group.commands.values(), *(each for one in inner for each in every(one))]


def test_every_module_brings_commands_and_none_replaces_another() -> None:
    """A module without any is forgotten work; two of one name hide one of them."""
    names = [command.name for module in MODULES for command in collected(module)]

    assert [module.__name__ for module in MODULES if not collected(module)] == []
    assert sorted(set(names), key=str) == sorted(names, key=str) == sorted(cli.commands)


def test_every_command_says_what_it_does() -> None:
    """`--help` of each is a sentence."""
    assert [command.name for command in every(cli) if not (command.help or "").strip().endswith(".")] == []


def test_help_and_version_touch_no_home(runner: CliRunner) -> None:
    """Somebody who looks around makes no keys."""
    assert runner.invoke(cli, ["--version"]).stdout.strip().endswith(version("leadwarden"))
    for name in cli.commands:
        assert runner.invoke(cli, [name, "-h"]).exit_code == 0
    home = (runner.env or {})["LEADWARDEN_HOME"] or ""

    assert not Path(home).exists()


def test_an_unknown_command_is_a_usage_error(runner: CliRunner) -> None:
    """Exit 2, as click has it."""
    assert runner.invoke(cli, ["erase-everything"]).exit_code == 2
