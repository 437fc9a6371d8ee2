"""A link by which a person fetches their package once, locked with a passphrase told by another way.

Of the link's token only a digest is kept, of the passphrase only what is sealed under the request's key. The
first fetching deletes both; a new link makes the one before it worthless. The entry that the package is
opened is committed before anything is.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from audit.actions import Action as Told
from audit.entry import SERVICE
from audit.log import Appended
from governance import openings
from governance.openings import Opener, Refused
from governance.requests import case_file, handing_out, records
from governance.requests.tables import PackageLinkRow
from governance.vault.locked_zip import new_passphrase
from governance.vault.sealing import DataKey

GOOD_FOR = timedelta(days=3)
LONGEST = timedelta(days=14)
TOKEN_BYTES = 32
PASSPHRASE = "package_passphrase"  # noqa: S105 - the permanent name of what is sealed


@dataclass(frozen=True, slots=True)
class Made:
    """A link, shown this once: nothing here can show it again."""

    token: str = field(repr=False)
    passphrase: str = field(repr=False)
    good_until: datetime
    told: Appended


@dataclass(frozen=True, slots=True)
class Taken:
    """A link that was just used up: whose package it opens, and its passphrase, sealed."""

    request_id: str
    sealed: bytes = field(repr=False)


def make(
    session: Session, key: DataKey, *, good_for: timedelta, now: datetime, opener: Opener
) -> Made | Refused:
    """A fresh link to the package of the request that `key` belongs to; an earlier one is worth nothing now.

    Raises:
        RequestUnknownError, PackageMissingError: see `handing_out.require_package`.
    """
    row = handing_out.require_package(session, key.owner)
    leads = records.leads_of(session, row.id)
    refused = openings.admit(session, opener, people=max(len(leads), 1), now=now)
    if refused is not None:
        return refused
    token, passphrase = secrets.token_urlsafe(TOKEN_BYTES), new_passphrase()
    session.execute(delete(PackageLinkRow).where(PackageLinkRow.request_id == row.id))
    session.add(
        PackageLinkRow(
            request_id=row.id,
            digest=digest_of(token),
            sealed=case_file.seal_text(key, row.id, PASSPHRASE, passphrase),
            good_until=now + good_for,
        )
    )
    told = records.tell(session, row.id, Told.REQUEST_PACKAGE_LINKED, actor=opener.id, now=now)
    return Made(token, passphrase, now + good_for, told)


def take(session: Session, token: str, *, now: datetime) -> Taken | None:
    """Uses a link up; None where there is none, too late, or it was used: nobody learns which."""
    query = select(PackageLinkRow).where(PackageLinkRow.digest == digest_of(token)).with_for_update()
    row = session.scalars(query).first()
    if row is None:
        return None
    session.delete(row)
    if row.good_until <= now:
        return None
    records.tell_opening(session, row.request_id, Told.REQUEST_PACKAGE_OPENED, actor=SERVICE, now=now)
    return Taken(row.request_id, row.sealed)


def is_known(session: Session, token: str) -> bool:
    """Whether there is such a link, good or too old; only reads."""
    query = select(PackageLinkRow.request_id).where(PackageLinkRow.digest == digest_of(token))
    return session.scalars(query).first() is not None


def passphrase_of(key: DataKey, taken: Taken) -> str:
    """What the package is locked with.

    Raises:
        SealBroken: the row was changed by hand.
    """
    return case_file.open_text(key, taken.request_id, PASSPHRASE, taken.sealed)


def forget_old(session: Session, *, now: datetime) -> None:
    """Links whose time is over go, and their passphrases with them."""
    session.execute(delete(PackageLinkRow).where(PackageLinkRow.good_until <= now))


def digest_of(token: str) -> bytes:
    """What is kept of a token: it has 256 random bits, so a bare hash gives nothing away."""
    return hashlib.sha256(token.encode()).digest()
