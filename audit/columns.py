"""Column types that mean the same on every database."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_micros(value: datetime) -> int:
    """Whole microseconds since 1970-01-01T00:00Z.

    Raises:
        ValueError: `value` carries no offset.
    """
    if value.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return (value - EPOCH) // MICROSECOND


def from_micros(value: int) -> datetime:
    """The UTC instant of `to_micros`."""
    return EPOCH + timedelta(microseconds=value)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored as integer microseconds: exact, sortable, the same everywhere."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Refuses a naive datetime rather than guessing its zone."""
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Always UTC."""
        return None if value is None else from_micros(value)
