"""`leadwarden messages`: what left the service and what did not; never to whom, or what it says."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Protocol

import click
from sqlalchemy.orm import Session

from api.commands_context import opened
from governance.messages import queue, settling
from governance.messages.patience import DeliveryCode
from governance.messages.tables import MessageState
from governance.scopes import COMMAND_LINE

MOST_LISTED = 500


@click.group(name="messages")
def command() -> None:
    """See what became of notices and letters, and try failed ones again."""


@command.command(name="list")
@click.option("--state", type=click.Choice([state.value for state in MessageState]), help="Only these.")
@click.option(
    "--code", type=click.Choice([code.value for code in DeliveryCode]), help="Only for this reason."
)
@click.option("--limit", type=click.IntRange(1, MOST_LISTED), default=50, show_default=True)
def list_(state: str | None, code: str | None, limit: int) -> None:
    """List messages, the newest first: id, state, topic, tries, and why the last try failed."""
    wanted = None if state is None else MessageState(state)
    reason = None if code is None else DeliveryCode(code)
    with opened() as service, service.main.read() as session:
        found = queue.listed(session, state=wanted, code=reason, limit=limit)
    for each in found:
        why = each["code"] or "-"
        click.echo(f"{each['id']}  {each['state']:<6}  {each['topic']:<24}  {each['tries']}  {why}")


@command.command()
@click.argument("message_ids", metavar="ID...", nargs=-1, required=True)
def retry(message_ids: tuple[str, ...]) -> None:
    """Queue failed messages again."""
    _settle(message_ids, settling.retry)
    click.echo("Queued again. The worker goes on with it.", err=True)


@command.command()
@click.argument("message_ids", metavar="ID...", nargs=-1, required=True)
def done(message_ids: tuple[str, ...]) -> None:
    """Say that failed messages were posted, or told, by other means."""
    _settle(message_ids, settling.done)
    click.echo("Done by hand; the trail says so.", err=True)


class Settling(Protocol):
    """`settling.retry` or `settling.done`."""

    def __call__(self, session: Session, message_id: str, *, now: datetime, actor: str) -> object:
        """Deals with one failed message."""


def _settle(message_ids: Iterable[str], settle: Settling) -> None:
    with opened() as service:
        for message_id in message_ids:
            service.main.write(
                partial(settle, message_id=message_id, now=service.clock(), actor=COMMAND_LINE.id)
            )
