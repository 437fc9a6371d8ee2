"""Deliveries: to real receivers, through crashes, past receivers that hang; nothing lies in clear."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from api import mailing, webhooks
from api.background import deliveries
from api.context import Service
from governance.messages import outbox, settling
from governance.messages.outbox import Holder
from governance.vault import keys as vault
from tests.api.receivers import Mailbox, bad_server, free_port, mail_server
from tests.canaries import files_under, planted_in
from tests.conftest import Clock
from tests.governance.messages.post_office import ANNA, a_letter, a_notice, state_of, told

SECRET = b"s" * 32


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A mail server."""
    with mail_server() as found:
        yield found


def set_up(service: Service, **changes: Any) -> Service:
    """The same service, told where messages go."""
    return replace(service, settings=replace(service.settings, **changes))


def by_mail(service: Service, box: Mailbox) -> Service:
    """With a mail server, and a staff."""
    return set_up(service, smtp_url=box.url, mail_from="privacy@example.com", staff_mail="staff@example.com")


def by_webhook(service: Service, url: str) -> Service:
    """With a webhook."""
    return set_up(service, webhook_url=url, webhook_secret=SECRET)


def deliver(service: Service) -> None:
    """One turn of the loop."""
    deliveries.step(service, service.clock())


def test_a_notice_takes_every_way_that_is_set(service: Service, box: Mailbox, httpserver: HTTPServer) -> None:
    """Webhook and mail to the staff, under one id; then it is sent, and told."""
    httpserver.expect_request("/hook").respond_with_data("")
    both = by_webhook(by_mail(service, box), httpserver.url_for("/hook"))
    message_id = a_notice(both, count=2)
    deliver(both)

    assert httpserver.log[0][0].headers["webhook-id"] == message_id
    assert box.recipients == ["staff@example.com"]
    assert "count: 2" in box.mails[0].get_content()
    assert state_of(both, message_id) == ("sent", 1, None)
    assert told(both) == ["message.queued", "message.sent"]


def test_a_letter_goes_to_its_person_and_nowhere_else(
    service: Service, box: Mailbox, httpserver: HTTPServer
) -> None:
    """No webhook hears of it, nor the staff."""
    both = by_webhook(by_mail(service, box), httpserver.url_for("/hook"))
    message_id = a_letter(both)
    deliver(both)

    assert box.recipients == [ANNA]
    assert box.mails[0]["Subject"] == "For Anna"
    assert httpserver.log == []
    assert state_of(both, message_id) == ("sent", 1, None)


def test_with_nothing_set_up_a_message_fails_visibly(service: Service, box: Mailbox) -> None:
    """Never dropped: it can be sent once somewhere to send it is set."""
    notice, letter = a_notice(service), a_letter(service)
    deliver(service)

    assert state_of(service, notice) == ("failed", 1, "not_configured")
    assert state_of(service, letter) == ("failed", 1, "not_configured")
    ready, now = by_mail(service, box), service.clock()
    ready.main.write(lambda session: settling.retry(session, letter, now=now, actor="officer"))
    deliver(ready)
    assert state_of(ready, letter) == ("sent", 1, None)


def test_a_second_try_repeats_only_the_way_that_failed(
    service: Service, box: Mailbox, httpserver: HTTPServer, clock: Clock
) -> None:
    """One mail, two webhooks with one id."""
    httpserver.expect_ordered_request("/hook").respond_with_data("", status=500)
    httpserver.expect_ordered_request("/hook").respond_with_data("")
    both = by_webhook(by_mail(service, box), httpserver.url_for("/hook"))
    message_id = a_notice(both)
    deliver(both)

    assert state_of(both, message_id) == ("queued", 1, "server_failed")
    clock.now += timedelta(seconds=5)
    deliver(both)
    assert state_of(both, message_id) == ("sent", 2, None)
    assert len(box.mails) == 1
    assert [request.headers["webhook-id"] for request, _ in httpserver.log] == [message_id] * 2


