"""Mails: what their headers say, what they can not be made to say, and a named error for each failure."""

import smtplib
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

import pytest

from api import mailing
from api.errors import DeliveryError
from api.mailing import Carrier, Mail, Post
from governance.messages.patience import DeliveryCode
from tests.api.receivers import Mailbox, bad_server, free_port, mail_server

MAIL = Mail("id-1", "anna@example.com", "Your request", "Dear Anna,\nall is done. Grüße")


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A mail server."""
    with mail_server() as found:
        yield found


def post(url: str) -> Post:
    """That server, and us."""
    return Post(url, "privacy@example.com", "Example, GmbH")


def failed(url: str, now: datetime, mail: Mail = MAIL) -> DeliveryCode:
    """Why a mail does not go."""
    with closing(Carrier(post(url))) as carrier, pytest.raises(DeliveryError) as caught:
        carrier.carry(mailing.composed(post(url), mail, now))
    assert "anna" not in str(caught.value)
    return caught.value.reason


def test_a_mail_arrives_as_it_was_meant(box: Mailbox, now: datetime) -> None:
    """Names, subject, text; an id that stays the same; no absence note comes back. One connection for two."""
    with closing(Carrier(post(box.url))) as carrier:
        for _ in range(2):
            carrier.carry(mailing.composed(post(box.url), MAIL, now))
    mail = box.mails[0]

    assert box.recipients == ["anna@example.com"] * 2
    assert mail["From"] == '"Example, GmbH" <privacy@example.com>'
    assert mail["Message-ID"] == "<id-1@example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().replace("\r\n", "\n") == "Dear Anna,\nall is done. Grüße\n"


@pytest.mark.parametrize(
    "mail",
    [
        Mail("id-1", "anna@example.com\nBcc: eve@example.com", "x", "x"),
        Mail("id-1", "anna@example.com", "x\r\nBcc: eve@example.com", "x"),
        Mail("id-1", "anna@example.com, eve@example.com", "x", "x"),
    ],
    ids=["address", "subject", "list"],
)
def test_no_header_can_be_smuggled_in(now: datetime, mail: Mail) -> None:
    """A line break or a second address is refused, by the mail library too."""
    with pytest.raises(DeliveryError):
        mailing.composed(post("smtp://127.0.0.1"), mail, now)


@pytest.mark.parametrize(
    ("answer", "code"),
    [("550 no such user", DeliveryCode.RECIPIENT_REFUSED), ("451 later", DeliveryCode.THROTTLED)],
    ids=["for ever", "for now"],
)
def test_a_refused_recipient_is_a_code(box: Mailbox, now: datetime, answer: str, code: DeliveryCode) -> None:
    """The server's words, which repeat the address, end here."""
    box.refusals["anna@example.com"] = answer

    assert failed(box.url, now) is code


def test_an_address_beyond_ascii_goes_where_the_server_takes_it(box: Mailbox, now: datetime) -> None:
    """RFC 6531; another server refuses the recipient, and nothing is said to be insecure."""
    mail = Mail("id-1", "änna@bücher.example", "Your request", "Dear Änna")
    with closing(Carrier(post(box.url))) as carrier:
        carrier.carry(mailing.composed(post(box.url), mail, now))
    with mail_server(enable_SMTPUTF8=False) as old:
        assert failed(old.url, now, mail) is DeliveryCode.RECIPIENT_REFUSED

    assert box.recipients == ["änna@bücher.example"]


def test_nobody_listening_is_unreachable(now: datetime) -> None:
    """A port without a server."""
    assert failed(f"smtp://127.0.0.1:{free_port()}", now) is DeliveryCode.UNREACHABLE


def test_a_server_that_hangs_is_a_named_error(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connected, and no greeting."""
    monkeypatch.setattr(mailing, "LONGEST_SECONDS", 0.2)
    with bad_server() as port:
        assert failed(f"smtp://127.0.0.1:{port}", now) is DeliveryCode.TIMED_OUT


def test_no_mail_goes_over_a_line_that_others_read(box: Mailbox, now: datetime) -> None:
    """A server that is not this machine, as `127.1` looks, gets nothing without STARTTLS."""
    assert failed(box.url.replace("127.0.0.1", "127.1"), now) is DeliveryCode.INSECURE
    assert box.mails == []


def test_a_login_that_the_server_does_not_know_is_insecure(box: Mailbox, now: datetime) -> None:
    """Credentials were set, so nothing goes without them."""
    assert failed(box.url.replace("//", "//user:secret@"), now) is DeliveryCode.INSECURE


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (smtplib.SMTPAuthenticationError(535, b"no"), DeliveryCode.LOGIN_REFUSED),
        (smtplib.SMTPSenderRefused(550, b"no", "x"), DeliveryCode.SENDER_REFUSED),
        (smtplib.SMTPDataError(554, b"spam"), DeliveryCode.REFUSED),
        (smtplib.SMTPServerDisconnected("x"), DeliveryCode.UNREACHABLE),
        (ValueError("x"), DeliveryCode.UNEXPECTED),
    ],
    ids=lambda value: value.value if isinstance(value, DeliveryCode) else type(value).__name__,
)
def test_every_failure_has_a_code(error: Exception, code: DeliveryCode) -> None:
    """Closed, whatever a server says."""
    assert mailing.reason_of(error) is code
