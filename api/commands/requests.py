"""`leadwarden requests`: what an officer does about privacy requests, at a terminal."""

import json
from typing import Any

import click

from api import casework
from api.commands import case_openings, deletion_lists, request_intake, request_reviews, said
from api.commands_context import opened
from governance.requests import certifying, descriptions, lateness, letter_file, recipients
from governance.requests.recipients import Answer
from governance.requests.vocabulary import Ground, Method, Status
from governance.scopes import COMMAND_LINE
from governance.stores import register

MOST_LISTED = 500
WORKER_TAKES_OVER = "The worker goes on with it."


@click.group(name="requests")
def command() -> None:
    """See and decide privacy requests."""


@command.command(name="list")
@click.option("--status", type=click.Choice([status.value for status in Status]), help="Only these.")
@click.option("--limit", type=click.IntRange(1, MOST_LISTED), default=50, show_default=True)
def list_(status: str | None, limit: int) -> None:
    """List requests, the newest first: id, type, status, and until when an answer is due."""
    with opened() as service, service.main.read() as session:
        items, _ = descriptions.listed(session, limit=limit, status=status)
    for item in items:
        due = item["deadlines"].get("respond_by", "-")
        click.echo(f"{item['id']}  {item['type']:<20}  {item['status']:<25}  {due}")


@command.command()
def late() -> None:
    """List requests that are due within days or late, the most urgent first."""
    with opened() as service, service.main.read() as session:
        found = lateness.watched(session, now=service.clock())
    for each in found:
        due = f"safe by {each.safe_by}  respond by {each.respond_by}"
        what = "appeal" if each.appeal else each.type
        click.echo(f"{each.request_id}  {each.stage:<8}  {what:<20}  {each.status:<22}  {due}")


@command.command()
@click.argument("request_id")
@click.option("--history", is_flag=True, help="Every change of every step, too.")
def show(request_id: str, history: bool) -> None:
    """Print one request as JSON."""
    with opened() as service, service.main.read() as session:
        found = descriptions.describe(session, request_id)
        if history:
            found["history"] = descriptions.history(session, request_id)
    _print(found)


@command.command()
@click.argument("request_id")
@click.option("--method", type=click.Choice([method.value for method in Method]), required=True)
@click.option("--failed", is_flag=True, help="The attempt failed; the third refuses the request.")
def verify(request_id: str, method: str, failed: bool) -> None:
    """Keep the result of an attempt to show who asks."""
    with opened() as service:
        casework.verify(service, request_id, Method(method), passed=not failed, actor=COMMAND_LINE.id)
    click.echo("The attempt is kept.", err=True)


@command.command()
@click.argument("request_id")
def approve(request_id: str) -> None:
    """Let the steps run; an erasure restricts and suppresses the person at once."""
    with opened() as service:
        casework.approve(service, request_id, actor=COMMAND_LINE.id)
    click.echo(f"Approved. {WORKER_TAKES_OVER}", err=True)


@command.command()
@click.argument("request_id")
@click.option("--ground", type=click.Choice([ground.value for ground in Ground]), required=True)
@said.text("--explanation", "What the person is told; kept sealed.")
def refuse(request_id: str, ground: str, explanation: str) -> None:
    """Turn a request down."""
    with opened() as service:
        casework.refuse(service, request_id, Ground(ground), explanation, actor=COMMAND_LINE.id)
    click.echo("Refused.", err=True)


@command.command()
@click.argument("request_id")
def cancel(request_id: str) -> None:
    """The person took the request back."""
    with opened() as service:
        casework.cancel(service, request_id, actor=COMMAND_LINE.id)
    click.echo("Cancelled.", err=True)


@command.command()
@click.argument("request_id")
def retry(request_id: str) -> None:
    """Queue again what failed or waits."""
    with opened() as service:
        casework.retry(service, request_id, actor=COMMAND_LINE.id)
    click.echo(f"Queued again. {WORKER_TAKES_OVER}", err=True)


@command.command()
@click.argument("request_id")
@click.argument("store")
@click.option("--answer", type=click.Choice([each.value for each in Answer]), help="Its recipient's.")
def complete(request_id: str, store: str, answer: str | None) -> None:
    """Say that a person did a store's step by hand."""
    said = None if answer is None else Answer(answer)
    with opened() as service:
        casework.complete(service, request_id, store, actor=COMMAND_LINE.id, answer=said)
    click.echo("Completed by hand; the certificate will say so.", err=True)


@command.command()
@click.argument("request_id")
def letters(request_id: str) -> None:
    """List what the person and recipients were told, without address and text."""
    with opened() as service, service.main.read() as session:
        found = letter_file.listed(session, request_id)
        told = recipients.informed(session, [request_id], register.active_stores(session))[request_id]
    for each in found:
        click.echo(f"{each['id']}  {each['topic']:<18}  {each['state']:<6}  {each['code'] or '-'}")
    for recipient in told:
        answer = recipient.answer or "-"
        click.echo(f"{recipient.store}  {recipient.name}  told: {recipient.how}  answer: {answer}")


@command.command()
@click.argument("request_id")
def certificate(request_id: str) -> None:
    """Print the signed certificate of a completed request as JSON."""
    with opened() as service, service.main.read() as session:
        found = certifying.handed_out(session, request_id)
    _print(found)


def _print(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


command.add_command(deletion_lists.command)
command.add_command(request_intake.create)
for each in (*case_openings.COMMANDS, *request_reviews.COMMANDS):
    command.add_command(each)
