"""`leadwarden canaries`: leads that nobody has a reason to open."""

import click

from api.commands_context import opened
from governance import canaries
from governance.scopes import COMMAND_LINE

LISTED = 10_000


@click.group(name="canaries")
def command() -> None:
    """Mark leads that nobody has a reason to open: whoever opens one raises an alarm."""


@command.command()
@click.argument("lead_id")
def mark(lead_id: str) -> None:
    """Make a lead a canary."""
    with opened() as service:
        now = service.clock()
        service.main.write(lambda session: canaries.mark(session, lead_id, now=now, actor=COMMAND_LINE.id))


@command.command()
@click.argument("lead_id")
def lift(lead_id: str) -> None:
    """Let a lead be one like any other."""
    with opened() as service:
        now = service.clock()
        service.main.write(lambda session: canaries.lift(session, lead_id, now=now, actor=COMMAND_LINE.id))


@command.command(name="list")
def list_() -> None:
    """List every canary: lead id, and since when."""
    with opened() as service, service.main.read() as session:
        for each in canaries.listed(session, limit=LISTED):
            click.echo(f"{each.lead_id}\t{each.marked_at.isoformat()}")
