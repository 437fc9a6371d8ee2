"""What a request works with."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from api.context import Service, current, utc_now
from api.errors import DatabaseClosedError


def test_the_clock_is_aware_and_in_utc() -> None:
    """Naive times compare with nothing here."""
    assert utc_now().utcoffset() == timedelta(0)
    assert abs(utc_now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_service_is_that_of_the_app(app: Flask, service: Service) -> None:
    """Two apps in one process do not share one."""
    with app.app_context():
        assert current() is service


def test_a_closed_service_takes_no_change(service: Service) -> None:
    """On either side, and closing once more is no error."""
    service.close()
    for database in (service.main, service.keys):
        with pytest.raises(DatabaseClosedError):
            database.write(lambda session: session.flush())
    service.close()


def test_a_service_shows_no_key(service: Service) -> None:
    """Its repr may stand in a log line."""
    assert "keyring=" not in repr(service)
    assert "PRIVATE" not in repr(service)
