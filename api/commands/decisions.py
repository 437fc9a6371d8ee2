"""`leadwarden check`: a campaign list, split; `leadwarden decisions explain`: why an answer is what it is."""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import IO

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TimeElapsedColumn

from api import lock
from api.campaigns import Ask, Split, ask_here, ask_there, split
from api.client import Client, Keep
from api.commands_context import opened
from api.context import Service
from api.errors import HomeInUseError
from api.imports import CSV, NDJSON
from api.reconciling import reconciled
from api.restoring import refuse_if_restored
from api.running import key_for_a_call
from consent.decisions import decision
from consent.explanation import in_words, told
from consent.judging import Asker, Sitting
from consent.question import Question
from consent.vocabulary import Channel, Purpose
from governance.scopes import COMMAND_LINE, Scope

TIMEOUT_SECONDS = 60.0
SCOPES = frozenset({Scope.DECISIONS_CREATE.value})


@click.command(name="check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--channel", required=True, type=click.Choice([channel.value for channel in Channel]))
@click.option("--purpose", required=True, type=click.Choice([purpose.value for purpose in Purpose]))
@click.option(
    "--output",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="The folder to write the lists to; by default that of FILE.",
)
@click.option(
    "--receipts", type=click.File("w"), help="Write the log's receipts of the answers to this file."
)
def check(file: Path, channel: str, purpose: str, output: Path | None, receipts: IO[str] | None) -> None:
    """Split a campaign FILE (CSV) into who may be contacted, who may not, and who is unknown.

    Writes FILE.allowed.csv, FILE.denied.csv with the reasons, and FILE.unknown.csv. Every answer is stored.
    While a service runs on this home, it is the one that is asked.
    """
    question, target = Question(channel, purpose), (output or file.parent) / file.stem
    done, keep = Split(), None if receipts is None else receipts.write
    with opened() as service, _asked(service, question, keep) as ask, _progress() as progress:
        rows = progress.add_task("rows", total=None)
        with file.open(encoding="utf-8-sig", newline="") as source:
            for done in split(source, target, ask):
                progress.update(rows, completed=done.counts.total())
    for name, path in done.paths.items():
        click.echo(f"{done.counts[name]:>9} {name:8} {path}")
    for reason, count in done.reasons.most_common():
        click.echo(f"{count:>9} {reason}")


@click.group(name="decisions")
def decisions() -> None:
    """Answers that were given."""


@decisions.command()
@click.argument("decision_id")
@click.option("--json", "as_json", is_flag=True, help="Everything, as JSON.")
def explain(decision_id: str, *, as_json: bool) -> None:
    """Tell why an answer is what it is: every rule tried, and what is missing for a yes."""
    with opened() as service, service.main.read() as session:
        document = told(session, decision(session, decision_id))
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for line in in_words(document):
        click.echo(line)


@decisions.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--csv/--ndjson", "is_csv", default=None, help="The format; by default what the name says.")
@click.option("--results", type=click.File("w"), help="Write what is found to this file, as NDJSON.")
def reconcile(file: Path, is_csv: bool | None, results: IO[str] | None) -> None:
    """Hold a log of what was sent against the decisions: who was contacted without a yes?

    FILE names in each line to whom (lead_id, email, phone, or external_system and external_id), channel and
    sent_at; purpose and decision_id or receipt where they are known. Lines are told by their numbers.
    The exit code is 1 if there is one to look at.
    """
    as_csv = file.suffix.lower() == ".csv" if is_csv is None else is_csv
    summary: dict[str, int] = {}
    with opened() as service, file.open("rb") as source, _progress() as progress:
        task = progress.add_task("lines", total=None)
        read = (line.rstrip(b"\r\n") for line in progress_of(source, progress, task))
        for found in reconciled(service, read, CSV if as_csv else NDJSON, actor=COMMAND_LINE.id):
            if "summary" in found:
                summary = found["summary"]
            elif results is not None:
                results.write(json.dumps(found) + "\n")
            else:
                click.echo(f"{found['line']:>9} {found['finding']} {found.get('decision_id', '')}".rstrip())
    for finding, count in summary.items():
        click.echo(f"{count:>9} {finding}", err=results is None)
    sys.exit(int(sum(summary.values()) > summary["backed"]))


commands = [check, decisions]


def progress_of(source: IO[bytes], progress: Progress, task: TaskID) -> Iterator[bytes]:
    """The lines of a file, counted as they are read."""
    for line in source:
        progress.advance(task)
        yield line


@contextmanager
def _asked(service: Service, question: Question, keep: Keep | None) -> Iterator[Ask]:
    """How to ask: in this process, or the service that holds the home."""
    settings = service.settings

    def sitting() -> Sitting:
        return Sitting(service.rulebook(), Asker(COMMAND_LINE.id), service.clock())

    with ExitStack() as stack:
        if _holds_home(service, stack):
            refuse_if_restored(service)
            yield ask_here(service, sitting, question, keep)
            return
        token = stack.enter_context(key_for_a_call(service, SCOPES))
        client = Client(f"http://{settings.host}:{settings.port}", token, timeout=TIMEOUT_SECONDS)
        yield ask_there(stack.enter_context(client), question, keep)


def _holds_home(service: Service, stack: ExitStack) -> bool:
    """Whether this process may write itself, until `stack` ends."""
    settings = service.settings
    try:
        stack.enter_context(lock.held(settings.home) if settings.embedded else nullcontext())
    except HomeInUseError:
        return False
    return True


@contextmanager
def _progress() -> Iterator[Progress]:
    """How many rows are done, on a terminal and nowhere else."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        yield progress
