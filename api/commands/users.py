"""`leadwarden users`: the people who work with the service."""

import click

from api import staff
from api.commands_context import opened
from governance.scopes import COMMAND_LINE, Role


class RoleName(click.Choice[str]):
    """A role's name as people write it: `compliance officer`, `Compliance-Officer`."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name that programs use."""
        return super().convert(value.lower().replace("-", "_").replace(" ", "_"), param, ctx)


@click.group(name="users")
def command() -> None:
    """Add and list the people who work with the service."""


@command.command()
@click.option("--role", required=True, type=RoleName([role.value for role in Role]))
@click.argument("email")
def create(role: str, email: str) -> None:
    """Add a person and print their key, once, on standard output."""
    with opened() as service:
        _, made = staff.create(service, email, Role(role), COMMAND_LINE)
    click.echo(made.token)


@command.command(name="list")
def list_() -> None:
    """List everybody: id, role, state, e-mail address."""
    with opened() as service:
        for user in staff.everybody(service):
            click.echo(f"{user.id}\t{user.role.value}\t{'sleeps' if user.asleep else 'active'}\t{user.email}")


@command.command()
@click.argument("user_id")
def remove(user_id: str) -> None:
    """Remove a person: their keys end, and their address is erased."""
    with opened() as service:
        staff.remove(service, user_id, COMMAND_LINE.id)
