"""Every few seconds: the head goes to whoever keeps checkpoints outside, beside the file.

The sequencer does not wait for this, and knows nothing of it: a receiver that hangs holds up itself.
"""

from datetime import datetime
from functools import partial

import structlog
from sqlalchemy.orm import Session

from api.context import Service
from api.publishing import Outlet, outlets
from audit import published
from audit.errors import CheckpointRefusedError
from audit.published import Claimed
from governance.messages import queue
from governance.messages.topics import Topic

EVERY_SECONDS = 2.0
FAILURES_TOLD = 5
"""After so many in a row, more than a minute, the operator is told."""


def step(service: Service, now: datetime) -> None:
    """Publish the head by each way that is set and due."""
    for outlet in outlets(service.settings, service.clock):
        with service.main.read() as session:
            due = published.is_due(session, outlet.way, now=now)
        if due:
            _publish(service, outlet, now)


def _publish(service: Service, outlet: Outlet, now: datetime) -> None:
    """Claim, publish outside every transaction, and keep what came of it."""
    claimed = service.main.write(lambda session: published.claim(session, outlet.way, now=now))
    if claimed is None:
        return
    try:
        outlet.publication.publish(claimed.note)
    except CheckpointRefusedError as error:
        structlog.get_logger().warning("checkpoint_refused", way=outlet.way, reason=error.reason)
        service.main.write(partial(_refused, claimed=claimed, reason=error.reason, now=service.clock()))
        return
    service.main.write(
        lambda session: published.took(session, claimed, now=service.clock(), every=outlet.every)
    )


def _refused(session: Session, *, claimed: Claimed, reason: str, now: datetime) -> None:
    """Kept, and said once: a notice at every failure would be a flood, and an entry each."""
    failures = published.refused(session, claimed, reason, now=now)
    if failures == FAILURES_TOLD:
        queue.announce(
            session, Topic.CHECKPOINT_REFUSED, facts={"way": claimed.way, "reason": reason}, now=now
        )
