"""How often something may go wrong within a while, counted in this process; trying again costs patience."""

import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

MOST_REMEMBERED = 1000


class Throttle:
    """So many misses of one thing within so long; then it waits until enough of them are old, and it alone.

    What missed longest ago is forgotten when there are more than `MOST_REMEMBERED` things.
    """

    def __init__(self, most: int, within: timedelta) -> None:
        self._most = most
        self._within = within
        self._misses: OrderedDict[bytes, deque[datetime]] = OrderedDict()
        self._gate = threading.Lock()

    def miss(self, thing: bytes, now: datetime) -> None:
        """It went wrong."""
        with self._gate:
            misses = self._misses.setdefault(thing, deque(maxlen=self._most))
            misses.append(now)
            self._misses.move_to_end(thing)
            if len(self._misses) > MOST_REMEMBERED:
                self._misses.popitem(last=False)

    def is_closed(self, thing: bytes, now: datetime) -> bool:
        """Whether it went wrong too often of late."""
        with self._gate:
            misses = self._misses.get(thing)
            return misses is not None and len(misses) == self._most and now - misses[0] < self._within
