"""The HTTP server: granian, started from Python, with worker processes that are replaced when they die."""

import gc
import multiprocessing.util
import socket
from functools import partial
from typing import Any

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from api.app import create_app
from api.errors import SettingsError
from api.logs import catch_uncaught, configure
from api.loops import Running, watch_parent
from api.settings import Settings
from api.startup import open_service

STOP_SECONDS = 20
HEADER_MILLISECONDS = 10_000
BACKLOG = 1024
ALLOCATIONS_A_COLLECTION = 20_000
LOGGERS: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"level": "INFO"}, "granian.access": {"level": "CRITICAL"}},
}  # granian's lines go the way of all others; there is no access log


def serve(settings: Settings) -> None:
    """Answer until SIGTERM or SIGINT; the databases are migrated already."""
    server = Granian(
        "leadwarden",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        backlog=BACKLOG,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_dictconfig=LOGGERS,
        log_level=LogLevels.warning,
    )
    server.serve(target_loader=partial(load, settings), wrap_loader=False)


def check_address(settings: Settings) -> None:
    """Find out that the address is taken while it can still be said in one line.

    Raises:
        SettingsError: nobody can listen there.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as found:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind((settings.host, settings.port))
    except OSError as error:
        raise SettingsError(f"LEADWARDEN_LISTEN can not be listened on: {error.strerror}") from error


def load(settings: Settings) -> Flask:
    """The app of one worker process, and what runs beside it; called in that process."""
    configure()
    catch_uncaught()
    service = open_service(settings)
    watch_parent()
    loops = Running(service) if settings.embedded else None

    def stop() -> None:
        if loops is not None:
            loops.stop()
        service.close()

    multiprocessing.util.Finalize(None, stop, exitpriority=10)
    app = create_app(service)
    _collect_less()
    return app


def _collect_less() -> None:
    """Spare the collector what lives as long as the process, and the many short lives of a batch.

    Going through everything every 700 allocations took a batch an eighth of its time (ADR 20). What is large
    must not wait for it: no request, refused or not, may leave itself in a circle (`test_leftovers.py`).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS_A_COLLECTION, *gc.get_threshold()[1:])
