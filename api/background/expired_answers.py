"""Answers kept for repeated calls go after a day; links to packages when their time is over."""

from datetime import datetime

from api.context import Service
from api.idempotency import forget_old_answers
from governance.requests import package_links

EVERY_SECONDS = 600.0


def step(service: Service, now: datetime) -> None:
    """Delete what is older than a day, and links that open nothing any more."""
    service.main.write(lambda session: forget_old_answers(session, now))
    service.main.write(lambda session: package_links.forget_old(session, now=now))
