"""`audit.ids`: time-ordered for speed, random for people."""

import uuid
from datetime import UTC, datetime, timedelta

from audit.ids import new_id, random_id

NOW = datetime(2026, 11, 24, 10, 0, 0, 123_000, tzinfo=UTC)


def test_a_new_id_is_a_uuid_of_version_7_with_its_milliseconds() -> None:
    """RFC 9562, section 5.7."""
    made = uuid.UUID(new_id(NOW))

    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == int(NOW.timestamp() * 1000)


def test_later_ids_sort_later_and_none_occurs_twice() -> None:
    """By millisecond; within one they are random."""
    ids = [new_id(NOW + timedelta(milliseconds=number)) for number in range(100)]

    assert ids == sorted(ids)
    assert len({new_id(NOW) for _ in range(1_000)}) == 1_000


def test_a_random_id_says_nothing() -> None:
    """Version 4."""
    assert uuid.UUID(random_id()).version == 4
