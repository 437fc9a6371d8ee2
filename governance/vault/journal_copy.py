"""A second copy of the erasure journal, in a file outside the key store and its backups.

One JSON object a line, `{"owner":…,"kind":…,"destroyed_at":<RFC 3339>}`, only ever appended to. It lies in
the checkpoints directory, so that restoring an older key store does not take it back too. Owners are
random ids that stand nowhere else any more.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from governance.vault.keys import chunks
from governance.vault.tables import ErasureRow, KeyKind

FILE_NAME = "erasures.jsonl"
COPIED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Erasure:
    """One line of the journal."""

    owner: str
    kind: KeyKind
    destroyed_at: datetime

    @classmethod
    def parse(cls, line: str) -> "Erasure":
        """The inverse of `str`.

        Raises:
            ValueError: not such a line, as when a crash tore it.
        """
        try:
            found = json.loads(line)
            return cls(found["owner"], KeyKind(found["kind"]), datetime.fromisoformat(found["destroyed_at"]))
        except (KeyError, TypeError) as error:
            raise ValueError("not a line of the erasure journal") from error

    def __str__(self) -> str:
        fields = {"owner": self.owner, "kind": self.kind, "destroyed_at": self.destroyed_at.isoformat()}
        return json.dumps(fields, separators=(",", ":"))


def uncopied(keys: Session) -> tuple[Erasure, ...]:
    """The next erasures that the copy does not hold yet."""
    statement = select(ErasureRow).where(ErasureRow.copied.is_(False)).limit(COPIED_AT_ONCE)
    return tuple(Erasure(row.owner, row.kind, row.destroyed_at) for row in keys.scalars(statement))


def mark_copied(keys: Session, erasures: Sequence[Erasure]) -> None:
    """Called once `append` has returned; a crash in between repeats the lines, which changes nothing."""
    for owners in chunks([erasure.owner for erasure in erasures]):
        keys.execute(update(ErasureRow).where(ErasureRow.owner.in_(owners)).values(copied=True))


def append(path: Path, erasures: Sequence[Erasure]) -> None:
    """Writes the lines and waits until the disk has them."""
    # The first newline closes a line that a crash may have torn.
    text = "".join(f"\n{erasure}" for erasure in erasures) + "\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> Iterator[Erasure]:
    """All lines that are whole; a torn one was not marked as copied and stands again further down."""
    if not path.exists():
        return
    with path.open(encoding="ascii") as file:
        for line in file:
            try:
                yield Erasure.parse(line)
            except ValueError:
                continue
