"""Several deliverers over one queue, and one that is killed in the middle: each message once, none lost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from api.background import deliveries
from api.context import Service, utc_now
from api.settings import read_settings
from api.startup import open_migrated
from governance.messages.outbox import Holder
from governance.messages.tables import MessageRow
from tests.api.receivers import bad_server, mail_server
from tests.conftest import Clock
from tests.governance.messages.post_office import ANNA, a_letter, a_notice, state_of, told

ROOT = Path(__file__).resolve().parents[3]
DELIVERER = """
import os
from api.background import deliveries
from api.settings import read_settings
from api.startup import open_service
from governance.messages.outbox import Holder
deliveries.deliver_batch(open_service(read_settings(os.environ)), Holder("doomed", sole=True))
"""


@pytest.fixture
def shared(tmp_path: Path, fresh_postgres: str, clock: Clock) -> Iterator[Service]:
    """A service whose main database is a server."""
    home = {"LEADWARDEN_HOME": str(tmp_path / "home"), "LEADWARDEN_DATABASE_URL": fresh_postgres}
    opened = open_migrated(read_settings(home), clock)
    yield opened
    opened.close()


def test_many_deliverers_send_each_message_once(shared: Service, httpserver: HTTPServer) -> None:
    """Three over one queue on PostgreSQL: whoever has claimed a message has it alone."""
    httpserver.expect_request("/hook").respond_with_data("")
    settings = replace(shared.settings, webhook_url=httpserver.url_for("/hook"), webhook_secret=b"s" * 32)
    ready = replace(shared, settings=settings)
    messages = {a_notice(ready, number=number) for number in range(30)}

    def deliver(name: str) -> None:
        while deliveries.deliver_batch(ready, Holder(name)):
            pass

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(deliver, ["first", "second", "third"]))
    sent = [request.headers["webhook-id"] for request, _ in httpserver.log]

    assert sorted(sent) == sorted(messages)
    assert {state_of(ready, each)[0] for each in messages} == {"sent"}
    assert told(ready).count("message.sent") == 30


def test_a_killed_deliverer_loses_and_repeats_nothing(service: Service, clock: Clock) -> None:
    """`kill -9` while the mail server keeps it waiting: the next process sends the letter, told once."""
    clock.now = utc_now()  # the other process has no other
    letter = a_letter(service)
    with bad_server() as port:
        settings = {
            "LEADWARDEN_HOME": str(service.settings.home),
            "LEADWARDEN_SMTP_URL": f"smtp://127.0.0.1:{port}",
            "LEADWARDEN_MAIL_FROM": "privacy@example.com",
        }
        doomed = subprocess.Popen([sys.executable, "-c", DELIVERER], cwd=ROOT, env=os.environ | settings)
        try:
            assert wait_for_claim(service, letter)
        finally:
            doomed.send_signal(signal.SIGKILL)
            doomed.wait(10)
    with mail_server() as box:
        ready = replace(
            service,
            settings=replace(service.settings, smtp_url=box.url, mail_from="privacy@example.com"),
        )
        deliveries.step(ready, ready.clock())

    assert box.recipients == [ANNA]
    assert state_of(ready, letter) == ("sent", 1, None)
    assert told(ready) == ["message.queued", "message.sent"]


def wait_for_claim(service: Service, message_id: str) -> bool:
    """Whether another process has claimed the message within half a minute."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with service.main.read() as session:
            if session.get_one(MessageRow, message_id).lease_owner == "doomed":
                return True
        time.sleep(0.05)
    return False
