"""What each way took outside: one publisher at a time, the newest checkpoint only, failures that fade."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from audit import published
from audit.note import Signer
from audit.tables import PublicationRow
from tests.audit.conftest import fill

EVERY = timedelta(hours=1)


def test_nothing_is_published_of_an_empty_log(session: Session, now: datetime) -> None:
    """There is no checkpoint yet."""
    assert not published.is_due(session, "webhook", now=now)
    assert published.claim(session, "webhook", now=now) is None


def test_one_publisher_gets_the_newest_and_the_next_waits_its_time(
    session: Session, signer: Signer, now: datetime
) -> None:
    """Claimed by one, taken, and due again when the log has grown and the time is over."""
    fill(session, 3, signer)
    claimed = published.claim(session, "webhook", now=now)
    assert claimed is not None

    assert claimed.size == 3
    assert published.claim(session, "webhook", now=now) is None
    published.took(session, claimed, now=now, every=EVERY)
    assert not published.is_due(session, "webhook", now=now + EVERY)
    fill(session, 1, signer, start=3)
    assert not published.is_due(session, "webhook", now=now)
    assert published.is_due(session, "webhook", now=now + EVERY)
    assert published.is_due(session, "mail", now=now)


def test_a_dead_publisher_is_followed_by_another(session: Session, signer: Signer, now: datetime) -> None:
    """A minute later."""
    fill(session, 1, signer)
    published.claim(session, "mail", now=now)

    assert published.claim(session, "mail", now=now + published.CLAIMED_FOR) is not None


def test_failures_fade_and_never_end(session: Session, signer: Signer, now: datetime) -> None:
    """Waits double up to an hour; a success forgets them."""
    fill(session, 1, signer)
    waits = []
    for _ in range(12):
        claimed = published.claim(session, "webhook", now=now)
        assert claimed is not None
        published.refused(session, claimed, "timed_out", now=now)
        row = session.get_one(PublicationRow, "webhook")
        waits.append((row.due_at - now).total_seconds())
        now = row.due_at

    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]
    assert [(row.failures, row.code) for row in published.listed(session)] == [(12, "timed_out")]
    claimed = published.claim(session, "webhook", now=now)
    assert claimed is not None
    published.took(session, claimed, now=now, every=EVERY)
    assert [(row.failures, row.code, row.size) for row in published.listed(session)] == [(0, None, 1)]
