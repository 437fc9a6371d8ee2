"""The row of a message. What it says to a person is sealed, and goes with the key it is sealed under."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from audit.columns import Instant
from governance.tables import Base


class MessageState(StrEnum):
    """Where a message stands; only a person leads out of `failed`: tried again, or done by hand."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class MessageRow(Base):
    """One message.

    A notice to the operator has open `facts` and no `owner`. A letter has its address and text in `sealed`,
    under the key of `owner` (a request or a case); emptied when that key dies. `delivered` names the ways
    that are done, so that a second try repeats none of them. `code` is why the last try failed. `fence` grows
    with every claim; only the holder of the newest may write an outcome.
    """

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_work", "state", "due_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    topic: Mapped[str] = mapped_column(String(40))
    owner: Mapped[str | None] = mapped_column(String(36), index=True)
    facts: Mapped[str | None] = mapped_column(Text)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(16))
    delivered: Mapped[str] = mapped_column(String(40), default="")
    tries: Mapped[int] = mapped_column(default=0)
    code: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    lease_owner: Mapped[str | None] = mapped_column(String(36))
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    fence: Mapped[int] = mapped_column(default=0)
