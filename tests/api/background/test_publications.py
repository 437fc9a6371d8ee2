"""Publishing outside: late at worst; the sequencer does not wait for it, and goes on when it fails."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer

from api import webhooks
from api.background import publications, sequencer
from api.context import Service
from api.gauges import exposition
from audit import published, stored_tree
from audit.actions import Action
from audit.log import append
from governance.messages import queue
from tests.api.receivers import bad_server, free_port, mail_server
from tests.api.test_metrics import counted
from tests.conftest import Clock


def by_webhook(service: Service, url: str) -> Service:
    """The same service, with a webhook."""
    return replace(service, settings=replace(service.settings, webhook_url=url, webhook_secret=b"s" * 32))


def grow(service: Service) -> None:
    """One more entry, sequenced."""
    now = service.clock()
    service.main.write(lambda session: append(session, Action.AUDIT_READ, actor="auditor", now=now))
    sequencer.step(service, now)


def known_outside(service: Service) -> list[tuple[str, int, int, str | None]]:
    """Way, size, failures, code."""
    with service.main.read() as session:
        return [(row.way, row.size, row.failures, row.code) for row in published.listed(session)]


def test_the_newest_head_is_posted_at_its_pace(
    service: Service, clock: Clock, httpserver: HTTPServer
) -> None:
    """Once however often the loop turns, and again when the log has grown and ten seconds are over."""
    httpserver.expect_request("/hook").respond_with_data("")
    ready = by_webhook(service, httpserver.url_for("/hook"))
    for seconds in (0, 0, 1, 10, 0):
        clock.now += timedelta(seconds=seconds)
        grow(ready)
        publications.step(ready, clock.now)
    with ready.main.read() as session:
        newest = stored_tree.head_note(session)

    assert [request.json["data"]["checkpoint"].split("\n")[1] for request, _ in httpserver.log] == ["1", "4"]
    assert httpserver.log[-1][0].json["data"]["checkpoint"] != newest
    assert known_outside(ready) == [("webhook", 4, 0, None)]


def test_a_quiet_log_is_published_once(service: Service, clock: Clock, httpserver: HTTPServer) -> None:
    """Publishing makes no entry, so it does not feed itself."""
    httpserver.expect_request("/hook").respond_with_data("")
    ready = by_webhook(service, httpserver.url_for("/hook"))
    grow(ready)
    for _ in range(5):
        clock.now += timedelta(hours=1)
        sequencer.step(ready, clock.now)
        publications.step(ready, clock.now)

    assert len(httpserver.log) == 1


def test_the_auditor_gets_one_mail_a_day(service: Service, clock: Clock) -> None:
    """However fast the log grows."""
    with mail_server() as box:
        settings = replace(
            service.settings,
            smtp_url=box.url,
            mail_from="privacy@example.com",
            auditor_mail="auditor@example.com",
        )
        ready = replace(service, settings=settings)
        for _ in range(48):
            clock.now += timedelta(hours=1)
            grow(ready)
            publications.step(ready, clock.now)

    assert box.recipients == ["auditor@example.com"] * 2


def test_a_receiver_that_hangs_is_named_and_the_log_goes_on(
    service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the metrics; the sequencer signs meanwhile, and the file has the newest head."""
    monkeypatch.setattr(webhooks, "LONGEST_SECONDS", 0.2)
    with bad_server() as port:
        hung = by_webhook(service, f"http://127.0.0.1:{port}/hook")
        grow(hung)
        publications.step(hung, clock.now)
        grow(hung)

    assert known_outside(hung) == [("webhook", 0, 1, "timed_out")]
    assert counted(exposition(hung).decode(), "leadwarden_checkpoint_failures") == {("webhook",): 1}
    assert (sequencer.publication(hung).newest() or "").split("\n")[1] == "2"


def test_the_operator_is_told_of_a_receiver_that_keeps_failing(service: Service, clock: Clock) -> None:
    """Once, after the fifth failure in a row: a notice each would be a flood."""
    failing = by_webhook(service, f"http://127.0.0.1:{free_port()}/hook")
    grow(failing)
    for _ in range(8):
        publications.step(failing, clock.now)
        clock.now += timedelta(hours=1)
    with failing.main.read() as session:
        topics = [each["topic"] for each in queue.listed(session, limit=9)]

    assert topics == ["checkpoint.refused"]
    assert known_outside(failing) == [("webhook", 0, 8, "unreachable")]
