"""The rows of `api`, in the main database."""

from datetime import datetime

from sqlalchemy import Integer, LargeBinary, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from audit.columns import Instant
from audit.tables import NAMES


class Base(DeclarativeBase):
    """Tables of `api`; no foreign key leaves the package."""

    metadata = MetaData(naming_convention=NAMES)


class AnswerRow(Base):
    """The answer to a call with an Idempotency-Key; it holds ids and states, no personal data.

    `id` is the SHA-256 of caller, route and key. `request` is an HMAC of the body under the key that the
    caller chose, of which nothing else is stored: the row alone lets nobody try out bodies.
    """

    __tablename__ = "answers"

    id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    request: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int] = mapped_column(Integer)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)
