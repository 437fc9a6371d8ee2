"""When something came in."""

from datetime import datetime, timedelta

import pytest

from api.arrivals import CLOCKS_DIFFER, check_received
from governance.errors import FactInvalidError


def test_now_and_before_can_be_counted_from(now: datetime) -> None:
    """Another's clock may be a little ahead."""
    for received_at in (None, now - timedelta(days=400), now, now + CLOCKS_DIFFER):
        check_received(received_at, now)


@pytest.mark.parametrize("received_at", [timedelta(minutes=6), timedelta(days=-366 * 400)])
def test_what_lies_ahead_or_before_calendars_is_refused(now: datetime, received_at: timedelta) -> None:
    """Named by field."""
    with pytest.raises(FactInvalidError) as refused:
        check_received(now + received_at, now)

    assert list(refused.value.errors) == ["received_at"]
