"""A throttle closes after so many misses of a thing, and opens as they grow old."""

from datetime import timedelta

from api.throttle import MOST_REMEMBERED, Throttle
from tests.conftest import NOW

LINK, OTHER = b"link", b"other"


def test_it_closes_at_the_last_miss_and_opens_by_itself() -> None:
    """Three within a minute are too many; once the first of them is a minute old, one may try again."""
    throttle = Throttle(3, timedelta(minutes=1))
    for seconds in (0, 10, 20):
        assert not throttle.is_closed(LINK, NOW + timedelta(seconds=seconds))
        throttle.miss(LINK, NOW + timedelta(seconds=seconds))

    assert throttle.is_closed(LINK, NOW + timedelta(seconds=20))
    assert throttle.is_closed(LINK, NOW + timedelta(seconds=59))
    assert not throttle.is_closed(LINK, NOW + timedelta(seconds=60))


def test_a_miss_after_it_opened_closes_it_for_the_rest_of_the_next() -> None:
    """The oldest miss that counts is then the second."""
    throttle = Throttle(2, timedelta(minutes=1))
    for seconds in (0, 30, 61):
        throttle.miss(LINK, NOW + timedelta(seconds=seconds))

    assert throttle.is_closed(LINK, NOW + timedelta(seconds=62))
    assert not throttle.is_closed(LINK, NOW + timedelta(seconds=90))


def test_nobody_waits_for_the_misses_of_others() -> None:
    """Each thing by itself."""
    throttle = Throttle(1, timedelta(minutes=1))
    throttle.miss(OTHER, NOW)

    assert throttle.is_closed(OTHER, NOW)
    assert not throttle.is_closed(LINK, NOW)


def test_it_remembers_no_more_than_it_may() -> None:
    """Whoever tries a million things fills no memory; what missed last is remembered."""
    throttle = Throttle(1, timedelta(minutes=1))
    throttle.miss(LINK, NOW)
    for number in range(MOST_REMEMBERED):
        throttle.miss(b"%d" % number, NOW)

    assert not throttle.is_closed(LINK, NOW)
    assert throttle.is_closed(b"0", NOW)
    assert throttle.is_closed(b"%d" % (MOST_REMEMBERED - 1), NOW)
