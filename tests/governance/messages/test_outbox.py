"""Leases and outcomes: one deliverer a message, and nothing written by one who was overtaken."""

from datetime import timedelta

import pytest

from api.context import Service
from governance.messages import outbox
from governance.messages.outbox import Claimed, Delivery, Holder, Way
from governance.messages.patience import DeliveryCode
from tests.conftest import Clock
from tests.governance.messages.post_office import a_notice, state_of, told

FIRST, SECOND = Holder("first"), Holder("second")


def claim(service: Service, holder: Holder) -> tuple[Claimed, ...]:
    """What a holder gets now."""
    now = service.clock()
    with service.main.read() as session:
        is_due = outbox.is_due(session, holder, now=now)
    claimed = service.main.write(lambda session: outbox.claim(session, holder, now=now, limit=9))
    assert is_due == bool(claimed)
    return claimed


def record(service: Service, holder: Holder, *deliveries: Delivery) -> int:
    """Writes what came of claims."""
    now = service.clock()
    return service.main.write(lambda session: outbox.record(session, holder, deliveries, now=now))


def test_a_message_is_one_holders_until_the_lease_ends(service: Service, clock: Clock) -> None:
    """Then the next gets it; where one process holds the home, the dead's leases end at once."""
    message_id = a_notice(service)

    assert [each.id for each in claim(service, FIRST)] == [message_id]
    assert claim(service, SECOND) == ()
    assert [each.id for each in claim(service, Holder("third", sole=True))] == [message_id]
    clock.now += outbox.LEASE
    assert [each.id for each in claim(service, SECOND)] == [message_id]


def test_whoever_was_overtaken_writes_nothing(service: Service, clock: Clock) -> None:
    """The fence: only the newest claim counts."""
    message_id = a_notice(service)
    [old] = claim(service, FIRST)
    clock.now += outbox.LEASE
    [new] = claim(service, SECOND)

    assert record(service, FIRST, Delivery(old, frozenset(), DeliveryCode.GONE)) == 0
    assert state_of(service, message_id) == ("queued", 0, None)
    assert record(service, SECOND, Delivery(new, frozenset({Way.WEBHOOK}))) == 1
    assert state_of(service, message_id) == ("sent", 1, None)
    assert told(service) == ["message.queued", "message.sent"]


def test_a_failure_waits_and_repeats_no_way_that_is_done(service: Service, clock: Clock) -> None:
    """The mail went, the webhook did not: only the webhook is left."""
    message_id = a_notice(service)
    [first] = claim(service, FIRST)
    record(service, FIRST, Delivery(first, frozenset({Way.MAIL}), DeliveryCode.TIMED_OUT))

    assert state_of(service, message_id) == ("queued", 1, "timed_out")
    assert claim(service, FIRST) == ()
    clock.now += timedelta(seconds=5)
    assert [each.delivered for each in claim(service, FIRST)] == [frozenset({Way.MAIL})]


def test_what_was_not_tried_counts_as_no_try(service: Service, clock: Clock) -> None:
    """A receiver that was silent for another message."""
    message_id = a_notice(service)
    for _ in range(20):
        [each] = claim(service, FIRST)
        record(service, FIRST, Delivery(each, frozenset(), DeliveryCode.UNREACHABLE, tried=False))
        clock.now += timedelta(seconds=30)

    assert state_of(service, message_id) == ("queued", 0, "unreachable")


@pytest.mark.parametrize(
    ("code", "tries"), [(DeliveryCode.GONE, 1), (DeliveryCode.REFUSED, 9)], ids=["final", "patient"]
)
def test_trying_ends(service: Service, clock: Clock, code: DeliveryCode, tries: int) -> None:
    """At once where waiting cures nothing, else after nine tries; the entry names the code."""
    message_id = a_notice(service)
    ended = 0
    while not ended:
        [each] = claim(service, FIRST)
        ended = record(service, FIRST, Delivery(each, frozenset(), code))
        clock.now += timedelta(hours=12)

    assert state_of(service, message_id) == ("failed", tries, code)
    assert told(service) == ["message.failed", "message.queued"]
