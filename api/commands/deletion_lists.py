"""`leadwarden requests import`: a list of people to be erased, NDJSON or CSV."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode

import click

from api.commands.leads import here_or_there, lines_of, shown
from api.commands_context import opened
from api.deletion_lists import Terms, take_in_list
from api.imports import CSV, NDJSON
from api.running import send_file
from governance.requests.vocabulary import Method, Regime, Submitter
from governance.scopes import COMMAND_LINE, Scope

SCOPES = frozenset({Scope.REQUESTS_CREATE.value, Scope.REQUESTS_REVIEW.value})
PATH = "/v1/privacy-requests/import"


@click.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--csv/--ndjson", "is_csv", default=None, help="The format; by default what the name says.")
@click.option(
    "--regime",
    type=click.Choice([each.value for each in Regime]),
    help="Whose law; by default that of each person.",
)
@click.option(
    "--received-at", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]), help="When the list came; by default now."
)
@click.option(
    "--submitted-by",
    type=click.Choice([each.value for each in Submitter]),
    default=Submitter.AUTHORISED_AGENT.value,
    show_default=True,
)
@click.option(
    "--verified",
    type=click.Choice([each.value for each in Method]),
    help="How the sender showed who the people are.",
)
@click.option("--approve", is_flag=True, help="Approve every request, as its reviewer; needs --verified.")
@click.option("--results", type=click.File("w"), help="Write a result for each line to this file, as NDJSON.")
def command(file: Path, is_csv: bool | None, approve: bool, results: IO[str] | None, **said: Any) -> None:
    """Make an erasure of every line of a FILE: a list of people, NDJSON, or CSV with a header.

    Columns: email, phone, external_system and external_id in clear, or email_sha256 and phone_sha256; id, if
    the request is to have one. Unknown digests are kept out from now on. A line that is refused spoils no
    other; the exit code is 1 if there was one. While a service runs on this home, the file goes through it.
    """
    as_csv = file.suffix.lower() == ".csv" if is_csv is None else is_csv
    media_type = CSV if as_csv else NDJSON
    terms = Terms(
        regime=Regime(said["regime"]) if said["regime"] else None,
        received_at=said["received_at"],
        submitted_by=Submitter(said["submitted_by"]),
        verified=Method(said["verified"]) if said["verified"] else None,
        approve=approve,
    )
    where = f"{PATH}?{_query(said | {'approve': approve})}"
    summary: dict[str, int] = {}
    with opened() as service, shown(file) as source:
        for result in here_or_there(
            service,
            lambda: take_in_list(service, lines_of(source), media_type, terms, actor=COMMAND_LINE.id),
            lambda: send_file(service, where, media_type, source, SCOPES),
        ):
            summary = result.get("summary", summary)
            if results is not None and "summary" not in result:
                results.write(json.dumps(result) + "\n")
    click.echo(", ".join(f"{count} {word}" for word, count in summary.items()))
    if summary.get("refused"):
        sys.exit(1)


def _query(said: dict[str, Any]) -> str:
    """The options as the call takes them; none of them says anything of a person."""
    return urlencode(
        {
            name: value.isoformat() if isinstance(value, datetime) else str(value).lower()
            for name, value in said.items()
            if value is not None
        }
    )
