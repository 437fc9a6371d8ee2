"""Every minute: the operator is told, once for each, which requests are due within days or late."""

from datetime import datetime

from api.context import Service
from governance.requests import lateness

EVERY_SECONDS = 60.0


def step(service: Service, now: datetime) -> None:
    """Warn of what was not warned of yet; a look that finds nothing writes nothing."""
    with service.main.read() as session:
        waiting = lateness.unwarned(session, now=now)
    if waiting:
        service.main.write(lambda session: lateness.warn(session, now=now))
