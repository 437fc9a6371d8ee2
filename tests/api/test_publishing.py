"""The two ways beside the file: what a receiver gets, and what it can check with it."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from api.background import sequencer
from api.context import Service
from api.mailing import Post
from api.publishing import MailPublication, WebhookPublication, checkpoint_id, outlets
from audit import stored_tree
from audit.__main__ import main
from audit.actions import Action
from audit.errors import CheckpointRefusedError, PublicationError
from audit.export import Period, page, plan
from audit.log import append
from tests.api.receivers import bad_server, free_port, mail_server
from tests.conftest import Clock

NOTE = "leadwarden\n3\nabc=\n\n\u2014 leadwarden xyz=\n"


def append_one(service: Service) -> None:
    """One more entry."""
    now = service.clock()
    service.main.write(lambda session: append(session, Action.AUDIT_READ, actor="auditor", now=now))


def exported(service: Service, path: Path) -> Path:
    """The whole log as a file."""
    with service.main.read() as session:
        whole = plan(session, Period(None, None))
        path.write_bytes(bytes(whole.header) + b"".join(page(session, *each) for each in whole.pages()))
    return path


def test_the_webhook_carries_the_note_as_it_was_signed(httpserver: HTTPServer, clock: Clock) -> None:
    """Under an id that is the same for the same checkpoint."""
    httpserver.expect_request("/hook").respond_with_data("")
    publication = WebhookPublication(httpserver.url_for("/hook"), b"s" * 32, clock)
    publication.publish(NOTE)
    request, _ = httpserver.log[0]

    assert request.json["type"] == "checkpoint.published"
    assert request.json["data"] == {"checkpoint": NOTE}
    assert request.headers["webhook-id"] == checkpoint_id(NOTE)


@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 maybe\r\n\r\n", b"\x00" * 64 + b"\r\n\r\n"], ids=["word", "zeros"]
)
def test_a_malformed_reply_is_a_named_error(clock: Clock, said: bytes) -> None:
    """Never a traceback."""
    with bad_server(said) as port:
        publication = WebhookPublication(f"http://127.0.0.1:{port}/hook", b"s" * 32, clock)
        with pytest.raises(CheckpointRefusedError, match="malformed_answer"):
            publication.publish(NOTE)


def test_a_mail_server_that_is_away_is_a_named_error(clock: Clock) -> None:
    """As every other way."""
    post = Post(f"smtp://127.0.0.1:{free_port()}", "privacy@example.com", "Example")
    with pytest.raises(PublicationError, match="unreachable"):
        MailPublication(post, "auditor@example.com", clock).publish(NOTE)


def test_the_auditors_mail_catches_a_rollback(started: Service, clock: Clock, tmp_path: Path) -> None:
    """Its attachment is what `--since` takes: the log passes, a log that forgot its end does not."""
    exports = []
    for name in ("before", "after"):
        append_one(started)
        sequencer.step(started, clock.now)
        exports.append(exported(started, tmp_path / name))
    with started.main.read() as session:
        note = stored_tree.head_note(session) or ""
    with mail_server() as box:
        post = Post(box.url, "privacy@example.com", "Example")
        MailPublication(post, "auditor@example.com", clock).publish(note)
    [attachment] = box.mails[0].iter_attachments()
    since = tmp_path / str(attachment.get_filename())
    since.write_bytes(attachment.get_content())
    key = str(started.log_signer.key)
    exits = [main(["verify", str(log), "--key", key, "--since", str(since)]) for log in exports]

    assert since.read_bytes() == note.encode()
    assert exits == [1, 0]
    assert box.recipients == ["auditor@example.com"]


def test_only_what_is_set_is_used(service: Service, clock: Clock, now: datetime) -> None:
    """Nothing by default; each by its own settings."""
    webhook = replace(service.settings, webhook_url="https://example.com", webhook_secret=b"s" * 32)
    mail = replace(service.settings, smtp_url="smtps://x", mail_from="a@b.c", auditor_mail="d@e.f")

    assert outlets(service.settings, clock) == ()
    assert [each.way for each in outlets(webhook, clock)] == ["webhook"]
    assert [each.way for each in outlets(mail, clock)] == ["mail"]
