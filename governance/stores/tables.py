"""The rows of the lead stores' register, in the main database."""

from datetime import datetime

from sqlalchemy import Boolean, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from audit.columns import Instant
from governance.tables import Base


class StoreRow(Base):
    """One store document as it was put; `document` is JSON and holds no secret, only references to them."""

    __tablename__ = "lead_stores"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    document: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(Boolean)
    version: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime] = mapped_column(Instant)
