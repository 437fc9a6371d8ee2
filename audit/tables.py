"""The rows of the trail."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from audit.columns import Instant

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Tables of `audit`, in the main database."""

    metadata = MetaData(naming_convention=NAMES)


class PendingRow(Base):
    """An entry that is committed but has no index yet; it lives here for about a second."""

    __tablename__ = "audit_pending"

    entry_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    action: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)


class EntryRow(Base):
    """A leaf of the tree. `body` is what was hashed; action, actor and time are there to be searched."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "actor", "idx"),
        Index(None, "action", "idx"),
        Index(None, "at"),
    )

    idx: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[str] = mapped_column(String(36), unique=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    action: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)


class LinkRow(Base):
    """Who an entry is about: outside the tree, and deleted when the lead is erased."""

    __tablename__ = "audit_links"

    entry_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    lead_id: Mapped[str | None] = mapped_column(String(36), index=True)
    object_id: Mapped[str | None] = mapped_column(String(64), index=True)


class TileRow(Base):
    """A C2SP tile of hashes: full (256) or, at the right edge, as wide as the tree is."""

    __tablename__ = "audit_tiles"

    level: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    idx: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)


class HeadRow(Base):
    """The one row that every sequencer locks: the tree's size and its signed checkpoint."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)
    checkpoint: Mapped[str | None] = mapped_column(Text)


class CheckpointRow(Base):
    """Every checkpoint that was ever signed."""

    __tablename__ = "audit_checkpoints"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)


class PublicationRow(Base):
    """What a way beside the file was last given: the size of its newest checkpoint, and how it fares.

    `failures` counts those since the last success, `code` says why the last one failed.
    """

    __tablename__ = "audit_publications"

    way: Mapped[str] = mapped_column(String(16), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime | None] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    failures: Mapped[int] = mapped_column(Integer)
    code: Mapped[str | None] = mapped_column(String(40))


class PublicKeyRow(Base):
    """A public key that signed, or signs, this log; kept as long as something that it signed."""

    __tablename__ = "audit_keys"

    vkey: Mapped[str] = mapped_column(String(255), primary_key=True)
    origin: Mapped[str] = mapped_column(String(190))
    since: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[datetime | None] = mapped_column(Instant)
