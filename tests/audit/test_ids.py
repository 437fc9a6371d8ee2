"""`audit.ids`: time-ordered for speed, random for people."""

import uuid
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.ids import first_id, new_id, random_id

NOW = datetime(2026, 11, 24, 10, 0, 0, 123_000, tzinfo=UTC)


def test_a_new_id_is_a_uuid_of_version_7_with_its_milliseconds() -> None:
    """RFC 9562, section 5.7."""
    made = uuid.UUID(new_id(NOW))

    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == int(NOW.timestamp() * 1000)


def test_later_ids_sort_later_and_none_occurs_twice() -> None:
    """By millisecond."""
    ids = [new_id(NOW + timedelta(milliseconds=number)) for number in range(100)]

    assert ids == sorted(ids)
    assert len({new_id(NOW) for _ in range(1_000)}) == 1_000


def test_ids_of_one_millisecond_sort_as_they_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists by time keep the order of what happened at once, other instants between or not."""
    monkeypatch.setattr("audit.ids._made", count(5))
    ids = []
    for number in range(3_000):
        new_id(NOW + timedelta(seconds=number % 2))
        ids.append(new_id(NOW))

    assert ids == sorted(ids)


@pytest.mark.parametrize("start", [0, 2**18 - 1, 2**30 - 1, 2**30, 2**45 + 7])
def test_the_counter_touches_neither_time_nor_version(monkeypatch: pytest.MonkeyPatch, start: int) -> None:
    """Wherever it stands, and when it starts again."""
    monkeypatch.setattr("audit.ids._made", count(start))
    made = uuid.UUID(new_id(NOW))

    assert (made.version, made.variant, made.int >> 80) == (7, uuid.RFC_4122, int(NOW.timestamp() * 1000))


def test_a_random_id_says_nothing() -> None:
    """Version 4."""
    assert uuid.UUID(random_id()).version == 4


@given(st.integers(0, 10**7), st.integers(1, 10**6))
def test_the_first_id_of_a_moment_parts_what_came_before_from_what_comes(passed: int, later: int) -> None:
    """To the millisecond, which is what an id begins with."""
    at = NOW + timedelta(milliseconds=passed)

    assert new_id(at - timedelta(milliseconds=later)) < first_id(at) <= new_id(at)
