"""Every minute: erasures are copied outside, the keys held are confirmed at their provider, due epochs end.

A process holds a destroyed epoch key at most one interval longer: the erasure horizon adds it.
"""

from datetime import datetime

from api import marking, restoring, rotation
from api.context import Service
from governance.scopes import OURSELVES
from governance.vault.tables import Role

EVERY_SECONDS = 60.0


def step(service: Service, now: datetime) -> None:
    """Copy the journal, confirm the keys; where an epoch is due, sweep orphan keys, mark and rotate.

    Raises:
        RotationStateError: another process is at it.
        RootUnavailableError, RootRefusedError: the provider; what was held is closed when that lasts.
    """
    restoring.copy_journal(service)
    rotation.confirm(service)
    if rotation.is_due(service, now):
        restoring.sweep_orphans(service, now)
        marking.mark_all(service)
        rotation.rotate(service, Role.EPOCH, OURSELVES.id)
