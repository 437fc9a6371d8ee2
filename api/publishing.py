"""Where checkpoints go beside the file: the webhook, and the auditor's mailbox."""

import hashlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from api import mailing, webhooks
from api.errors import DeliveryError
from api.mailing import Carrier, Mail, Post, post_of
from api.settings import Settings
from audit.errors import CheckpointRefusedError
from audit.publication import Publication
from governance.messages.topics import HEADLINES, Topic

WEBHOOK_EVERY = timedelta(seconds=10)
MAIL_EVERY = timedelta(days=1)

LETTER = """\
This is a signed checkpoint of the log. Keep this mail where the service's operator can not change it.

{note}
The attachment holds the same lines. An export of the log that does not contain it was rolled back or forked:

    python -m audit verify EXPORT --key PUBLIC_KEY --since checkpoint.txt
"""


@dataclass(frozen=True, slots=True)
class Outlet:
    """A way out: how to publish, and how often at most."""

    way: str
    publication: Publication
    every: timedelta


class WebhookPublication:
    """Posts each checkpoint to the webhook, signed like every other."""

    def __init__(self, url: str, secret: bytes, clock: Callable[[], datetime]) -> None:
        self._url, self._secret, self._clock = url, secret, clock

    def publish(self, note: str) -> None:
        """See `Publication.publish`."""
        now = self._clock()
        body = webhooks.payload(Topic.CHECKPOINT_PUBLISHED, now, {"checkpoint": note})
        try:
            webhooks.send(self._url, self._secret, checkpoint_id(note), now, body)
        except DeliveryError as error:
            raise CheckpointRefusedError(error.reason) from None


class MailPublication:
    """Mails a checkpoint to the auditor, as text and as a file to verify with."""

    def __init__(self, post: Post, to: str, clock: Callable[[], datetime]) -> None:
        self._post, self._to, self._clock = post, to, clock

    def publish(self, note: str) -> None:
        """See `Publication.publish`."""
        mail = Mail(
            checkpoint_id(note),
            self._to,
            HEADLINES[Topic.CHECKPOINT_PUBLISHED],
            LETTER.format(note=note),
            attachment=("checkpoint.txt", note.encode()),
        )
        try:
            with closing(Carrier(self._post)) as carrier:
                carrier.carry(mailing.composed(self._post, mail, self._clock()))
        except DeliveryError as error:
            raise CheckpointRefusedError(error.reason) from None


def outlets(settings: Settings, clock: Callable[[], datetime]) -> tuple[Outlet, ...]:
    """The ways that are set."""
    found = []
    if settings.webhook_url is not None and settings.webhook_secret is not None:
        webhook = WebhookPublication(settings.webhook_url, settings.webhook_secret, clock)
        found.append(Outlet("webhook", webhook, WEBHOOK_EVERY))
    post = post_of(settings)
    if post is not None and settings.auditor_mail is not None:
        found.append(Outlet("mail", MailPublication(post, settings.auditor_mail, clock), MAIL_EVERY))
    return tuple(found)


def checkpoint_id(note: str) -> str:
    """The same for the same checkpoint, so that a receiver can tell a repetition."""
    return f"checkpoint-{hashlib.sha256(note.encode()).hexdigest()[:32]}"
