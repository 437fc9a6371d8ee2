"""The queue: a message commits with what it is about, and says nothing in clear that it should not."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.context import Service
from audit.tables import PendingRow
from governance.errors import MessageInvalidError, SealBroken
from governance.messages import queue
from governance.messages.tables import MessageRow, MessageState
from governance.messages.topics import Topic
from governance.vault.sealing import DataKey
from tests.conftest import Clock
from tests.governance.messages.post_office import ANNA, a_key, a_letter, a_notice

KEY = DataKey("request-1", 1, b"k" * 32)


def test_a_letter_is_sealed_and_opens_with_its_key_only(service: Service) -> None:
    """Address, subject and text; another's key, or another message's place, opens nothing."""
    message_id = a_letter(service)
    with service.main.read() as session:
        sealed = session.get_one(MessageRow, message_id).sealed or b""

    assert b"anna" not in sealed.lower()
    assert queue.open_letter(a_key(service), message_id, sealed) == {
        "to": ANNA,
        "subject": "For Anna",
        "text": "Dear Anna Canary",
    }
    for key, place in ((a_key(service, "other"), message_id), (a_key(service), "elsewhere")):
        with pytest.raises(SealBroken):
            queue.open_letter(key, place, sealed)


def test_the_entry_commits_with_the_message(main_session: Session, now: datetime) -> None:
    """Both, in the caller's transaction; the entry names the topic, no owner and no text."""
    queue.announce(main_session, Topic.REQUESTS_LATE, facts={"request": "r-1"}, now=now)
    [body] = main_session.scalars(select(PendingRow.body))
    main_session.rollback()

    assert b'"facts":{"topic":"requests.late"}' in body
    assert b"r-1" not in body
    assert main_session.scalars(select(MessageRow)).all() == []
    assert main_session.scalars(select(PendingRow)).all() == []


@pytest.mark.parametrize(
    "facts",
    [
        {"to": ANNA},
        {"name": "Anna Berg"},
        {"list": ["ok", ANNA]},
        {"Anna Berg": 1},
        {"deep": {"x": ANNA}},
        {"x": 1.5},
    ],
    ids=["address", "name", "in a list", "as a name", "deep", "float"],
)
def test_a_notice_with_more_than_codes_is_refused(
    main_session: Session, now: datetime, facts: dict[str, Any]
) -> None:
    """It would be sent in clear."""
    with pytest.raises(MessageInvalidError):
        queue.announce(main_session, Topic.REQUESTS_LATE, facts=facts, now=now)


def test_forgotten_letters_are_empty(service: Service) -> None:
    """Only that there was one, and what became of it, is left."""
    message_id = a_letter(service)
    a_notice(service)
    with service.main.read() as session:
        assert queue.unsent(session) == {"queued": 2, "failed": 0}
    service.main.write(lambda session: queue.forget(session, ["request-1"]))

    with service.main.read() as session:
        assert session.get_one(MessageRow, message_id).sealed is None
        assert [each["topic"] for each in queue.listed(session, limit=9, owner="request-1")] == [
            "requests.late"
        ]


def test_a_list_shows_neither_address_nor_text(service: Service) -> None:
    """States, topics, tries and codes, the newest first."""
    first, second = a_letter(service), a_notice(service)
    with service.main.read() as session:
        found = queue.listed(session, state=MessageState.QUEUED, limit=9)

    assert {each["id"] for each in found} == {first, second}
    assert "canary" not in str(found).lower()


def test_letters_go_with_their_file_and_notices_when_they_are_old(service: Service, clock: Clock) -> None:
    """Nothing is dropped that has not ended."""
    a_letter(service)
    kept, old, young = a_letter(service, "request-2"), a_notice(service), a_notice(service)

    def end(session: Session) -> None:
        for message_id, days in ((old, 9), (young, 0)):
            session.get_one(MessageRow, message_id).ended_at = clock.now - timedelta(days=days)

    service.main.write(end)
    waiting = a_notice(service)
    service.main.write(lambda session: queue.drop_letters(session, ["request-1"]))
    service.main.write(lambda session: queue.drop_notices(session, before=clock.now - timedelta(days=1)))

    with service.main.read() as session:
        assert {each["id"] for each in queue.listed(session, limit=9)} == {kept, young, waiting}
