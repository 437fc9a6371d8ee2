"""`leadwarden records`: what a controller keeps about its own processing, printed."""

import json
from datetime import datetime

import click

from api import records
from api.commands_context import opened
from governance.registers import article30, data_map, drawing, metrics
from governance.requests.vocabulary import Regime


@click.group(name="records")
def command() -> None:
    """Print the Article 30 record, a year's request metrics, or the data map."""


@command.command(name="article30")
@click.option("--format", "wanted", type=click.Choice(["markdown", "html", "json"]), default="markdown")
def article_30(wanted: str) -> None:
    """The record of processing activities (GDPR art. 30), made from the active stores."""
    with opened() as service:
        record = records.article_30(service)
    writers = {"markdown": article30.as_markdown, "html": article30.as_html, "json": _json}
    click.echo(writers[wanted](record), nl=False)


@command.command(name="metrics")
@click.option("--year", type=click.DateTime(["%Y"]), help="By default this one.")
@click.option(
    "--regime", type=click.Choice([*(each.value for each in Regime), "all"]), default=Regime.CCPA.value
)
@click.option("--format", "wanted", type=click.Choice(["markdown", "json"]), default="markdown")
def request_metrics(year: datetime | None, regime: str, wanted: str) -> None:
    """Requests of a year: received, complied with, denied, median and mean days (11 CCR § 7102)."""
    law = None if regime == "all" else Regime(regime)
    with opened() as service, service.main.read() as session:
        found = metrics.metrics(session, (year or service.clock()).year, regime=law)
    click.echo(metrics.as_markdown(found) if wanted == "markdown" else _json(found), nl=False)


@command.command(name="map")
@click.option("--format", "wanted", type=click.Choice(["svg", "text"]), default="svg")
def show_map(wanted: str) -> None:
    """Where the data are: a picture (SVG), or the same in words."""
    with opened() as service:
        found, controller = records.systems(service), service.settings.controller
    words = "".join(f"{sentence}\n" for sentence in data_map.in_words(found))
    click.echo(words if wanted == "text" else drawing.as_svg(controller, found), nl=False)


def _json(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
