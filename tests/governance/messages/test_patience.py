"""How long a message waits, and when it is given up."""

from datetime import timedelta

import pytest

from governance.messages.patience import FINAL, WAITS, DeliveryCode, after_failure


def test_waits_grow_to_about_a_day() -> None:
    """Seconds first, half a day last, then nobody tries any more."""
    waits = [after_failure(tries, DeliveryCode.UNREACHABLE) for tries in range(1, 10)]

    assert waits == [*WAITS, None]
    assert sorted(WAITS) == list(WAITS)
    assert timedelta(hours=22) < sum(WAITS, timedelta()) < timedelta(hours=26)


@pytest.mark.parametrize("code", sorted(FINAL))
def test_what_no_waiting_cures_fails_at_once(code: DeliveryCode) -> None:
    """The first time."""
    assert after_failure(1, code) is None
