"""`audit.columns`: an instant is the same everywhere."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.columns import from_micros, to_micros


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_comes_back_to_the_microsecond(instant: datetime) -> None:
    """Exact, whatever the year."""
    assert instant == from_micros(to_micros(instant))


def test_the_offset_does_not_matter_and_the_order_does() -> None:
    """Equal instants are equal numbers; later ones are larger."""
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)

    assert to_micros(noon) == to_micros(noon.astimezone(timezone(timedelta(hours=9))))
    assert to_micros(noon) < to_micros(noon + timedelta(microseconds=1))


def test_an_instant_without_offset_is_refused() -> None:
    """Nobody guesses a zone."""
    with pytest.raises(ValueError, match="offset"):
        to_micros(datetime(2026, 11, 24, 12))  # noqa: DTZ001 - what is refused
