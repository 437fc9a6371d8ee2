"""Every second: messages that are due leave, and what came of each is written.

    claim     one commit: leases on up to `MESSAGES_A_BATCH` messages
    deliver   webhooks in one thread, mails in another, outside every transaction
    record    one commit: states, next tries, entries of what ended

A receiver that falls silent is not asked again in the batch: its other messages wait, the other way goes on.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from api import mailing, webhooks
from api.background.request_batches import request_keys
from api.context import Service
from api.errors import DeliveryError
from api.mailing import Carrier, Mail, post_of
from api.settings import Settings
from audit.ids import random_id
from governance.errors import VaultError
from governance.messages import outbox, wording
from governance.messages.outbox import Claimed, Delivery, Holder, Way
from governance.messages.patience import DeliveryCode
from governance.messages.queue import open_letter
from governance.vault.sealing import DataKey

EVERY_SECONDS = 1.0
MESSAGES_A_BATCH = 100
LONGEST_RUN_SECONDS = 20.0
"""After so long the loop is left for once, so that a stopping service is not kept waiting."""
SILENT = frozenset({DeliveryCode.TIMED_OUT, DeliveryCode.UNREACHABLE})

Answers = dict[str, DeliveryCode | None]
"""By message: None where it got through. A message that is absent was not tried."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A claimed message and its mail, if it is to have one; or the code why nothing can be sent."""

    message: Claimed
    mail: Mail | None = None
    code: DeliveryCode | None = None


def step(service: Service, now: datetime) -> None:
    """Delivers what is due, batch after batch; the service's clock is read anew for each commit."""
    del now
    holder = Holder(random_id(), sole=service.settings.embedded)
    until = time.monotonic() + LONGEST_RUN_SECONDS
    while deliver_batch(service, holder) and time.monotonic() < until:
        pass


def deliver_batch(service: Service, holder: Holder) -> int:
    """Claims what is due and brings each message a try further; how many were claimed."""
    with service.main.read() as session:
        if not outbox.is_due(session, holder, now=service.clock()):
            return 0
    claimed = service.main.write(
        lambda session: outbox.claim(session, holder, now=service.clock(), limit=MESSAGES_A_BATCH)
    )
    deliveries = _delivered(service, claimed)
    service.main.write(lambda session: outbox.record(session, holder, deliveries, now=service.clock()))
    return len(claimed)


def _delivered(service: Service, claimed: Sequence[Claimed]) -> list[Delivery]:
    """What came of each message, both ways taken."""
    keys = request_keys(service, {each.owner for each in claimed if each.owner is not None})
    prepared = [_prepare(service.settings, keys, each) for each in claimed]
    lanes: Mapping[Way, Callable[[], Answers]] = {
        Way.WEBHOOK: lambda: _webhooks(service, [each.message for each in prepared]),
        Way.MAIL: lambda: _mails(service, [each for each in prepared if each.code is None]),
    }
    with ThreadPoolExecutor(len(lanes)) as pool:
        started = {way: pool.submit(lane) for way, lane in lanes.items()}
        answers = {way: lane.result() for way, lane in started.items()}
    return [_delivery(service.settings, each, answers) for each in prepared]


def _prepare(settings: Settings, keys: Mapping[str, DataKey], message: Claimed) -> Prepared:
    """The mail of a message, opened where it is sealed."""
    if message.owner is None:
        to = settings.staff_mail
        subject, text = wording.notice(message.topic, message.created_at, message.said())
        return Prepared(message, None if to is None else Mail(message.id, to, subject, text))
    key = keys.get(message.owner)
    if key is None or message.sealed is None:
        return Prepared(message, code=DeliveryCode.KEY_DESTROYED)
    try:
        letter = open_letter(key, message.id, message.sealed)
    except VaultError:
        structlog.get_logger().warning("message_does_not_open", topic=message.topic)
        return Prepared(message, code=DeliveryCode.KEY_DESTROYED)
    return Prepared(
        message, Mail(message.id, letter["to"] or "", letter["subject"] or "", letter["text"] or "")
    )


def _ways(settings: Settings, prepared: Prepared) -> frozenset[Way]:
    """How this message is to leave, as things are set now."""
    ways = set()
    if prepared.mail is not None and post_of(settings) is not None:
        ways.add(Way.MAIL)
    if prepared.message.owner is None and settings.webhook_url is not None:
        ways.add(Way.WEBHOOK)
    return frozenset(ways)


def _delivery(settings: Settings, prepared: Prepared, answers: Mapping[Way, Answers]) -> Delivery:
    """The outcome of one message over all its ways."""
    message, wanted = prepared.message, _ways(settings, prepared)
    if prepared.code is not None or not wanted:
        return Delivery(message, message.delivered, prepared.code or DeliveryCode.NOT_CONFIGURED)
    tried = {way: answers[way][message.id] for way in wanted if message.id in answers[way]}
    delivered = message.delivered | {way for way, code in tried.items() if code is None}
    failed = [code for code in tried.values() if code is not None]
    if wanted <= delivered:
        return Delivery(message, delivered)
    code = failed[0] if failed else DeliveryCode.UNREACHABLE
    return Delivery(message, delivered, code, tried=bool(failed))


def _webhooks(service: Service, messages: Iterable[Claimed]) -> Answers:
    """The notices, one after the other, until the receiver falls silent."""
    url, secret = service.settings.webhook_url, service.settings.webhook_secret
    answers: Answers = {}
    if url is None or secret is None:
        return answers

    def post(message: Claimed) -> None:
        body = webhooks.payload(message.topic, message.created_at, message.said())
        webhooks.send(url, secret, message.id, service.clock(), body)

    for message in messages:
        if message.owner is None and Way.WEBHOOK not in message.delivered:
            answers[message.id] = _tried(partial(post, message))
            if answers[message.id] in SILENT:
                break
    return answers


def _mails(service: Service, prepared: Iterable[Prepared]) -> Answers:
    """The mails over one connection, until the server falls silent."""
    post, answers = post_of(service.settings), Answers()
    if post is None:
        return answers
    with closing(Carrier(post)) as carrier:

        def send(mail: Mail) -> None:
            carrier.carry(mailing.composed(post, mail, service.clock()))

        for each in prepared:
            if each.mail is not None and Way.MAIL not in each.message.delivered:
                answers[each.message.id] = _tried(partial(send, each.mail))
                if answers[each.message.id] in SILENT:
                    break
    return answers


def _tried(deliver: Callable[[], None]) -> DeliveryCode | None:
    """Why a message did not get through; None: it did. One that nobody foresaw keeps no other waiting."""
    try:
        deliver()
    except DeliveryError as error:
        return error.reason
    except Exception as error:  # noqa: BLE001 - its message may quote the letter, so its class is all that is kept
        structlog.get_logger().warning("message_not_delivered", error=type(error).__name__)
        return DeliveryCode.UNEXPECTED
    return None
