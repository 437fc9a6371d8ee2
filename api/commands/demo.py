"""`leadwarden demo`: the main job, told in nine steps."""

import tempfile
import time
from pathlib import Path

import click
from rich.console import Console

from api.demo.crm import build
from api.demo.running import ServiceFailedError, service
from api.demo.story import DemoFailedError, Stage, tell


@click.command(name="demo")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the demo's files here, in a new folder; by default they are gone afterwards.",
)
def command(folder: Path | None) -> None:
    """Tell the main job in nine steps: real data, a real service, real HTTP.

    Nothing of this machine's own Leadwarden is touched.
    """
    try:
        if folder is not None:
            folder.mkdir(parents=True)
            _play(folder)
            return
        with tempfile.TemporaryDirectory(prefix="leadwarden-demo-") as temporary:
            _play(Path(temporary))
    except (DemoFailedError, ServiceFailedError, FileExistsError) as error:
        raise click.ClickException(str(error)) from error


def _play(folder: Path) -> None:
    """Make the CRM, start the service, tell the story."""
    console, started_at = Console(highlight=False, soft_wrap=True), time.perf_counter()
    crm = folder / "crm.db"
    star = build(crm)
    with service(folder / "home", {"LEADWARDEN_STORE_CRM": f"sqlite:///{crm}"}) as started:
        console.print(f"A service of its own runs on 127.0.0.1:{started.port}.")
        tell(Stage(console, folder, crm, star, started.door("compliance_officer")))
    console.print(f"Nine steps in {time.perf_counter() - started_at:.0f} seconds.")
