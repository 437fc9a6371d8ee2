"""`leadwarden stores`: proposes, takes in and tries the descriptions of lead stores."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from api.commands_context import opened, refusing, settings
from governance.requests import decommissioning
from governance.requests.article15 import STORE_RETENTION, retention
from governance.scopes import COMMAND_LINE
from governance.stores import register
from governance.stores.errors import DocumentError, StoreNotUsableError
from governance.stores.http import ready
from governance.stores.mapping import SECRET_PREFIX, StoreDocument
from governance.stores.opening import address, probe
from governance.stores.reading import parse
from governance.stores.scan import as_text, scan
from governance.stores.yaml_text import read_yaml

REFERENCE = re.compile(rf"{SECRET_PREFIX}\w+")


@click.group(name="stores")
def command() -> None:
    """Describe where leads are held: scan or describe, review, add, test."""


@command.command(name="scan")
@click.option("--key", required=True, help="What the store will be called, e.g. crm.")
@click.option("--url", required=True, help=f"Where it is: a reference such as {SECRET_PREFIX}CRM.")
def scan_(key: str, url: str) -> None:
    """Look at a database or at files, and print a proposal as YAML, for a person to review."""
    with refusing():
        document = _parsed({"store": key, "kind": "sql", "url": url})
        secrets = settings().store_secrets
        _name_unset({"url": url}, secrets)
        proposal = scan(address(document, secrets), store=key, reference=url)
        click.echo(as_text(proposal), nl=False)
        for line in probe(parse(proposal), secrets).advice:
            click.echo(f"advice: {line}", err=True)


@command.command()
@click.argument("system", type=click.Choice(ready.names()))
def describe(system: str) -> None:
    """Print the description of a well-known system as YAML, for a person to edit."""
    click.echo(ready.text_of(system), nl=False)


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def add(file: Path) -> None:
    """Take a reviewed document in; one that is to be active is tried first."""
    with opened() as service:
        now = service.clock()
        document = _readable(file)
        parsed = parse(document)
        if parsed.active:
            _name_unset(document, service.settings.store_secrets)
        _refuse_unusable(parsed, service.settings.store_secrets)
        stored, created = service.main.write(
            lambda session: register.put(session, parsed.store, document, now=now, actor=COMMAND_LINE.id)
        )
    state = "active" if stored.active else "not active yet"
    click.echo(f"Store {stored.key} is {'added' if created else 'changed'}; it is {state}.", err=True)


@command.command()
@click.argument("key")
def delete(key: str) -> None:
    """Take a store out; refused while a request has to work in it, or to look back into it."""
    with opened() as service:
        now = service.clock()
        service.main.write(
            lambda session: decommissioning.delete_store(session, key, now=now, actor=COMMAND_LINE.id)
        )
    click.echo(f"Store {key} is deleted; what was done in it stays on record.", err=True)


@command.command()
@click.argument("key")
def test(key: str) -> None:
    """Connect to a store and say what stands against its mapping; exit 1 when something does."""
    with opened() as service:
        now = service.clock()
        with service.main.read() as session:
            registered = register.get(session, key)
        _name_unset(registered.document, service.settings.store_secrets)
        probed = probe(registered.parsed, service.settings.store_secrets)
        service.main.write(
            lambda session: register.note_test(session, key, probed, now=now, actor=COMMAND_LINE.id)
        )
    click.echo("reachable" if probed.reachable else "not reachable")
    kept = retention(registered.parsed, registered.parsed.purposes)
    if kept != STORE_RETENTION:
        click.echo(f"kept: {kept}")
    for line in probed.problems:
        click.echo(f"problem: {line}")
    for line in probed.advice:
        click.echo(f"advice: {line}")
    if probed.problems:
        raise SystemExit(1)


def _readable(file: Path) -> dict[str, object]:
    """The document in a file; each place that is wrong is printed."""
    with _naming_places():
        document: dict[str, object] = read_yaml(file.read_bytes())
        parse(document)
    return document


def _parsed(document: Mapping[str, object]) -> StoreDocument:
    """A document as the code reads it; each place that is wrong is printed."""
    with _naming_places():
        return parse(document)


@contextmanager
def _naming_places() -> Iterator[None]:
    """Print each place of a document that is wrong."""
    try:
        yield
    except DocumentError as error:
        for place, messages in error.errors.items():
            click.echo(f"{place}: {'; '.join(messages)}", err=True)
        raise


def _name_unset(document: Mapping[str, object], secrets: Mapping[str, str]) -> None:
    """Print each variable that a document refers to and that is not set: without it no store answers."""
    for reference in sorted(set(REFERENCE.findall(json.dumps(dict(document))))):
        name = reference.removeprefix("env:")
        if name not in secrets:
            click.echo(f"{name} is not set", err=True)


def _refuse_unusable(parsed: StoreDocument, secrets: Mapping[str, str]) -> None:
    """A mapping that can not find or erase a person must not be active."""
    if not parsed.active:
        return
    probed = probe(parsed, secrets)
    for line in probed.problems:
        click.echo(line, err=True)
    if probed.refuses:
        raise StoreNotUsableError(probed.problems)
