"""The rows of `consent`, in the main database."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from audit.columns import Instant
from audit.tables import NAMES


class Base(DeclarativeBase):
    """Tables of `consent`; no foreign key leaves the package."""

    metadata = MetaData(naming_convention=NAMES)


class EventRow(Base):
    """One fact as it was told, never changed. Free text stands in `evidence`, sealed."""

    __tablename__ = "consent_events"
    __table_args__ = (Index(None, "lead_id", "id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    lead_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(40))
    occurred_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    details: Mapped[str] = mapped_column(Text)  # compact JSON
    evidence: Mapped[bytes | None] = mapped_column(LargeBinary)
    entry_id: Mapped[str] = mapped_column(String(36))


class FactsRow(Base):
    """What the ledger says of a lead today, projected in the transaction of its last event."""

    __tablename__ = "lead_facts"

    lead_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)  # how often it was projected
    facts: Mapped[str] = mapped_column(Text)  # a facts document as compact JSON


class SuppressionRow(Base):
    """An address that must not be used, as a keyed hash; it outlives the lead.

    `generation` is the newest suppression key that the hash went through.
    """

    __tablename__ = "suppressions"
    __table_args__ = (Index(None, "hash"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    generation: Mapped[int] = mapped_column(Integer)
    identifier: Mapped[str] = mapped_column(String(20))
    type: Mapped[str] = mapped_column(String(40))
    channels: Mapped[str] = mapped_column(Text)  # JSON list; ["all"] is every channel
    purposes: Mapped[str] = mapped_column(Text)  # JSON list; ["all"] is every purpose
    received_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    entry_id: Mapped[str] = mapped_column(String(36))


class NoticeRow(Base):
    """The wording that was shown when people consented, kept once for each version and language."""

    __tablename__ = "consent_notices"

    digest: Mapped[str] = mapped_column(
        String(64), primary_key=True
    )  # SHA-256, hex, of version, language, text
    version: Mapped[str] = mapped_column(String(200))
    language: Mapped[str | None] = mapped_column(String(35))
    text: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class DecisionRow(Base):
    """An answer, with all that is needed to make it again. Erasing the lead leaves the first five columns."""

    __tablename__ = "decisions"
    # A lead's decisions are found by the few pages of its bucket: an index of random ids would write a page
    # for every row, and halve what a batch can do.
    __table_args__ = (Index("ix_decisions_bucket", "bucket", "id", "lead_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    day: Mapped[str] = mapped_column(String(10))  # UTC, YYYY-MM-DD
    effect: Mapped[str] = mapped_column(String(5))
    rulebook: Mapped[str] = mapped_column(String(64))
    entry_id: Mapped[str] = mapped_column(String(36))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    lead_id: Mapped[str | None] = mapped_column(String(36))
    asker: Mapped[str | None] = mapped_column(String(36))
    facts: Mapped[str | None] = mapped_column(Text)  # the facts document decided on, question included
    answer: Mapped[str | None] = mapped_column(Text)  # the exact text that the salted leaf covers
    salt: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    position: Mapped[int] = mapped_column(Integer)  # the leaf's place in its chunk
    bucket: Mapped[str | None] = mapped_column(String(1))  # the first digit of lead_id: see `bucket_of`


def bucket_of(lead_id: str | None) -> str | None:
    """In which of sixteen buckets the decisions about a lead are."""
    return lead_id[0] if lead_id else None


class DecisionChunkRow(Base):
    """The leaves of one batch entry; salted, so they stay when an answer among them is erased."""

    __tablename__ = "decision_chunks"

    entry_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    leaves: Mapped[bytes] = mapped_column(LargeBinary)  # 32 bytes each, in order
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class OutcomeRow(Base):
    """What the asker then did with an answer."""

    __tablename__ = "decision_outcomes"
    __table_args__ = (Index(None, "decision_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    decision_id: Mapped[str] = mapped_column(String(36))
    outcome: Mapped[str] = mapped_column(String(20))
    occurred_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    entry_id: Mapped[str] = mapped_column(String(36))


class RulebookRow(Base):
    """The content of a rulebook, once, under the hash that decisions name it by."""

    __tablename__ = "rulebooks"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(Text)  # canonical JSON: the bytes that the hash is of
    recorded_at: Mapped[datetime] = mapped_column(Instant)


class PublicationRow(Base):
    """One publishing of a rulebook: by one person, confirmed by another; going back is publishing again."""

    __tablename__ = "rulebook_publications"
    __table_args__ = (Index(None, "effective_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64))
    effective_at: Mapped[datetime] = mapped_column(Instant)
    published_by: Mapped[str] = mapped_column(String(36))
    published_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_by: Mapped[str | None] = mapped_column(String(36))
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
