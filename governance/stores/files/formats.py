"""What a file of rows is, whatever its format: columns, rows one after the other, and writing it anew."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, Protocol

from sqlalchemy.types import TypeEngine

from governance.stores.errors import StoreCode, StoreError

FINGERPRINT_BYTES = 16


class UnreadableError(StoreError):
    """A file that is not what it is said to be; `said` is a sentence about it that quotes nothing of it."""

    def __init__(self, said: str) -> None:
        super().__init__(StoreCode.MAPPING_INVALID)
        self.said = said


class Gone:
    """The decision that a row goes."""


GONE: Final = Gone()
Values = tuple[Any, ...]
"""A row's values in the order of the file's columns."""
Decision = Mapping[str, Any] | Gone | None
"""What becomes of a row: new values by column, gone, or nothing at all."""
Decide = Callable[[Values], Decision]


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows before, and what became of them; `kept` are those left as they were."""

    before: int = 0
    kept: int = 0
    changed: int = 0
    removed: int = 0

    @property
    def after(self) -> int:
        """Rows that the new file must have."""
        return self.kept + self.changed

    @property
    def touched(self) -> bool:
        """Whether the new file differs from the old one."""
        return bool(self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A column as the file has it; a CSV's are all text."""

    name: str
    type: TypeEngine[Any]
    nullable: bool = True


class RowFile(Protocol):
    """An open file of rows; read from its beginning whenever it is asked."""

    @property
    def columns(self) -> tuple[FileColumn, ...]:
        """Its columns."""

    def rows(self) -> Iterator[Values]:
        """Its rows, one after the other."""

    def rewrite(self, target: BinaryIO, decide: Decide) -> Tally:
        """Writes it anew into `target`, each row as `decide` says."""


def fingerprint(values: Iterable[Any]) -> str:
    """A name for a row by what it says: the same wherever it stands, another once it says something else."""
    said = ["" if value is None else str(value) for value in values]
    text = "".join([f"{len(one)}:{one}" for one in said])  # no cell can say what two others say
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=FINGERPRINT_BYTES).hexdigest()