def test_a_webhook_that_hangs_holds_up_nobody(
    service: Service, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten notices, one silence: asked once, named, and letters leave meanwhile."""
    monkeypatch.setattr(webhooks, "LONGEST_SECONDS", 0.5)
    with bad_server() as port:
        hung = by_webhook(by_mail(service, box), f"http://127.0.0.1:{port}/hook")
        notices = [a_notice(hung) for _ in range(10)]
        letter = a_letter(hung)
        deliver(hung)

    assert state_of(hung, letter) == ("sent", 1, None)
    assert sorted(state_of(hung, each)[1:] for each in notices) == [
        *[(0, "unreachable")] * 9,
        (1, "timed_out"),
    ]
    assert box.recipients.count("staff@example.com") == 10


def test_a_dead_deliverer_is_followed_by_the_next(service: Service, box: Mailbox, clock: Clock) -> None:
    """Killed between its claim and its commit: the next life sends it, and tells it once."""
    ready = by_mail(service, box)
    message_id, now = a_letter(ready), ready.clock()
    dead = Holder("dead")
    ready.main.write(lambda session: outbox.claim(session, dead, now=now, limit=9))

    assert deliveries.deliver_batch(ready, Holder("neighbour")) == 0
    clock.now += outbox.LEASE
    assert deliveries.deliver_batch(ready, Holder("neighbour")) == 1
    assert state_of(ready, message_id) == ("sent", 1, None)
    assert told(ready) == ["message.queued", "message.sent"]
    assert box.mails[0]["Message-ID"] == f"<{message_id}@example.com>"


def test_a_letter_whose_key_is_gone_fails_visibly(service: Service, box: Mailbox) -> None:
    """Nothing is sent blindly."""
    ready = by_mail(service, box)
    message_id, now = a_letter(ready), ready.clock()
    ready.keys.write(lambda keys: vault.destroy(keys, "request-1", now=now))
    deliver(ready)

    assert state_of(ready, message_id) == ("failed", 1, "key_destroyed")
    assert box.mails == []


def test_one_refused_recipient_stops_no_other(service: Service, box: Mailbox) -> None:
    """The first address is wrong for ever, the second letter goes."""
    ready = by_mail(service, box)
    box.refusals["gone@example.com"] = "550 no such user"
    first, second = a_letter(ready, "request-1", "gone@example.com"), a_letter(ready, "request-2")
    deliver(ready)

    assert state_of(ready, first) == ("failed", 1, "recipient_refused")
    assert state_of(ready, second) == ("sent", 1, None)


def test_an_error_that_nobody_foresaw_has_a_code_too(service: Service, box: Mailbox) -> None:
    """A port that is none: named, tried again later, and letters go meanwhile."""
    ready = by_webhook(by_mail(service, box), "http://127.0.0.1:99999/hook")
    notice, letter = a_notice(ready), a_letter(ready)
    deliver(ready)

    assert state_of(ready, notice) == ("queued", 1, "unexpected")
    assert state_of(ready, letter) == ("sent", 1, None)


def test_a_dead_mail_server_is_asked_once_a_batch(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other letters wait, untried."""
    ready = set_up(service, smtp_url=f"smtp://127.0.0.1:{free_port()}", mail_from="privacy@example.com")
    monkeypatch.setattr(mailing, "LONGEST_SECONDS", 0.5)
    letters = [a_letter(ready, f"request-{number}") for number in range(3)]
    deliver(ready)

    assert sorted(state_of(ready, each) for each in letters) == [
        ("queued", 0, "unreachable"),
        ("queued", 0, "unreachable"),
        ("queued", 1, "unreachable"),
    ]


def test_no_address_lies_about(
    service: Service, box: Mailbox, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sent, refused with the address in the server's words, and unsent: not in a file, not in a log."""
    ready = by_mail(service, box)
    a_letter(ready)
    deliver(ready)
    box.refusals[ANNA] = "451 not now"
    a_letter(ready)
    deliver(ready)
    a_letter(ready)
    files = files_under(ready.settings.home.parent)
    said = capsys.readouterr()

    assert planted_in(files, [ANNA, "Anna Canary"]) == []
    assert "canary" not in (caplog.text + said.out + said.err).lower()
