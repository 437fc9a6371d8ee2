"""TEMPORARY until deadlines land."""

from datetime import datetime

from sqlalchemy.orm import Session

from governance.requests.tables import RequestRow


def set_deadlines(session: Session, row: RequestRow, *, calendar: str | None, now: datetime) -> None:
    """Nothing yet."""
