"""Sends mails over SMTP: encrypted, except to this machine; one connection for many of them.

Whether headers can be forged is decided by `email`: its policy refuses a line break in any of them, and
addresses are checked before a mail is queued (`governance.messages.addresses`).
"""

import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from api.destinations import LOOPBACK
from api.errors import DeliveryError
from api.settings import Settings
from governance.messages.addresses import is_address
from governance.messages.patience import DeliveryCode

LONGEST_SECONDS = 10.0  # for each step of the conversation
PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Post:
    """The mail server and the name that mails come from."""

    url: str = field(repr=False)
    sender: str
    controller: str


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail; `id` becomes its Message-ID, the same at every try."""

    id: str
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    attachment: tuple[str, bytes] | None = field(default=None, repr=False)


def post_of(settings: Settings) -> Post | None:
    """The mail server, where one and a sender are set."""
    if settings.smtp_url is None or settings.mail_from is None:
        return None
    return Post(settings.smtp_url, settings.mail_from, settings.controller)


def composed(post: Post, mail: Mail, at: datetime) -> EmailMessage:
    """The mail as it is sent; `Auto-Submitted` keeps absence notes away (RFC 3834).

    Raises:
        DeliveryError: an address or a subject that no header can carry.
    """
    if not is_address(mail.to):
        raise DeliveryError(DeliveryCode.RECIPIENT_REFUSED)
    message = EmailMessage(policy=SMTP.clone(utf8=not mail.to.isascii()))
    local, _, domain = mail.to.rpartition("@")
    try:
        message["From"] = Address(display_name=post.controller, addr_spec=post.sender)
        message["To"] = Address(username=local, domain=domain)  # an addr_spec would have to be ASCII
        message["Subject"] = mail.subject
    except ValueError:
        raise DeliveryError(DeliveryCode.RECIPIENT_REFUSED) from None
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{mail.id}@{post.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    if mail.attachment is not None:
        name, content = mail.attachment
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message


class Carrier:
    """A connection for one thread: opened for the first mail, and anew after each failure."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._server: smtplib.SMTP | None = None

    def carry(self, message: EmailMessage) -> None:
        """Sends one mail; returns when the server took it.

        Raises:
            DeliveryError: no connection, no encryption, no login, or a no to this mail.
        """
        try:
            self._server = self._server or _opened(self._post)
        except (OSError, ValueError) as error:  # an SMTPException is an OSError
            raise DeliveryError(reason_of(error)) from None
        try:
            self._server.send_message(message)
        except (
            smtplib.SMTPNotSupportedError
        ):  # an address beyond ASCII, and a server that takes none (RFC 6531)
            raise DeliveryError(DeliveryCode.RECIPIENT_REFUSED) from None
        except (OSError, ValueError) as error:
            self.close()
            raise DeliveryError(reason_of(error)) from None

    def close(self) -> None:
        """Politely where the server still listens."""
        server, self._server = self._server, None
        if server is not None:
            _close(server)


def _opened(post: Post) -> smtplib.SMTP:
    """Connected, encrypted and logged in."""
    parts = urlsplit(post.url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=LONGEST_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=LONGEST_SECONDS)
    try:
        if parts.scheme == "smtp" and host not in LOOPBACK:
            server.starttls(context=context)
        if parts.username is not None:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _close(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except OSError:
        server.close()


def reason_of(error: Exception) -> DeliveryCode:
    """The closed code of what went wrong; a mail server's words may repeat the address, so they end here."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        final = all(code >= PERMANENT for code, _ in error.recipients.values())
        return DeliveryCode.RECIPIENT_REFUSED if final else DeliveryCode.THROTTLED
    if isinstance(error.__context__, TimeoutError):  # smtplib calls a server that is silent disconnected
        return DeliveryCode.TIMED_OUT
    for kind, code in _REASONS:
        if isinstance(error, kind):
            return code
    return DeliveryCode.UNEXPECTED


PERMANENT = 500  # RFC 5321, section 4.2.1: 5yz is a lasting no, 4yz one for now

_REASONS: tuple[tuple[type[Exception], DeliveryCode], ...] = (
    (smtplib.SMTPAuthenticationError, DeliveryCode.LOGIN_REFUSED),
    (smtplib.SMTPSenderRefused, DeliveryCode.SENDER_REFUSED),
    (smtplib.SMTPNotSupportedError, DeliveryCode.INSECURE),  # no STARTTLS, or no login over it
    (TimeoutError, DeliveryCode.TIMED_OUT),
    (smtplib.SMTPServerDisconnected, DeliveryCode.UNREACHABLE),
    (smtplib.SMTPResponseException, DeliveryCode.REFUSED),
    (smtplib.SMTPException, DeliveryCode.MALFORMED_ANSWER),
    (ssl.SSLError, DeliveryCode.INSECURE),
    (OSError, DeliveryCode.UNREACHABLE),
)
