"""`leadwarden import`: a file of leads, NDJSON or CSV."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskProgressColumn, TimeRemainingColumn

from api import lock
from api.commands_context import opened
from api.context import Service
from api.errors import HomeInUseError
from api.imports import CSV, NDJSON, import_leads
from api.restoring import refuse_if_restored
from api.running import send_file
from api.shapes import LINE_LIMIT
from governance.scopes import COMMAND_LINE, Scope

SCOPES = frozenset({Scope.LEADS_WRITE.value, Scope.REQUESTS_READ.value})


@click.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--csv/--ndjson", "is_csv", default=None, help="The format; by default what the name says.")
@click.option("--results", type=click.File("w"), help="Write a result for each line to this file, as NDJSON.")
def command(file: Path, is_csv: bool | None, results: IO[str] | None) -> None:
    """Take in a FILE of leads, one a line: NDJSON, or CSV with a header.

    A line that is refused spoils no other; the exit code is 1 if there was one. While a service runs on this
    home, the file goes through it.
    """
    as_csv = file.suffix.lower() == ".csv" if is_csv is None else is_csv
    summary: dict[str, int] = {}
    with opened() as service, shown(file) as source:
        for result in _results(service, source, CSV if as_csv else NDJSON):
            summary = result.get("summary", summary)
            if results is not None and "summary" not in result:
                results.write(json.dumps(result) + "\n")
    click.echo(", ".join(f"{count} {word}" for word, count in summary.items()))
    if summary.get("refused"):
        sys.exit(1)


def lines_of(file: IO[bytes]) -> Iterator[bytes | None]:
    """The lines of a file without their ends; None for one that is too long, which is never kept whole."""
    while line := file.readline(LINE_LIMIT + 2):
        too_long = False
        while not line.endswith(b"\n") and len(line) > LINE_LIMIT:
            too_long, line = True, file.readline(LINE_LIMIT + 2)
        bare = line.removesuffix(b"\n").removesuffix(b"\r")
        yield None if too_long or len(bare) > LINE_LIMIT else bare


def _results(service: Service, source: IO[bytes], media_type: str) -> Iterator[dict[str, Any]]:
    """The results, of this process or of the service that holds the home."""
    yield from here_or_there(
        service,
        lambda: import_leads(service, lines_of(source), media_type, actor=COMMAND_LINE.id),
        lambda: send_file(service, "/v1/leads/import", media_type, source, SCOPES),
    )


def here_or_there(
    service: Service,
    here: Callable[[], Iterator[dict[str, Any]]],
    there: Callable[[], Iterator[dict[str, Any]]],
) -> Iterator[dict[str, Any]]:
    """The results of the work done in this process, or by the service that holds the home."""
    settings = service.settings
    try:
        with lock.held(settings.home) if settings.embedded else nullcontext():
            refuse_if_restored(service)
            yield from here()
    except HomeInUseError:
        yield from there()


@contextmanager
def shown(file: Path) -> Iterator[IO[bytes]]:
    """The opened file; how far it is read is shown on a terminal, and nowhere else."""
    console = Console(stderr=True)
    columns = (BarColumn(), TaskProgressColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("import", total=file.stat().st_size)
        with file.open("rb") as opened_file, progress.wrap_file(opened_file, task_id=task) as source:
            yield source
