"""What a store document says of files, as values."""

from dataclasses import dataclass
from enum import StrEnum


class FileFormat(StrEnum):
    """How the rows of a file are written."""

    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table's files are to be read; what is None is told by the file itself, or by its name."""

    format: FileFormat | None = None
    delimiter: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class OldVersions:
    """What becomes of the old versions that a bucket keeps of a file: deleted, or kept for a reason."""

    because: str | None = None

    @property
    def deleted(self) -> bool:
        """Whether they go."""
        return self.because is None
