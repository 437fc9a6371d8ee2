"""`leadwarden keys`: the keys of programs."""

import re

import click

from api.commands_context import opened
from api.schemas.leads import PURPOSE
from api.settings import MOST_OPENINGS
from consent.vocabulary import Channel, Purpose
from governance.accounts import limit_key, list_keys, make_key, replace_key, revoke_key
from governance.scopes import COMMAND_LINE, Allowance, Grant, Scope

LISTED = 10_000


def _purposes(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> frozenset[str]:
    """The words as a look-up gives them, in small letters."""
    if not all(re.fullmatch(PURPOSE, word) for word in given):
        raise click.BadParameter("a few words in small letters, at most 64 characters", ctx, param)
    return frozenset(word.lower() for word in given)


PEOPLE = click.IntRange(0, MOST_OPENINGS)
AN_HOUR = click.option("--an-hour", type=PEOPLE, help="How many people it may open in any 60 minutes.")
A_DAY = click.option("--a-day", type=PEOPLE, help="How many people it may open in any 24 hours.")


@click.group(name="keys")
def command() -> None:
    """Make, list, replace and revoke the keys of programs."""


@command.command()
@click.option("--name", required=True, help="What the key is for, as others will read it in the list.")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice([s.value for s in Scope]))
@click.option("--purpose", "purposes", multiple=True, type=click.Choice([p.value for p in Purpose]))
@click.option("--channel", "channels", multiple=True, type=click.Choice([c.value for c in Channel]))
@click.option("--lookup-purpose", "lookup_purposes", multiple=True, callback=_purposes)
@AN_HOUR
@A_DAY
def create(
    *,
    name: str,
    scopes: tuple[str, ...],
    purposes: tuple[str, ...],
    channels: tuple[str, ...],
    lookup_purposes: frozenset[str],
    an_hour: int | None,
    a_day: int | None,
) -> None:
    """Make a key and print it, once, on standard output.

    --purpose and --channel bind the key: a check outside them is refused. --lookup-purpose does so with the
    purposes for which it opens leads.
    """
    grant = Grant(
        frozenset(scopes),
        frozenset(purposes) or None,
        frozenset(channels) or None,
        lookup_purposes or None,
        Allowance(an_hour, a_day),
    )
    with opened() as service:
        now = service.clock()
        made = service.main.write(lambda session: make_key(session, name, grant, maker=COMMAND_LINE, now=now))
    click.echo(made.token)


@command.command()
@click.argument("key_id")
def rotate(key_id: str) -> None:
    """Make a key that may do what KEY_ID may, and print it, once, on standard output.

    The old one goes on: give the new one to its program, then say `leadwarden keys revoke KEY_ID`.
    """
    with opened() as service:
        now = service.clock()
        made = service.main.write(lambda session: replace_key(session, key_id, maker=COMMAND_LINE, now=now))
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


@command.command()
@click.argument("key_id")
@AN_HOUR
@A_DAY
def limit(key_id: str, an_hour: int | None, a_day: int | None) -> None:
    """Say how many people a key may open; without a number the settings say it.

    A running service honours that within two seconds.
    """
    allowance = Allowance(an_hour, a_day)
    with opened() as service:
        now = service.clock()
        service.main.write(
            lambda session: limit_key(session, key_id, allowance, changer=COMMAND_LINE, now=now)
        )
