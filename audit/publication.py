"""Outside memory: checkpoints kept where restoring the database can not roll them back.

`Publication` is the seam: whoever takes a checkpoint. The file here, by default beside the home, is one that
also remembers (`Memory`), and is what a start is compared with. The webhook and the auditor's mail stand in
`api/publishing.py`; a witness (C2SP tlog-witness) would be another class with the same method.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from sqlalchemy.orm import Session

from audit import stored_tree
from audit.checkpoint import Checkpoint, open_checkpoint
from audit.counted import counted
from audit.errors import LogForkedError, LogRolledBackError, ProofInvalidError, PublicationError
from audit.merkle import verify_consistency
from audit.note import Key

FILE_NAME = "checkpoints.txt"
TAIL_BYTES = 65_536
DIRECTORY_MODE = 0o700

_NOTE = re.compile(r"^[^\n]+\n[0-9]{1,19}\n[A-Za-z0-9+/]{43}=\n\n(?:\u2014 [^\n]+\n)+(?=\n)", re.MULTILINE)


class Publication(Protocol):
    """Whoever keeps checkpoints outside the database."""

    def publish(self, note: str) -> None:
        """Remember a signed checkpoint for good.

        Raises:
            PublicationError: it was not taken.
        """


class Memory(Publication, Protocol):
    """One that can be asked what it remembers."""

    def newest(self) -> str | None:
        """The checkpoint that was published last; None before the first.

        Raises:
            PublicationError: what was published can not be read.
        """


class CheckpointFile:
    """An append-only file of signed notes, one after the other, each flushed to the disk."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE_NAME

    def publish(self, note: str) -> None:
        """One write at the end of the file.

        A note that a crash cut short is skipped ever after: only a whole one is followed by a blank line.
        """
        try:
            self._path.parent.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            handle = os.open(self._path, flags, 0o600)
            try:
                os.write(handle, f"\n{note}\n".encode())
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise PublicationError(f"the checkpoint could not be written: {error.strerror}") from None

    def newest(self) -> str | None:
        """The note of the largest log among the last ones; several processes may write out of turn."""
        try:
            with self._path.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
                tail = file.read().decode(errors="replace")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise PublicationError(f"the published checkpoints can not be read: {error.strerror}") from None
        notes = _NOTE.findall(tail)
        if not notes and tail.strip():
            raise PublicationError("the file of published checkpoints holds none")
        return max(notes, key=_size) if notes else None


def _size(note: str) -> int:
    return int(note.split("\n", 2)[1])


def compare_on_start(session: Session, newest_outside: str | None, keys: Sequence[Key]) -> Checkpoint | None:
    """Refuse to go on when the database's log is not an extension of what was published.

    `keys` are all that ever signed this log. Returns the checkpoint that the log was compared with; None
    where nothing was published.

    Raises:
        LogRolledBackError: the log is shorter than what was published: an older database was restored.
        LogForkedError: the log has other entries than those that were published.
        NoteUnverifiedError: none of `keys` signed what was published.
    """
    if newest_outside is None:
        return None
    outside = open_checkpoint(newest_outside, keys)
    head = stored_tree.head(session)
    if head is None or head.size < outside.size:
        known = 0 if head is None else head.size
        raise LogRolledBackError(
            f"published: {counted(outside.size, 'entry', 'entries')}; the database knows {known}"
        )
    if head.origin != outside.origin:
        raise LogForkedError(f"the database holds the log {head.origin}, published was {outside.origin}")
    proof = stored_tree.consistency(session, outside.size, head.size)
    try:
        verify_consistency(outside.size, head.size, proof, outside.root, head.root)
    except ProofInvalidError:
        raise LogForkedError(f"the first {outside.size} entries are not those that were published") from None
    return outside
