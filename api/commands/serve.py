"""`leadwarden serve` and `leadwarden work`: the long-running processes."""

import signal
from contextlib import nullcontext

import click

from api import lock, logs, server
from api.background import sequencer
from api.commands_context import refusing, settings
from api.context import Service
from api.loops import Running
from api.restoring import refuse_if_restored
from api.settings import Settings
from api.startup import check_migrated, first_keys, open_migrated, open_service, prepare


@click.command()
def serve() -> None:
    """Serve HTTP on LEADWARDEN_LISTEN, after bringing the databases up to date.

    The first start prints an administrator key and a compliance officer key, once.
    """
    chosen = settings()
    logs.configure()
    with refusing():
        server.check_address(chosen)
        prepare(chosen)
        with lock.held(chosen.home) if chosen.embedded else nullcontext():
            service = open_migrated(chosen)
            sequencer.compare(service, sequencer.publication(service))
            refuse_if_restored(service)
            print_first_keys(service)
            sequencer.step(service, service.clock())  # a checkpoint is there before the first question
            service.close()
            click.echo(f"Leadwarden listens on http://{_shown(chosen)} (API: /docs)", err=True)
            server.serve(chosen)


@click.command()
def work() -> None:
    """Run the background duties without HTTP: for PostgreSQL, beside any number of `serve`."""
    chosen = settings()
    logs.configure()
    with refusing():
        prepare(chosen)
        with lock.held(chosen.home) if chosen.embedded else nullcontext():
            check_migrated(chosen)
            service = open_service(chosen)
            running = Running(service)
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, lambda _signal, _frame: running.ask_to_stop())
            running.wait()
            running.stop()
            service.close()


def print_first_keys(service: Service) -> None:
    """Make and print the two keys of a new home; nothing where there were some."""
    for role, token in first_keys(service):
        click.echo(f"{role.value} key (shown once): {token}")


def _shown(chosen: Settings) -> str:
    host = f"[{chosen.host}]" if ":" in chosen.host else chosen.host
    return f"{host}:{chosen.port}"


commands = [serve, work]
