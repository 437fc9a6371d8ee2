"""`leadwarden holds`: what must not be erased although its erasure is asked for."""

from typing import Any

import click

from api import legal_holds
from api.commands import said
from api.commands_context import opened
from api.schemas.legal_holds import HoldBody
from governance import holds
from governance.scopes import COMMAND_LINE


@click.group(name="holds")
def command() -> None:
    """Place, list and lift legal holds."""


@command.command()
@click.argument("name")
@click.option("--store", help="Hold something in this store; otherwise a lead is held, everywhere.")
@click.option("--until", help="When it ends by itself, as in 2027-01-31T00:00:00+01:00.")
def place(name: str, store: str | None, until: str | None) -> None:
    """Stop an erasure before it happens, under a NAME; a hold of that name is replaced.

    Standard input says on one line what is held, and after an empty line why; both are kept sealed. Held is a
    person: email ADDRESS, phone NUMBER, external SYSTEM ID, or lead ID. In a --store it may also be
    everything, table NAME, or row TABLE KEY.
    """
    words = said.PEOPLE if store is None else f"everything, table NAME, row TABLE KEY, {said.PEOPLE}"
    lines, reason = said.about_people(f"What is held? {words}. After it, why.")
    with opened() as service:
        body = said.valid(HoldBody(), _body(lines, reason, store, until))
        is_new, _ = legal_holds.place(service, name, body, actor=COMMAND_LINE.id)
    click.echo("Placed." if is_new else "Placed; the hold of that name before is lifted.", err=True)


@command.command(name="list")
def list_() -> None:
    """List the holds in force: name, on what, until when."""
    with opened() as service, service.main.read() as session:
        found = [holds.described(row) for row in holds.active(session, now=service.clock())]
    for each in sorted(found, key=lambda each: each["key"]):
        on = f"store {each['store']}" if "store" in each else each["on"]
        click.echo(f"{each['key']:<24}  {on:<24}  {each.get('until', '-')}")


@command.command()
@click.argument("name")
def lift(name: str) -> None:
    """End a hold; the erasure that it stopped may be asked for again."""
    with opened() as service:
        legal_holds.lift(service, name, actor=COMMAND_LINE.id)
    click.echo("Lifted.", err=True)


def _body(lines: list[str], reason: str, store: str | None, until: str | None) -> dict[str, Any]:
    """What the call takes; of several lines none is guessed to be the one that is meant."""
    body: dict[str, Any] = {"reason": reason}
    if until is not None:
        body["until"] = until
    if len(lines) != 1:
        return body
    if store is None:
        return body | {"lead": said.person(lines[0], "lead")}
    return body | {"store": store, "query": said.rows(lines[0], "query")}
