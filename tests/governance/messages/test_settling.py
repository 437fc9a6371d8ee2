"""What a person does about messages that failed."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.context import Service
from audit.tables import PendingRow
from governance.errors import MessageInvalidError, MessageUnknownError
from governance.messages import queue, settling
from governance.messages.patience import DeliveryCode
from governance.messages.queue import Letter
from governance.messages.tables import MessageRow, MessageState
from governance.messages.topics import Topic
from governance.vault.sealing import DataKey
from tests.governance.messages.post_office import ANNA, a_notice, state_of, told

KEY = DataKey("request-1", 1, b"k" * 32)


def test_a_letter_without_an_address_waits_for_a_person(main_session: Session, now: datetime) -> None:
    """Failed from the start, with its code, and told so; trying again would cure nothing."""
    letter = Letter(Topic.REQUESTS_LATE, None, "For Anna", "Dear Anna")
    [message_id] = queue.post_many(main_session, [(KEY, letter)], now=now)
    row = main_session.get_one(MessageRow, message_id)
    entries = main_session.scalars(select(PendingRow.action)).all()

    assert (row.state, row.code) == ("failed", "no_address")
    assert entries == ["message.failed"]
    with pytest.raises(MessageInvalidError):
        settling.retry(main_session, message_id, now=now, actor="officer")


def test_what_can_not_be_sent_is_kept_as_failed(main_session: Session, now: datetime) -> None:
    """For the reason that the caller gives; it can be tried again when that has changed."""
    letter = Letter(Topic.REQUESTS_LATE, ANNA, "For Anna", "Dear Anna")
    unsendable = DeliveryCode.NOT_CONFIGURED
    [message_id] = queue.post_many(main_session, [(KEY, letter)], now=now, unsendable=unsendable)
    row = main_session.get_one(MessageRow, message_id)

    assert (row.state, row.code, row.ended_at) == ("failed", "not_configured", now)
    settling.retry(main_session, message_id, now=now, actor="officer")
    assert row.state == "queued"


def test_a_failed_message_can_be_queued_again(service: Service) -> None:
    """By a person, who stands in the trail; what is queued or sent can not."""
    message_id, now = a_notice(service), service.clock()
    with pytest.raises(MessageInvalidError):
        service.main.write(lambda session: settling.retry(session, message_id, now=now, actor="officer"))

    def fail(session: Session) -> None:
        row = session.get_one(MessageRow, message_id)
        row.state, row.tries, row.code, row.ended_at = MessageState.FAILED, 9, "unreachable", now

    service.main.write(fail)
    service.main.write(lambda session: settling.retry(session, message_id, now=now, actor="officer"))

    assert state_of(service, message_id) == ("queued", 0, "unreachable")
    assert told(service) == ["message.queued", "message.queued"]
    with pytest.raises(MessageUnknownError):
        service.main.write(lambda session: settling.retry(session, "none", now=now, actor="officer"))


def test_a_person_may_do_by_hand_what_failed(main_session: Session, now: datetime) -> None:
    """Printed and posted: it is sent, by somebody who stands in the trail; what did not fail can not be."""
    letter = Letter(Topic.REQUESTS_LATE, None, "For Anna", "Dear Anna")
    [message_id] = queue.post_many(main_session, [(KEY, letter)], now=now)
    settling.done(main_session, message_id, now=now, actor="officer")
    row = main_session.get_one(MessageRow, message_id)
    bodies = main_session.scalars(select(PendingRow.body).where(PendingRow.action == "message.sent")).all()

    assert (row.state, row.delivered) == ("sent", "by_hand")
    assert [b'"actor":"officer"' in body and b'"by_hand":true' in body for body in bodies] == [True]
    with pytest.raises(MessageInvalidError):
        settling.done(main_session, message_id, now=now, actor="officer")
