"""`leadwarden`: the root of the command line, which collects the groups of `api.commands`."""

from types import ModuleType

import click

from api import logs
from api.commands import (
    audit,
    canaries,
    db,
    decisions,
    demo,
    holds,
    keys,
    leads,
    messages,
    records,
    requests,
    rules,
    serve,
    stores,
    users,
    vault,
)

MODULES = (
    serve,
    demo,
    leads,
    decisions,
    canaries,
    keys,
    users,
    stores,
    requests,
    holds,
    records,
    messages,
    rules,
    vault,
    audit,
    db,
)


class InOrder(click.Group):
    """Commands in the order in which a newcomer needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """As they were added."""
        return list(self.commands)


@click.group(cls=InOrder, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="leadwarden")
def cli() -> None:
    """Leadwarden: may this lead be contacted, now?

    Settings come from the environment: LEADWARDEN_HOME is where everything is kept (default: ./var).
    Start with `leadwarden serve`.
    """


def collected(module: ModuleType) -> list[click.Command]:
    """The commands of a module: its `command`, or its `commands`."""
    found = vars(module)
    return list(found.get("commands", [found["command"]] if "command" in found else []))


for _module in MODULES:
    for _command in collected(_module):
        cli.add_command(_command)


def main() -> None:
    """The entry point of the installed program."""
    logs.catch_uncaught()
    cli(prog_name="leadwarden")
