"""Every minute: erasures are copied outside, the keys held are confirmed at their provider, due epochs end.

A process holds a destroyed epoch key at most one interval longer: the erasure horizon adds it.
"""

from datetime import datetime

from api import marking, restoring, rotation
from api.context import Service
from audit.canonical import JSON
from governance.errors import VaultError
from governance.messages.queue import announce
from governance.messages.topics import Topic
from governance.scopes import OURSELVES
from governance.vault.tables import Role

EVERY_SECONDS = 60.0


def step(service: Service, now: datetime) -> None:
    """Copy the journal, confirm the keys; where an epoch is due, sweep orphan keys, mark and rotate.

    Raises:
        RotationStateError: another process is at it.
        RootUnavailableError, RootRefusedError: the provider; what was held is closed when that lasts.
    """
    try:
        restoring.copy_journal(service)
    finally:  # a full disk must not keep open what the provider refuses
        _confirm(service, now)
    if rotation.is_due(service, now):
        restoring.sweep_orphans(service, now)
        marking.mark_all(service)
        rotation.rotate(service, Role.EPOCH, OURSELVES.id)


def _confirm(service: Service, now: datetime) -> None:
    """Confirm the keys; the operator hears when that closes them, and when they are open again."""
    was_closed = service.keyring.closed
    try:
        rotation.confirm(service)
    except VaultError as error:
        if service.keyring.closed and not was_closed:
            _tell(service, Topic.KEYS_CLOSED, {"error": error.code}, now)
        raise
    if was_closed:
        _tell(service, Topic.KEYS_OPENED, {}, now)


def _tell(service: Service, topic: Topic, facts: dict[str, JSON], now: datetime) -> None:
    service.main.write(lambda session: announce(session, topic, facts=facts, now=now))
