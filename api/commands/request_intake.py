"""`leadwarden requests create`: a request that came by letter or telephone."""

from typing import Any

import click
from sqlalchemy.orm import Session

from api import casework
from api.commands import said
from api.commands_context import opened
from api.schemas.request_bodies import NewRequestBody
from governance.requests import descriptions
from governance.requests.vocabulary import Regime, RequestType, Submitter
from governance.scopes import COMMAND_LINE


@click.command()
@click.argument("type_", metavar="TYPE", type=click.Choice([each.value for each in RequestType]))
@click.option("--regime", type=click.Choice([each.value for each in Regime]), help="Whose law; else theirs.")
@click.option("--received-at", help="When it came, as in 2026-11-20T09:00:00+01:00; by default now.")
@click.option("--time-zone", help="On whose clock its dates are counted; by default the controller's.")
@click.option("--submitted-by", type=click.Choice([each.value for each in Submitter]))
@click.option("--id", help="A UUID that the request is to have.")
def create(type_: str, **given: str | None) -> None:
    """Take a request in, and print its id.

    TYPE is the right that the person claims. Whom it is about is read from standard input, one
    identifier a line: email ADDRESS, phone NUMBER, external SYSTEM ID, or lead ID. After an empty line
    may follow what else was said; it is kept sealed.
    """
    lines, note = said.about_people(f"Whom is it about? One a line: {said.PEOPLE}.")
    with opened() as service:
        identities = [said.person(line, f"identities.{place}") for place, line in enumerate(lines)]
        body = {"type": type_, "identities": identities, "note": note, **given}
        body = {name: value for name, value in body.items() if value or name == "identities"}
        asked = casework.asked_for(said.valid(NewRequestBody(), body))

        def answer(session: Session) -> dict[str, Any]:
            session.flush()
            return descriptions.describe(session, asked.id)

        taken = casework.take_in(
            service, asked, actor=COMMAND_LINE.id, answer=answer, commit=service.main.write
        )
    due = taken["deadlines"].get("respond_by")
    click.echo(f"{taken['status']}{f'; to be answered by {due}' if due else ''}", err=True)
    click.echo(taken["id"])
