"""A throttle closes after so many misses, and opens as they grow old."""

from datetime import timedelta

from api.throttle import Throttle
from tests.conftest import NOW


def test_it_closes_at_the_last_miss_and_opens_by_itself() -> None:
    """Three within a minute are too many; once the first of them is a minute old, one may try again."""
    throttle = Throttle(3, timedelta(minutes=1))
    for seconds in (0, 10, 20):
        assert not throttle.is_closed(NOW + timedelta(seconds=seconds))
        throttle.miss(NOW + timedelta(seconds=seconds))

    assert throttle.is_closed(NOW + timedelta(seconds=20))
    assert throttle.is_closed(NOW + timedelta(seconds=59))
    assert not throttle.is_closed(NOW + timedelta(seconds=60))


def test_a_miss_after_it_opened_closes_it_for_the_rest_of_the_next() -> None:
    """The oldest miss that counts is then the second."""
    throttle = Throttle(2, timedelta(minutes=1))
    for seconds in (0, 30, 61):
        throttle.miss(NOW + timedelta(seconds=seconds))

    assert throttle.is_closed(NOW + timedelta(seconds=62))
    assert not throttle.is_closed(NOW + timedelta(seconds=90))
