"""The letters in a request's file: what became of each, and its text, of which the trail is told first."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from audit.actions import Action as Told
from governance import openings
from governance.errors import MessageUnknownError
from governance.messages import queue
from governance.messages.tables import MessageRow
from governance.messages.topics import Topic
from governance.openings import Opener, Refused
from governance.requests import records
from governance.vault.sealing import DataKey

MOST_LISTED = 500
NOT_FOR_OFFICERS = frozenset({Topic.CODE_SENT})
"""A code shows who asks, so nobody but who was sent it may see it."""


def listed(session: Session, request_id: str) -> list[dict[str, Any]]:
    """The letters of a request, the newest first, without address and text.

    Raises:
        RequestUnknownError: there is none of that id.
    """
    return queue.listed(session, limit=MOST_LISTED, owner=records.read(session, request_id).id)


def announce(
    session: Session, request_id: str, letter_id: str, *, now: datetime, opener: Opener
) -> Refused | None:
    """The entry that stands before a letter is opened, or why it is not; the caller commits it.

    Raises:
        RequestUnknownError: there is no such request.
        MessageUnknownError: it has no such letter, or its text is gone, or is for nobody else's eyes.
    """
    row = records.load(session, request_id)
    letter = session.get(MessageRow, letter_id)
    if letter is None or letter.owner != row.id or letter.sealed is None or letter.topic in NOT_FOR_OFFICERS:
        raise MessageUnknownError("the request has no such letter to read")
    refused = openings.admit(session, opener, people=1, now=now)
    if refused is not None:
        return refused
    facts = {"topic": letter.topic}
    records.tell_opening(
        session, row.id, Told.REQUEST_LETTER_OPENED, actor=opener.id, now=now, facts={**facts}
    )
    return None


def opened(session: Session, key: DataKey, letter_id: str) -> dict[str, Any]:
    """A letter with `to`, `subject` and `text`. The request owns `key`.

    Raises:
        SealBroken: the row was changed by hand.
    """
    row = session.get_one(MessageRow, letter_id)
    return queue.described(row) | queue.open_letter(key, row.id, row.sealed or b"")
