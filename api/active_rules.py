"""The rulebook in force, held in memory and looked up anew about every second.

A look-up costs more than a decision; a second is how long another process may answer by the rules of before.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from api.database import Database
from consent.publishing import active
from consent.rulebook import Rulebook

HELD_SECONDS = 1.0


class ActiveRulebook:
    """Called without arguments it gives the rulebook in force; `forget` makes the next call look it up."""

    def __init__(self, main: Database, clock: Callable[[], datetime]) -> None:
        self._main = main
        self._clock = clock
        self._lock = threading.Lock()
        self._held: tuple[Rulebook, float] | None = None

    def __call__(self) -> Rulebook:
        """The rulebook in force.

        Raises:
            DatabaseUnavailableError: it can not be looked up; nothing is answered by rules of long ago.
        """
        held = self._held
        if held is not None and time.monotonic() < held[1]:
            return held[0]
        with self._lock:
            with self._main.read() as session:
                found = self._active(session)
            self._held = (found, time.monotonic() + HELD_SECONDS)
            return found

    def forget(self) -> None:
        """Something was published or confirmed in this process."""
        self._held = None

    def _active(self, session: Session) -> Rulebook:
        return active(session, self._clock())
