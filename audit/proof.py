"""C2SP tlog-proof (c2sp.org/tlog-proof): one file that proves one entry, offline.

    c2sp.org/tlog-proof@v1
    extra eyJhY3Rpb24i…
    index 73894
    gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
    …

    example.com/fancylog
    109482
    sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

    — example.com/fancylog hI2DJw…

The extra line, which the format leaves to the application, carries the entry's exact bytes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from audit.checkpoint import Checkpoint, open_checkpoint
from audit.errors import NoteMalformedError, ProofMalformedError
from audit.merkle import HASH_BYTES, leaf_hash, verify_inclusion
from audit.note import Key, from_base64, to_base64

MAGIC = "c2sp.org/tlog-proof@v1"
MAX_PATH = 63

_INDEX = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Proof:
    """An entry, its index, its inclusion proof, and the signed checkpoint that it leads to."""

    entry: bytes
    index: int
    path: tuple[bytes, ...]
    checkpoint: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Strict to the byte: `str` of the answer is `text`.

        Raises:
            ProofMalformedError: not a tlog-proof, or one without its entry.
        """
        head, _, checkpoint = text.partition("\n\n")
        lines = head.split("\n")
        match lines:
            case [magic, extra, index, *path] if magic == MAGIC and len(path) <= MAX_PATH:
                proof = cls(
                    _decoded(extra.removeprefix("extra ")),
                    _index(index.removeprefix("index ")),
                    tuple(_hash(line) for line in path),
                    checkpoint,
                )
            case _:
                raise ProofMalformedError("not a tlog-proof with its entry")
        if str(proof) != text:
            raise ProofMalformedError("a tlog-proof in another than its one spelling")
        return proof

    def __str__(self) -> str:
        head = [MAGIC, f"extra {to_base64(self.entry)}", f"index {self.index}", *map(to_base64, self.path)]
        return "\n".join(head) + "\n\n" + self.checkpoint

    def verify(self, keys: Sequence[Key]) -> Checkpoint:
        """The checkpoint in whose tree the entry is proved to be.

        Raises:
            NoteMalformedError, CheckpointMalformedError, NoteUnverifiedError: see `open_checkpoint`.
            ProofInvalidError: the entry is not where the proof says.
        """
        checkpoint = open_checkpoint(self.checkpoint, keys)
        verify_inclusion(leaf_hash(self.entry), self.index, checkpoint.size, self.path, checkpoint.root)
        return checkpoint


def _decoded(text: str) -> bytes:
    try:
        return from_base64(text)
    except NoteMalformedError:
        raise ProofMalformedError("a line of the tlog-proof is not base64") from None


def _hash(line: str) -> bytes:
    digest = _decoded(line)
    if len(digest) != HASH_BYTES:
        raise ProofMalformedError("a hash of the tlog-proof is not 32 bytes")
    return digest


def _index(text: str) -> int:
    if _INDEX.fullmatch(text) is None:
        raise ProofMalformedError("the index of the tlog-proof is not a number")
    return int(text)
