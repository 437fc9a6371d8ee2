"""The wording that people were shown."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consent.notices import Notice, keep, shown
from consent.tables import NoticeRow


def test_the_same_wording_is_kept_once(session: Session, now: datetime) -> None:
    """However many consent to it; another language is another wording."""
    english = Notice("v1", "We write to you.", "en")
    digests = [keep(session, notice, now=now) for notice in (english, english, Notice("v1", None, "de"))]

    assert digests[0] == digests[1] != digests[2]
    assert session.scalar(select(func.count()).select_from(NoticeRow)) == 2
    assert shown(session, digests[0]) == english


def test_an_unknown_wording_is_none(session: Session) -> None:
    """A digest that nobody kept shows nothing."""
    assert shown(session, "0" * 64) is None
