"""The wording that people were shown when they consented, kept once whoever sees it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from audit.canonical import canonical_bytes
from consent.tables import NoticeRow


@dataclass(frozen=True, slots=True)
class Notice:
    """A version of the wording; without `text`, the version is all that can be shown later."""

    version: str
    text: str | None = None
    language: str | None = None

    def digest(self) -> str:
        """SHA-256 over version, language and text, in hex: the same wording has the same digest."""
        parts = {"version": self.version, "language": self.language, "text": self.text}
        return hashlib.sha256(canonical_bytes(parts)).hexdigest()


def keep(session: Session, notice: Notice, *, now: datetime) -> str:
    """Keep the wording, unless it is kept already; returns its digest."""
    digest = notice.digest()
    if session.get(NoticeRow, digest) is None:
        row = NoticeRow(
            digest=digest,
            version=notice.version,
            language=notice.language,
            text=notice.text,
            recorded_at=now,
        )
        session.add(row)
        session.flush()
    return digest


def shown(session: Session, digest: str) -> Notice | None:
    """The wording of that digest."""
    row = session.get(NoticeRow, digest)
    return None if row is None else Notice(row.version, row.text, row.language)
