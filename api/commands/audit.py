"""`leadwarden audit`: export the trail, publish its head, check it, and ask what auditors ask."""

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import IO, NoReturn
from zoneinfo import ZoneInfo

import click
from sqlalchemy.orm import Session

from api.background import sequencer
from api.commands_context import opened
from api.context import Service
from api.questions import zones
from audit import export, keys, published, query, stored_tree
from audit.actions import Action
from audit.counted import counted
from audit.errors import LogBrokenError
from audit.export import Period
from audit.log import append
from audit.merkle import leaf_hash
from audit.query import Found, Wanted
from audit.tree import Frontier
from consent.contacted import contact_in_words, contacted, day_in
from governance import canaries
from governance.scopes import COMMAND_LINE


class Instant(click.ParamType[datetime]):
    """An RFC 3339 instant with an offset."""

    name = "instant"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """In UTC, or one clear line."""
        try:
            found = datetime.fromisoformat(str(value))
            return found.astimezone(UTC) if found.tzinfo is not None else self._refuse(param, ctx)
        except (ValueError, OverflowError):
            return self._refuse(param, ctx)

    def _refuse(self, param: click.Parameter | None, ctx: click.Context | None) -> NoReturn:
        self.fail("must look like 2026-11-24T10:00:00+00:00", param, ctx)


class Zone(click.ParamType[ZoneInfo]):
    """A time zone of the IANA database."""

    name = "zone"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> ZoneInfo:
        """The zone, or one clear line."""
        if str(value) not in zones():
            self.fail("must be a time zone of the IANA database, as in Europe/Berlin", param, ctx)
        return ZoneInfo(str(value))


SINCE = click.option("--from", "since", type=Instant(), help="Included.")
UNTIL = click.option("--until", type=Instant(), help="Not included.")


@click.group(name="audit")
def command() -> None:
    """Export, publish, check and question the trail."""


@command.command(name="export")
@click.argument("file", type=click.File("wb", lazy=False), default="-")
@SINCE
@UNTIL
def export_(file: IO[bytes], since: datetime | None, until: datetime | None) -> None:
    """Write the log, or the part of a period, as one file to verify with `python -m audit verify`."""
    with opened() as service:
        with service.main.read() as session:
            plan = export.plan(session, Period(since, until))
        facts = {"first": plan.first, "count": plan.end - plan.first}
        _remember(service, Action.AUDIT_EXPORTED, facts)
        file.write(bytes(plan.header))
        with click.progressbar([*plan.pages()], label="entries", file=sys.stderr) as pages:
            for start, end in pages:
                with service.main.read() as session:
                    file.write(export.page(session, start, end))


@command.command()
def publish() -> None:
    """Sequence what is pending, publish the head outside the database, and print it."""
    with opened() as service:
        sequencer.step(service, service.clock())
        with service.main.read() as session:
            note = stored_tree.head_note(session)
    click.echo(note or "", nl=False)


@command.command()
def publications() -> None:
    """Who took the log's checkpoints outside, beside the file: how far, when, and what failed since."""
    with opened() as service, service.main.read() as session:
        rows = published.listed(session)
    for row in rows:
        taken = "-" if row.at is None else row.at.isoformat()
        click.echo(f"{row.way:<8}  {row.size}  {taken}  {row.failures} failures  {row.code or '-'}")


@command.command()
def check() -> None:
    """Hold the database against itself and against what was published; exit 1 names what does not fit."""
    with opened() as service:
        sequencer.compare(service, sequencer.publication(service))
        with service.main.read() as session:
            size = _check_root(session)
            for entry_id in query.broken_links(session):
                raise LogBrokenError(f"entry {entry_id} is linked to somebody whom it does not commit to")
            for entry_id in query.misfiled(session):
                raise LogBrokenError(f"entry {entry_id} is filed under other words than its own")
            for entry_id in canaries.silenced(session):
                raise LogBrokenError(
                    f"entry {entry_id} marks a canary, which nobody lifted and which is none"
                )
    click.echo(f"ok: {counted(size, 'entry', 'entries')}")


@command.command()
@click.option("--lead", "lead_id")
@click.option("--actor", help="The id of a key or a person.")
@click.option("--action", "actions", multiple=True, type=click.Choice([str(action) for action in Action]))
@SINCE
@UNTIL
def entries(
    lead_id: str | None,
    actor: str | None,
    actions: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
) -> None:
    """What happened: to a lead, by a key, between two times. One entry a line, as its exact bytes."""
    wanted = Wanted(lead_id, actor, actions, since, until)
    with opened() as service:
        _remember(service, Action.AUDIT_READ, {"question": "entries"})
        with service.main.read() as session:
            _print(query.all_entries(session, wanted))


@command.command()
@click.argument("lead_id")
def openings(lead_id: str) -> None:
    """Who saw this lead and why. One entry a line."""
    with opened() as service:
        _remember(service, Action.AUDIT_READ, {"question": "openings"})
        with service.main.read() as session:
            _print(query.openings(session, lead_id))


@command.command()
@click.argument("actor")
@SINCE
@UNTIL
def exposure(actor: str, since: datetime | None, until: datetime | None) -> None:
    """What would be affected if this key had leaked: a lead and its opened fields a line."""
    with opened() as service:
        _remember(service, Action.AUDIT_READ, {"question": "exposure"})
        with service.main.read() as session:
            found = query.exposure(session, actor, since, until)
    for lead_id, fields in sorted(found.leads.items()):
        click.echo(f"{lead_id}\t{','.join(sorted(fields))}")
    click.echo(f"{found.openings} openings, {found.of_erased} of people erased since", err=True)


@command.command()
@click.argument("lead_id")
@click.option("--on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The day.")
@click.option("--time-zone", "zone", type=Zone(), default="UTC", help="Whose day it is; UTC if not given.")
@click.option("--json", "as_json", is_flag=True, help="Everything, as JSON.")
def contacts(lead_id: str, on: datetime, zone: ZoneInfo, *, as_json: bool) -> None:
    """On what ground was this lead contacted on this day: decision, facts, rules, consents and proof."""
    with opened() as service:
        _remember(service, Action.AUDIT_READ, {"question": "contacts"})
        with service.main.read() as session:
            found = contacted(session, lead_id, *day_in(on.date(), zone))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for each in found:
        for line in contact_in_words(each):
            click.echo(line)
    click.echo(f"{len(found)} contacts", err=True)


@command.command(name="keys")
def keys_() -> None:
    """The public keys that signed the log, as vkeys: hand them to your auditor."""
    with opened() as service, service.main.read() as session:
        for key in keys.listed(session):
            until = "now" if key.until is None else key.until.isoformat()
            click.echo(f"{key.vkey}\t{key.since.isoformat()}\t{until}")


def _check_root(session: Session) -> int:
    """The log's size, once every entry was hashed again and leads to the signed root."""
    frontier, head = Frontier(), stored_tree.head(session)
    for _, body in stored_tree.bodies(session, 0, stored_tree.size(session)):
        frontier.add(leaf_hash(body))
    if head is not None and head.root != frontier.root():
        raise LogBrokenError("the entries do not lead to the signed root")
    return frontier.size


def _print(found: Iterable[Found]) -> None:
    for each in found:
        click.echo(each.body)


def _remember(service: Service, action: Action, facts: dict[str, str] | dict[str, int]) -> None:
    """A question on the command line stands in the trail like any other."""
    now = service.clock()
    service.main.write(lambda session: append(session, action, actor=COMMAND_LINE.id, now=now, facts=facts))
