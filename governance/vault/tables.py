"""The rows of the key store: a database of its own, with its own backups."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Boolean, Enum, Index, Integer, LargeBinary, MetaData, String, Text, false
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from audit.columns import Instant
from audit.tables import NAMES


class KeyBase(DeclarativeBase):
    """Tables of the key store."""

    metadata = MetaData(naming_convention=NAMES)


class Role(StrEnum):
    """What a wrapping key wraps: `epoch` data and index keys, `root` signing keys."""

    EPOCH = "epoch"
    ROOT = "root"


class State(StrEnum):
    """The life of a wrapping key: one a role is current; a destroyed one stays as a record."""

    CURRENT = "current"
    DRAINING = "draining"  # takes no new keys
    EMPTIED = "emptied"  # nothing is under it, and the provider is to destroy it
    DESTROYED = "destroyed"


class KeyKind(StrEnum):
    """Whose fields a data key seals."""

    LEAD = "lead"
    REQUEST = "request"
    CASE = "case"
    USER = "user"


class IndexPurpose(StrEnum):
    """What an index key hashes for; `links` authenticates the links that people are sent."""

    LOOKUP = "lookup"
    SUPPRESSION = "suppression"
    LINKS = "links"


class IndexState(StrEnum):
    """`current` is complete; `coming` is written beside it while a re-index runs."""

    CURRENT = "current"
    COMING = "coming"


class SigningPurpose(StrEnum):
    """What a signing key signs."""

    LOG = "log"
    RECEIPTS = "receipts"


def closed(values: type[StrEnum]) -> Enum:
    """A column of one of these words: plain text in the database, the enum in Python."""
    return Enum(
        values, native_enum=False, length=12, values_callable=lambda found: [member.value for member in found]
    )


class WrappingKeyRow(KeyBase):
    """A key that wraps others, itself wrapped by the provider's key of the name `provider_key`.

    Its row is share-locked by whoever wraps a new key under it, and locked exclusively to destroy it.
    """

    __tablename__ = "wrapping_keys"

    role: Mapped[Role] = mapped_column(closed(Role), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    provider_key: Mapped[str] = mapped_column(String(100))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[State] = mapped_column(closed(State))
    created_at: Mapped[datetime] = mapped_column(Instant)
    destroyed_at: Mapped[datetime | None] = mapped_column(Instant)


class DataKeyRow(KeyBase):
    """The key of one owner. No row: destroyed, or never was. Deleting it is the erasure.

    `marks` says which record version was the newest of what was sealed anew (see `marks`): JSON.
    """

    __tablename__ = "data_keys"
    __table_args__ = (
        Index(None, "created_at"),  # the sweep of orphans
        {"sqlite_with_rowid": False},  # lies in the order of owners, in which a rotation goes through it
    )

    owner: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[KeyKind] = mapped_column(closed(KeyKind))
    version: Mapped[int] = mapped_column(Integer)
    epoch: Mapped[int] = mapped_column(Integer)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    marks: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)


class ErasureRow(KeyBase):
    """The erasure journal: whose key was destroyed when. What a restored main database is held against.

    An owner is a random id that stands nowhere else once the erasure is done. `copied` says that the row
    also stands in the copy outside the database.
    """

    __tablename__ = "erasures"
    __table_args__ = (Index(None, "copied", "owner"),)

    owner: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[KeyKind] = mapped_column(closed(KeyKind))
    destroyed_at: Mapped[datetime] = mapped_column(Instant)
    copied: Mapped[bool] = mapped_column(Boolean, server_default=false(), default=False)


class IndexKeyRow(KeyBase):
    """A key of a blind index, wrapped under an epoch key like the data keys."""

    __tablename__ = "index_keys"

    purpose: Mapped[IndexPurpose] = mapped_column(closed(IndexPurpose), primary_key=True)
    generation: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    epoch: Mapped[int] = mapped_column(Integer)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[IndexState] = mapped_column(closed(IndexState))
    created_at: Mapped[datetime] = mapped_column(Instant)


class SigningKeyRow(KeyBase):
    """An Ed25519 key. Its private half, wrapped under a root key, goes when it retires."""

    __tablename__ = "signing_keys"

    purpose: Mapped[SigningPurpose] = mapped_column(closed(SigningPurpose), primary_key=True)
    generation: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kid: Mapped[str] = mapped_column(String(43), unique=True)
    public: Mapped[bytes] = mapped_column(LargeBinary)
    root: Mapped[int] = mapped_column(Integer)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Instant)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)
