"""Every second: entries get their place in the tree, and the new head is remembered outside the database."""

from datetime import datetime

from api.context import Service
from audit import keys, sequencer, stored_tree
from audit.publication import CheckpointFile, Memory, compare_on_start

EVERY_SECONDS = 1.0
ENTRIES_A_WRITE = 1_000  # about 25 ms: nobody waits long for the one writer of SQLite


def step(service: Service, now: datetime) -> None:
    """Sequence everything that is pending, then publish; nothing is signed over a log that was rolled back.

    Raises:
        AuditError: the log is rolled back, forked or broken, or the head could not be published.
    """
    outside = publication(service)
    newest = compare(service, outside)
    with service.main.read() as session:
        writes = -(-sequencer.pending(session) // ENTRIES_A_WRITE)
    for _ in range(writes):  # what comes meanwhile waits for the next step
        service.main.write(
            lambda session: sequencer.sequence(session, service.log_signer, now, limit=ENTRIES_A_WRITE)
        )
    with service.main.read() as session:
        head = stored_tree.head_note(session)
    if head is not None and head != newest:
        outside.publish(head)


def compare(service: Service, outside: Memory) -> str | None:
    """Hold the log against what was published last, and return that. Call it before taking traffic.

    Raises:
        LogRolledBackError, LogForkedError: the database is not the one that was published.
        PublicationError, NoteUnverifiedError: what was published can not be read, or is not this log's.
    """
    newest = outside.newest()
    with service.main.read() as session:
        if newest != stored_tree.head_note(session):
            trusted = [service.log_signer.key, *(known.key() for known in keys.listed(session))]
            compare_on_start(session, newest, trusted)
    return newest


def publication(service: Service) -> CheckpointFile:
    """Where this service's checkpoints are remembered."""
    return CheckpointFile(service.settings.checkpoints)
