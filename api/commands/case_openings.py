"""What `leadwarden requests` opens of a person; the trail says first that it is opened."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO

import click

from api import case_openings, casework
from api.commands import said
from api.commands_context import Refusal, opened
from api.openings import at_terminal
from api.schemas.packages import PackageLinkBody
from api.schemas.request_bodies import DecideBody
from governance.scopes import COMMAND_LINE

OWNERS_ALONE = 0o600


@click.command()
@click.argument("request_id")
def file(request_id: str) -> None:
    """Print who a request is about and what was said."""
    with opened() as service:
        found = case_openings.file_of(service, request_id, opener=at_terminal(service))
    click.echo(json.dumps(found, indent=2, ensure_ascii=False))


@click.command()
@click.argument("request_id")
@click.argument("store")
def candidates(request_id: str, store: str) -> None:
    """Print the rows of a store that may be the person's, beside who is asked for."""
    with opened() as service:
        found = case_openings.candidates_of(service, request_id, store, opener=at_terminal(service))
    click.echo(json.dumps(found, indent=2, ensure_ascii=False))


@click.command()
@click.argument("request_id")
@click.argument("store")
@click.option("--same", multiple=True, metavar="ID", help="This candidate is the person.")
@click.option("--other", multiple=True, metavar="ID", help="This one is somebody else.")
def decide(request_id: str, store: str, same: tuple[str, ...], other: tuple[str, ...]) -> None:
    """Say of every candidate of a store whether it is the person."""
    given = [{"id": each, "same_person": True} for each in same]
    given += [{"id": each, "same_person": False} for each in other]
    with opened() as service:
        judged = said.valid(DecideBody(), {"candidates": given})["candidates"]
        answers = {each["id"]: each["same_person"] for each in judged}
        casework.decide(service, request_id, store, answers, actor=COMMAND_LINE.id)
    click.echo("Decided. The worker goes on with it.", err=True)


@click.command()
@click.argument("request_id")
@click.argument("letter_id")
def letter(request_id: str, letter_id: str) -> None:
    """Print one letter with its address and text, ready to be posted."""
    with opened() as service:
        found = case_openings.letter_of(service, request_id, letter_id, opener=at_terminal(service))
    click.echo(f"To: {found['to'] or '-'}\nSubject: {found['subject']}\n\n{found['text']}")


@click.command()
@click.argument("request_id")
@click.argument("target", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
def package(request_id: str, target: Path) -> None:
    """Write the person's data to a new FILE: a zip that is not locked, and that only you may read.

    For the person, make a link (`leadwarden requests package-link`).
    """
    with opened() as service, _new(target) as written:
        for piece in case_openings.package_of(service, request_id, opener=at_terminal(service)):
            written.write(piece)
    click.echo(f"Written to {target}. Delete it when it has done its work.", err=True)


@click.command()
@click.argument("request_id")
@click.option("--hours", help="How long the link is good for; by default three days.")
def package_link(request_id: str, hours: str | None) -> None:
    """Make the link by which the person fetches their data, once; one made before is worth nothing now.

    The link is printed on standard output, its passphrase on standard error: send the one, and tell the
    other by another way, such as the telephone. Neither can be shown again.
    """
    with opened() as service:
        body = said.valid(PackageLinkBody(), {} if hours is None else {"hours": hours})
        good_for = timedelta(hours=body["hours"])
        url, made = case_openings.link_to(service, request_id, good_for=good_for, opener=at_terminal(service))
    click.echo(url)
    click.echo(f"passphrase: {made.passphrase}", err=True)
    click.echo(f"good until: {made.good_until.isoformat(timespec='minutes')}", err=True)


COMMANDS = (file, candidates, decide, letter, package, package_link)


@contextmanager
def _new(target: Path) -> Iterator[IO[bytes]]:
    """A file that was not there before, for its owner alone; one that is not written whole goes again.

    Raises:
        Refusal: it is there already, or can not be made.
    """
    try:
        made = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNERS_ALONE)
    except OSError as error:
        raise Refusal(f"{target}: {error.strerror}") from None
    try:
        with os.fdopen(made, "wb") as written:
            yield written
    except BaseException:
        target.unlink()
        raise
