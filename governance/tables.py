"""The rows of `governance`, in the main database."""

from datetime import datetime

from sqlalchemy import Boolean, Index, Integer, LargeBinary, MetaData, String, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from audit.columns import Instant
from audit.tables import NAMES


class Base(DeclarativeBase):
    """Tables of `governance`; no foreign key leaves the package."""

    metadata = MetaData(naming_convention=NAMES)


class LeadRow(Base):
    """A person, known by a random id. `state` is a `governance.leads.LeadState`."""

    __tablename__ = "leads"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Instant)


class IdentifierRow(Base):
    """One identifier of a lead under one index key; during a re-index there are two rows of it.

    `hash` covers kind and value. One that identifies stands here once; a shared one as often as it is shared:
    this index, and nothing that a program remembers, keeps two intakes at once from making two leads of one.
    """

    __tablename__ = "lead_identifiers"
    __table_args__ = (
        Index(
            "uq_lead_identifiers_identifying",
            "hash",
            unique=True,
            sqlite_where=text("shared = 0"),
            postgresql_where=text("shared = false"),
        ),
        Index(None, "hash"),
        Index(None, "lead_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    lead_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(16))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    shared: Mapped[bool] = mapped_column(Boolean)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class OpeningRow(Base):
    """That an actor opened so many people; kept for a day. Nobody: the operator was told of a refusal."""

    __tablename__ = "openings"
    __table_args__ = (Index(None, "actor", "at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    actor: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)
    people: Mapped[int] = mapped_column(Integer)


class CanaryRow(Base):
    """A lead that nobody has a reason to open."""

    __tablename__ = "canaries"

    lead_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    marked_at: Mapped[datetime] = mapped_column(Instant)


class FieldRow(Base):
    """One profile field, sealed under the lead's key; `record_version` is part of what it is bound to."""

    __tablename__ = "lead_fields"

    lead_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    record_version: Mapped[int] = mapped_column(Integer)
