"""C2SP checkpoints (c2sp.org/tlog-checkpoint): which log, how many entries, which root.

    example.com/behind-the-sofa
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

A checkpoint is the text of a signed note. Extension lines are refused: this log writes none, and the
specification advises against them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from audit.errors import CheckpointMalformedError, NoteMalformedError, NoteUnverifiedError
from audit.merkle import HASH_BYTES
from audit.note import Key, Note, from_base64, to_base64

LINES = 3

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's head."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Strict to the byte: `str` of the answer is `text`.

        Raises:
            CheckpointMalformedError: not a checkpoint, or one in another spelling.
        """
        lines = text.split("\n")
        if len(lines) != LINES + 1 or lines[LINES] or not lines[0]:
            raise CheckpointMalformedError("a checkpoint is three lines: origin, size and root")
        origin, size, root = lines[:LINES]
        if _SIZE.fullmatch(size) is None:
            raise CheckpointMalformedError("a checkpoint's size is a number without leading zeros")
        try:
            digest = from_base64(root)
        except NoteMalformedError:
            digest = b""
        if len(digest) != HASH_BYTES:
            raise CheckpointMalformedError("a checkpoint's root is the base64 of 32 bytes")
        return cls(origin, int(size), digest)

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"


def open_checkpoint(note: str, keys: Sequence[Key]) -> Checkpoint:
    """The checkpoint of a note that a trusted key of its own origin signed.

    Raises:
        NoteMalformedError, CheckpointMalformedError: not a note, not a checkpoint.
        NoteUnverifiedError: no trusted key signed it, or only one that is trusted for another log.
    """
    parsed = Note.parse(note)
    signed_by = parsed.verified_by(keys)
    checkpoint = Checkpoint.parse(parsed.text)
    if checkpoint.origin not in {key.name for key in signed_by}:
        raise NoteUnverifiedError("the checkpoint names another log than its key")
    return checkpoint
