"""How often something may go wrong within a while, counted in this process; guessing costs its patience."""

import threading
from collections import deque
from datetime import datetime, timedelta


class Throttle:
    """So many misses within so long; then nobody is served until enough of them are old."""

    def __init__(self, most: int, within: timedelta) -> None:
        self._most = most
        self._within = within
        self._misses: deque[datetime] = deque(maxlen=most)
        self._gate = threading.Lock()

    def miss(self, now: datetime) -> None:
        """Something went wrong."""
        with self._gate:
            self._misses.append(now)

    def is_closed(self, now: datetime) -> bool:
        """Whether too much went wrong of late."""
        with self._gate:
            return len(self._misses) == self._most and now - self._misses[0] < self._within
