"""A legal hold that ended keeps no secret: its key dies, and with it what it said of whom."""

from datetime import datetime

from api.context import Service
from governance import holds
from governance.vault import keys as vault

EVERY_SECONDS = 60.0
HOLDS_A_BATCH = 100


def step(service: Service, now: datetime) -> None:
    """Destroy the keys of holds that were lifted, replaced or ran out, then forget whom they were about."""
    with service.main.read() as session:
        ended = holds.ended(session, now=now, limit=HOLDS_A_BATCH)
    if ended:
        service.keys.write(lambda keys: [vault.destroy(keys, each, now=now) for each in ended])
        service.main.write(lambda session: holds.forget(session, ended))
        service.keys.scrub()
        service.main.scrub()
