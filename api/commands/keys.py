"""`leadwarden keys`: the keys of programs."""

import click

from api.commands_context import opened
from consent.vocabulary import Channel, Purpose
from governance.accounts import list_keys, make_key, revoke_key
from governance.scopes import COMMAND_LINE, Grant, Scope

LISTED = 10_000


@click.group(name="keys")
def command() -> None:
    """Make, list and revoke the keys of programs."""


@command.command()
@click.option("--name", required=True, help="What the key is for, as others will read it in the list.")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice([s.value for s in Scope]))
@click.option("--purpose", "purposes", multiple=True, type=click.Choice([p.value for p in Purpose]))
@click.option("--channel", "channels", multiple=True, type=click.Choice([c.value for c in Channel]))
def create(name: str, scopes: tuple[str, ...], purposes: tuple[str, ...], channels: tuple[str, ...]) -> None:
    """Make a key and print it, once, on standard output.

    --purpose and --channel bind the key: a check outside them is refused.
    """
    grant = Grant(frozenset(scopes), frozenset(purposes) or None, frozenset(channels) or None)
    with opened() as service:
        now = service.clock()
        made = service.main.write(lambda session: make_key(session, name, grant, maker=COMMAND_LINE, now=now))
    click.echo(made.token)


@command.command(name="list")
def list_() -> None:
    """List every key: id, state, scopes, name."""
    with opened() as service, service.main.read() as session:
        for key in list_keys(session, limit=LISTED):
            state = "revoked" if key.revoked_at else "sleeps" if key.lacking else "active"
            click.echo(f"{key.id}\t{state}\t{','.join(key.scopes)}\t{key.name}")


@command.command()
@click.argument("key_id")
def revoke(key_id: str) -> None:
    """End a key for good; a running service honours that within two seconds."""
    with opened() as service:
        now = service.clock()
        service.main.write(lambda session: revoke_key(session, key_id, actor=COMMAND_LINE.id, now=now))
