"""What runs without being asked, each in a thread of its own: late at worst, never fatal."""

import os
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.background import (
    deliveries,
    expired_answers,
    hold_ends,
    key_duties,
    late_requests,
    publications,
    request_files,
    request_letters,
    request_steps,
    sequencer,
)
from api.context import Service
from api.logs import log

LONGEST_PAUSE_SECONDS = 15.0  # well inside the merge delay that receipts promise (`audit.receipt`)
PARENT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Loop:
    """One duty: `step` is called `every` so many seconds, and less often while it fails."""

    name: str
    every: float
    step: Callable[[Service, datetime], None]


LOOPS = (
    Loop("sequencer", sequencer.EVERY_SECONDS, sequencer.step),
    Loop("request_steps", request_steps.EVERY_SECONDS, request_steps.step),
    Loop("request_letters", request_letters.EVERY_SECONDS, request_letters.step),
    Loop("publications", publications.EVERY_SECONDS, publications.step),
    Loop("deliveries", deliveries.EVERY_SECONDS, deliveries.step),
    Loop("late_requests", late_requests.EVERY_SECONDS, late_requests.step),
    Loop("key_duties", key_duties.EVERY_SECONDS, key_duties.step),
    Loop("hold_ends", hold_ends.EVERY_SECONDS, hold_ends.step),
    Loop("request_files", request_files.EVERY_SECONDS, request_files.step),
    Loop("expired_answers", expired_answers.EVERY_SECONDS, expired_answers.step),
)


class Running:
    """Started loops; `stop` waits for the steps under way."""

    def __init__(self, service: Service, loops: Sequence[Loop] = LOOPS) -> None:
        self._service = service
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(loop,), name=loop.name, daemon=True) for loop in loops
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask every loop to end, and wait until it has."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait(self) -> None:
        """Until somebody calls `stop`."""
        self._stop.wait()

    def ask_to_stop(self) -> None:
        """`stop` without waiting, for a signal's handler."""
        self._stop.set()

    def _run(self, loop: Loop) -> None:
        pause = loop.every
        while not self._stop.wait(pause):
            pause = loop.every if self._step(loop) else min(2 * pause + 1, LONGEST_PAUSE_SECONDS + loop.every)

    def _step(self, loop: Loop) -> bool:
        try:
            loop.step(self._service, self._service.clock())
        except Exception as error:  # noqa: BLE001 - a duty that failed is tried again, whatever failed it
            code = getattr(error, "code", "unexpected")
            log().error("loop_failed", loop=loop.name, code=code, exc_info=error)
            return False
        return True


def watch_parent() -> None:
    """End this worker when the process that started it is gone, so that no orphan keeps the home."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            threading.Event().wait(PARENT_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()
