"""When something came in, as whoever writes it down says: an instant from which clocks can be counted."""

from datetime import datetime, timedelta

from consent.documents import EARLIEST_YEAR
from governance.errors import FactInvalidError

CLOCKS_DIFFER = timedelta(minutes=5)  # how far ahead of ours a caller's clock may be


def check_received(received_at: datetime | None, now: datetime) -> None:
    """Passes None, which is now, and an instant from which clocks can be counted.

    Raises:
        FactInvalidError: it lies ahead, or before the years that calendars know.
    """
    if received_at is not None and received_at > now + CLOCKS_DIFFER:
        raise FactInvalidError({"received_at": ["Lies in the future."]})
    if received_at is not None and received_at.year <= EARLIEST_YEAR + 1:
        raise FactInvalidError({"received_at": ["Lies too long ago."]})
