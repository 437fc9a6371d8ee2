"""What `leadwarden requests` offers beside deciding: who asks, what is to happen, dates, and what follows."""

import json
from datetime import datetime
from typing import Any

import click

from api import casework, previewing, rights, verification
from api.commands import said
from api.commands_context import opened
from governance.requests.appeals import Result
from governance.requests.vocabulary import PauseReason
from governance.scopes import COMMAND_LINE


@click.command()
@click.argument("request_id")
def plan(request_id: str) -> None:
    """Search every store now, and print what an approval would erase, redact and keep, and why."""
    with opened() as service:
        found = previewing.plan_of(service, request_id, actor=COMMAND_LINE.id)
    _print(found)


@click.command()
@click.argument("request_id")
def code(request_id: str) -> None:
    """Send the person a code, to show that it is they who ask."""
    with opened() as service:
        verification.send_code(service, request_id, actor=COMMAND_LINE.id)
    click.echo("The code is on its way.", err=True)


@click.command()
@click.argument("request_id")
@said.text("--statement", "What the permission says; kept sealed.")
@click.option("--ask-person", is_flag=True, help="The person gets a code, and has the last word.")
def permitted(request_id: str, statement: str, ask_person: bool) -> None:
    """Keep an agent's signed permission, which you have seen."""
    with opened() as service:
        verification.permitted(
            service, request_id, statement, ask_person=ask_person, passed=True, actor=COMMAND_LINE.id
        )
    click.echo("The person is asked." if ask_person else "The permission is kept.", err=True)


@click.command()
@click.argument("request_id")
@click.argument("reason", type=click.Choice([reason.value for reason in PauseReason]))
def pause(request_id: str, reason: str) -> None:
    """Say that more was asked of the person: the clock follows the law's rule."""
    with opened() as service:
        casework.pause(service, request_id, PauseReason(reason), actor=COMMAND_LINE.id)
    click.echo("Paused.", err=True)


@click.command()
@click.argument("request_id")
@click.argument("reason", type=click.Choice([reason.value for reason in PauseReason]))
def resume(request_id: str, reason: str) -> None:
    """Say that the person's answer came."""
    with opened() as service:
        casework.resume(service, request_id, PauseReason(reason), actor=COMMAND_LINE.id)
    click.echo("Resumed.", err=True)


@click.command()
@click.argument("request_id")
@said.text("--reason", "What the person is told; kept sealed.")
def extend(request_id: str, reason: str) -> None:
    """Use the one extension that the law grants."""
    with opened() as service:
        casework.extend(service, request_id, reason, actor=COMMAND_LINE.id)
    click.echo("Extended.", err=True)


@click.command()
@click.argument("request_id")
@click.argument("fields", nargs=-1, metavar="[NAME=VALUE[<WAS]]...")
def correct(request_id: str, fields: tuple[str, ...]) -> None:
    """Say what a rectification corrects, as in 'title=Dr' or 'email=right@x.example<wrong@x.example'.

    Without fields they are read from standard input, one a line.
    """
    fields = fields or tuple(said.about_people("What is right? One a line: NAME=VALUE or NAME=VALUE<WAS.")[0])
    with opened() as service:
        casework.correct(service, request_id, [_correction(each) for each in fields], actor=COMMAND_LINE.id)
    click.echo("Kept; an approval carries it out.", err=True)


@click.command()
@click.argument("request_id")
@said.text("--explanation", "What the person is told.")
@click.option("--at", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]), help="When it ends; else in three days.")
@click.option("--told-otherwise", is_flag=True, help="You have told the person; no letter is sent.")
def lift(request_id: str, explanation: str, at: datetime | None, told_otherwise: bool) -> None:
    """End a restriction, once the person was told."""
    with opened() as service:
        rights.lift(
            service, request_id, explanation, at=at, told_otherwise=told_otherwise, actor=COMMAND_LINE.id
        )
    click.echo("Announced; the worker ends it when the time has come.", err=True)


@click.command()
@click.argument("request_id")
@said.text("--said", "What the person says; kept sealed.")
@click.option(
    "--received-at", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]), help="When it came; by default now."
)
def appeal(request_id: str, said: str, received_at: datetime | None) -> None:
    """Take in an appeal against a refusal."""
    with opened() as service:
        rights.appeal(service, request_id, said, received_at=received_at, actor=COMMAND_LINE.id)
    click.echo("Taken in.", err=True)


@click.command()
@click.argument("request_id")
@click.argument("result", type=click.Choice([result.value for result in Result]))
@said.text("--explanation", "What the person is told; kept sealed.")
def decide_appeal(request_id: str, result: str, explanation: str) -> None:
    """Grant an appeal, and the request is to be decided again; or reject it."""
    with opened() as service:
        rights.decide_appeal(service, request_id, Result(result), explanation, actor=COMMAND_LINE.id)
    click.echo("Decided, and told.", err=True)


COMMANDS = (plan, code, permitted, pause, resume, extend, correct, lift, appeal, decide_appeal)


def _correction(text: str) -> dict[str, Any]:
    """`NAME=VALUE<WAS` as the route takes it; an empty value clears the field."""
    name, _, rest = text.partition("=")
    value, was_given, was = rest.partition("<")
    return {"name": name, "value": value or None, **({"was": was} if was_given else {})}


def _print(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))
