"""The rows of API keys and staff, in the main database."""

from datetime import datetime

from sqlalchemy import JSON, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from audit.columns import Instant
from governance.tables import Base


class ApiKeyRow(Base):
    """A key: the SHA-256 of its 256-bit secret and what it may do; never the secret.

    `lacking` are the scopes that its maker could not grant: while any stand there the key sleeps. `user_id`
    says whose it is when it belongs to a person. `purposes`, `channels` and `lookup_purposes` are null where
    it is not bound, `openings_an_hour` and `openings_a_day` where the settings say it.
    """

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    lacking: Mapped[list[str]] = mapped_column(JSON)
    purposes: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    channels: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    lookup_purposes: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    openings_an_hour: Mapped[int | None] = mapped_column(Integer)
    openings_a_day: Mapped[int | None] = mapped_column(Integer)
    user_id: Mapped[str | None] = mapped_column(String(36), index=True)
    created_by: Mapped[str] = mapped_column(String(36))
    created_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_by: Mapped[str | None] = mapped_column(String(36))
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class UserRow(Base):
    """A member of staff; the e-mail address is sealed under a key of its own, which goes when they go."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    role: Mapped[str] = mapped_column(String(32))
    email_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_by: Mapped[str] = mapped_column(String(36))
    created_at: Mapped[datetime] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
