"""Answers kept for repeated calls go after a day."""

from datetime import datetime

from api.context import Service
from api.idempotency import forget_old_answers

EVERY_SECONDS = 600.0


def step(service: Service, now: datetime) -> None:
    """Delete what is older than a day."""
    service.main.write(lambda session: forget_old_answers(session, now))
