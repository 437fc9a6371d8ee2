"""`leadwarden db`: the schema of the databases."""

import click

from api.commands_context import refusing, settings
from api.startup import migrate, prepare


@click.group()
def command() -> None:
    """Look after the databases."""


@command.command()
def upgrade() -> None:
    """Bring both databases to the newest schema; does nothing where they have it."""
    chosen = settings()
    with refusing():
        prepare(chosen)
        migrate(chosen)
    click.echo("The databases have the newest schema.", err=True)


command.name = "db"
