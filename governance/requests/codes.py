"""Showing who asks by a code sent to an address, which the person enters on a public page.

Whether anybody is known under the address changes nothing: the code is sent, counted and compared alike, and
the same is said. Of a code nothing is kept but a keyed hash; it is good for a day, for five tries, and once.
A code that was tried too often counts as one failed verification, of which the third refuses the request.
"""

import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from audit.actions import Action as Told
from audit.log import Appended
from consent.vocabulary import IdentifierKind
from governance.errors import CodeLimitError, CodeUnsendableError, IllegalChangeError
from governance.identity import Identifier
from governance.messages.queue import post
from governance.messages.topics import Topic
from governance.requests import proofs, records, review
from governance.requests.coverage import covers
from governance.requests.tables import CodeRow, RequestRow
from governance.requests.vocabulary import Method, Status, Submitter
from governance.vault.index import keyed_hash, link_keys
from governance.vault.keyring import Keyring
from governance.vault.sealing import DataKey

DIGITS = 8
GOOD_FOR = timedelta(hours=24)
MOST_TRIES = 5
MOST_LETTERS = 3
"""How many codes an address is sent within an hour, whoever asks for them: nobody is flooded by others."""

LETTERS_WITHIN = timedelta(hours=1)
_CODE, _ADDRESS = "verification-code", "verification-address"  # each with a key of its own


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a code goes, and whether it shows who the whole request is about."""

    address: str = field(repr=False)
    covers: bool


@dataclass(frozen=True, slots=True)
class Wording:
    """Who writes, and where the code is entered."""

    company: str
    page: str


def destination(
    session: Session,
    keyring: Keyring,
    row: RequestRow,
    asked: Sequence[Identifier],
    own: Sequence[Identifier],
) -> Destination:
    """Where the code of a request goes: the first address that was asked for, else one that the lead has.

    Raises:
        CodeUnsendableError: nothing is known to write to.
    """
    addresses = _mail_of(asked) or _mail_of(own)
    if not addresses:
        raise CodeUnsendableError("no mail address is known to send a code to")
    leads = records.leads_of(session, row.id)
    return Destination(addresses[0].text, covers(session, keyring, addresses[0], asked, leads))


def send(
    session: Session,
    keyring: Keyring,
    key: DataKey,
    to: Destination,
    wording: Wording,
    *,
    now: datetime,
    actor: str,
) -> Appended:
    """Sends a fresh code for the request that `key` belongs to; an earlier one is worth nothing any more.

    Raises:
        IllegalChangeError: the request awaits no verification.
        CodeLimitError: the address was sent enough for now.
    """
    request_id = key.owner
    row = records.load(session, request_id)
    if row.status != Status.AWAITING_VERIFICATION:
        raise IllegalChangeError("the request awaits no verification")
    address = _hash(keyring, _ADDRESS, to.address)[0]
    lately = select(func.count()).where(CodeRow.address == address, CodeRow.sent_at > now - LETTERS_WITHIN)
    if (session.scalar(lately) or 0) >= MOST_LETTERS:
        raise CodeLimitError("this address was sent enough codes for now")
    number = _end_all(session, request_id, now) + 1
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    session.add(
        CodeRow(
            request_id=request_id,
            number=number,
            digest=_hash(keyring, _CODE, _said(request_id, number, code))[0],
            address=address,
            covers=to.covers,
            sent_at=now,
            expires_at=now + GOOD_FOR,
        )
    )
    told = records.tell(session, request_id, Told.REQUEST_CODE_SENT, actor=actor, now=now)
    subject = "Your code for the request about your data"
    post(
        session,
        key,
        Topic.CODE_SENT,
        to=to.address,
        subject=subject,
        text=letter(row, code, wording),
        now=now,
    )
    return told


def enter(
    session: Session, keyring: Keyring, request_id: str, code: str, *, now: datetime, actor: str
) -> bool:
    """Takes a code that somebody entered; says whether it is the one that was sent.

    What is not a number of ours, what is too old and what is wrong are all the same no.
    """
    row = session.get(RequestRow, request_id, with_for_update=True)
    sent = _living(session, request_id, now) if row is not None else None
    number = sent.number if sent is not None else 0
    wanted = sent.digest if sent is not None else secrets.token_bytes(32)
    digests = _hash(keyring, _CODE, _said(request_id, number, code))
    fits = any([hmac.compare_digest(wanted, digest) for digest in digests])  # noqa: C419 - all, in equal time
    if row is None or sent is None or row.status != Status.AWAITING_VERIFICATION:
        return False
    if fits:
        sent.ended_at = now
        proofs.keep_checked(session, row, Method.CODE, covers=sent.covers, now=now, actor=actor)
        return True
    sent.tries += 1
    if sent.tries >= MOST_TRIES:
        sent.ended_at = now
        review.verify(session, request_id, Method.CODE, passed=False, now=now, actor=actor)
    return False


def digits_of(text: str) -> str | None:
    """The digits of a code as a person writes it; None for what can not be one. Pure."""
    digits = re.sub(r"[\s\u00a0.-]", "", text)
    return digits if re.fullmatch(rf"[0-9]{{{DIGITS}}}", digits) else None


def letter(row: RequestRow, code: str, wording: Wording) -> str:
    """The mail with the code, in plain words. Pure."""
    half = DIGITS // 2
    by_agent = row.submitted_by == Submitter.AUTHORISED_AGENT
    asker = "Somebody who says that they act for you" if by_agent else "Somebody, and we think it was you,"
    return (
        f"{asker} sent a request about your data to {wording.company}.\n\n"
        f"The code is: {code[:half]} {code[half:]}\n"
        f"The number of the request is: {row.id}\n\n"
        f"If that is what you want, enter both within {GOOD_FOR.days * 24} hours on this page:\n"
        f"{wording.page}\n\n"
        f"If you know nothing of it, do nothing: without the code nothing is shown, changed or erased.\n"
        f"Tell the code to nobody. Nobody of {wording.company} will ask you for it.\n"
    )


def _mail_of(identifiers: Sequence[Identifier]) -> list[Identifier]:
    return [each for each in identifiers if each.kind is IdentifierKind.EMAIL]


def _living(session: Session, request_id: str, now: datetime) -> CodeRow | None:
    """The code that may still be entered."""
    query = select(CodeRow).where(
        CodeRow.request_id == request_id, CodeRow.ended_at.is_(None), CodeRow.expires_at > now
    )
    return session.scalars(query.with_for_update()).first()


def _end_all(session: Session, request_id: str, now: datetime) -> int:
    """Ends the codes that were sent before; returns how many there were."""
    open_codes = (CodeRow.request_id == request_id, CodeRow.ended_at.is_(None))
    session.execute(update(CodeRow).where(*open_codes).values(ended_at=now))
    return session.scalar(select(func.count()).where(CodeRow.request_id == request_id)) or 0


def _hash(keyring: Keyring, kind: str, text: str) -> tuple[bytes, ...]:
    """Keyed hashes, that of the newest key first."""
    return tuple(keyed_hash(key, text.encode()) for key in link_keys(keyring, kind))


def _said(request_id: str, number: int, code: str) -> str:
    """A code is bound to its request, and to the letter in which it was sent."""
    return f"{request_id}/{number}/{code}"
