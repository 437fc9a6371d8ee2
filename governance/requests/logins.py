"""A login at the controller as a proof of who asks: each token once, and for what it names only."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from audit.log import Appended
from governance.errors import HandOverRefusedError, IllegalChangeError
from governance.requests import case_file, proofs, records, subjects
from governance.requests.coverage import covers
from governance.requests.handover import HandOver
from governance.requests.tables import LoginRow
from governance.requests.vocabulary import Method, Status
from governance.vault.keyring import Keyring
from governance.vault.sealing import DataKey


def take(
    session: Session, keyring: Keyring, key: DataKey, handed: HandOver, *, now: datetime, actor: str
) -> Appended:
    """Keeps the login as a proof of the request that `key` belongs to.

    Raises:
        RequestUnknownError: there is no such request.
        IllegalChangeError: it awaits no verification.
        HandOverRefusedError: the token was used, or is about somebody else than the request.
    """
    row = records.load(session, key.owner)
    if row.status != Status.AWAITING_VERIFICATION:
        raise IllegalChangeError("the request awaits no verification")
    session.execute(delete(LoginRow).where(LoginRow.until <= now))
    if session.get(LoginRow, handed.used) is not None:
        raise HandOverRefusedError("the token was used before")
    _use_up(session, handed)
    identities = case_file.open_identities(key, row.id, row.sealed_version, row.identities or b"")
    asked = [subjects.identifier_of(identity) for identity in identities]
    if not covers(session, keyring, handed.reference, asked, records.leads_of(session, row.id)):
        raise HandOverRefusedError("the login is not that of the person whom the request is about")
    return proofs.keep_checked(session, row, Method.LOGIN, covers=True, now=now, actor=actor)


def _use_up(session: Session, handed: HandOver) -> None:
    """Keeps that the token was used; of two uses at once the second waits here for the first.

    Raises:
        HandOverRefusedError: the other use was committed meanwhile.
    """
    session.add(LoginRow(token=handed.used, until=handed.until))
    try:
        session.flush()
    except IntegrityError:
        raise HandOverRefusedError("the token was used before") from None
