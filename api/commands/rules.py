"""`leadwarden rules`: what is in force, what it says, and what another rulebook would change."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import yaml

from api.commands_context import Refusal, opened
from api.context import Service
from consent import publishing
from consent.casebook import differences
from consent.errors import RulebookError
from consent.flips import flips
from consent.rulebook import Rulebook, parse_rulebook
from governance.scopes import COMMAND_LINE

TRIED_FOR = timedelta(days=30)
MOST_SHOWN = 50
WIDTH = 110


@click.group(name="rules")
def command() -> None:
    """Look at the rules, try others, publish them; a second person confirms."""


@command.command(name="list")
def list_() -> None:
    """List what was published, the newest first."""
    with opened() as service:
        now = service.clock()
        with service.main.read() as session:
            found = publishing.publications(session, limit=MOST_SHOWN)
            active = publishing.active_hash(session, now)
    for one in found:
        state = publishing.state_of(one, active, now)
        click.echo(f"{one.id}  {one.version:<12} {state:<10} {one.effective_at:%Y-%m-%d}  {one.hash}")


@command.command()
@click.argument("content_hash", required=False)
def show(content_hash: str | None) -> None:
    """Print a rulebook as YAML: the one of that hash, else the one in force."""
    with opened() as service, service.main.read() as session:
        wanted = content_hash or publishing.active_hash(session, service.clock())
        if wanted is None:
            raise Refusal("no rulebook is in force")
        document = publishing.document_of(session, wanted)
    click.echo(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=WIDTH), nl=False)


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Try a rulebook: does it pass, which cases change, which decisions of the last month would flip."""
    rulebook = _passing(_read(file))
    with opened() as service:
        _tell_of(service, rulebook)


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--effective-from",
    type=click.DateTime(["%Y-%m-%d"]),
    help="First day (UTC); else as soon as it is confirmed.",
)
def publish(file: Path, effective_from: datetime | None) -> None:
    """Publish a rulebook that passes; it counts once another person has confirmed it."""
    document = _read(file)
    _passing(document)
    begin = effective_from.replace(tzinfo=UTC) if effective_from else None
    with opened() as service, _faults_told():
        now = service.clock()
        made = service.main.write(
            lambda session: publishing.publish(
                session, document, effective_at=begin, actor=COMMAND_LINE.id, now=now
            )
        )
    click.echo(made.id)
    click.echo(f"Published {made.version} ({made.hash}); another person must confirm it.", err=True)


@command.command()
@click.argument("publication_id")
def confirm(publication_id: str) -> None:
    """Confirm what somebody else published."""
    with opened() as service:
        now = service.clock()
        made = service.main.write(
            lambda session: publishing.confirm(session, publication_id, actor=COMMAND_LINE.id, now=now)
        )
    click.echo(f"{made.version} counts from {made.effective_at:%Y-%m-%d %H:%M} UTC.", err=True)


def _read(file: Path) -> Mapping[str, Any]:
    """The document of a file, YAML or JSON."""
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeError) as error:
        raise Refusal(f"{file} is not YAML") from error
    if not isinstance(document, Mapping):
        raise Refusal(f"{file} holds no rulebook")
    return document


def _passing(document: Mapping[str, Any]) -> Rulebook:
    """The rulebook, or its faults."""
    with _faults_told():
        return parse_rulebook(document)


@contextmanager
def _faults_told() -> Iterator[None]:
    """Every fault of a rulebook on a line of its own."""
    try:
        yield
    except RulebookError as error:
        for place, messages in error.errors.items():
            click.echo(f"{place}: {'; '.join(messages)}", err=True)
        raise Refusal("the rulebook does not pass") from error


def _tell_of(service: Service, rulebook: Rulebook) -> None:
    """What publishing it would change."""
    click.echo(f"passes: {rulebook.version} {rulebook.hash}")
    changed = differences(rulebook)
    click.echo(f"cases answered otherwise: {len(changed)}")
    for case in changed:
        click.echo(f"  {case.id} {case.title}: {case.expected} -> {case.given}")
    with service.main.read() as session:
        tried = flips(session, rulebook, since=service.clock() - TRIED_FOR)
    count = f"{len(tried.flips)} of {tried.decisions}"
    click.echo(f"decisions of the last {TRIED_FOR.days} days that would flip: {count}")
    for flip in tried.flips[:MOST_SHOWN]:
        click.echo(f"  {flip.decision_id}: {flip.before} -> {flip.after}")
