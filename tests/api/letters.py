"""A service that can write to people, and what it wrote."""

import re
from dataclasses import replace

from sqlalchemy import select

from api.context import Service
from governance.messages.queue import open_letter
from governance.messages.tables import MessageRow
from governance.vault.keys import load


def writing(service: Service) -> Service:
    """The service with a mail server; nothing is sent, for no duty runs."""
    settings = replace(service.settings, smtp_url="smtp://127.0.0.1:2525", mail_from="privacy@example.com")
    return replace(service, settings=settings)


def letters(service: Service) -> list[dict[str, str | None]]:
    """Every letter in the queue, opened, the oldest first."""
    with service.main.read() as session:
        rows = session.scalars(select(MessageRow).order_by(MessageRow.id)).all()
    sealed = [row for row in rows if row.sealed is not None and row.owner is not None]
    with service.keys.read() as session:
        keys = load(session, service.keyring, sorted({row.owner or "" for row in sealed}))
    return [open_letter(keys[row.owner or ""], row.id, row.sealed or b"") for row in sealed]


def newest_code(service: Service) -> str:
    """The code of the newest letter that has one, as it is written there."""
    texts = [letter["text"] or "" for letter in letters(service)]
    found = [match[1] for one in texts if (match := re.search(r"code is: (\d{4} \d{4})", one))]
    return found[-1]
