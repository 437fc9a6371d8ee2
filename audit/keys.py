"""The log's public keys: which one signs now, and which ones signed before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actions import Action
from audit.entry import SERVICE
from audit.log import append
from audit.note import Ed25519Key, Signer, parse_vkey
from audit.tables import PublicKeyRow


@dataclass(frozen=True, slots=True)
class LogKey:
    """A public key of the log and the time during which it signed; `until` is None for the present one."""

    vkey: str
    since: datetime
    until: datetime | None

    def key(self) -> Ed25519Key:
        """The key to verify with."""
        return parse_vkey(self.vkey)


def announce(session: Session, signer: Signer, *, now: datetime) -> bool:
    """Make `signer` the log's present key; True when it was not already.

    A change of key is an entry (`log.key_rotated`). Old public keys stay: what they signed still verifies.
    """
    present = session.scalars(select(PublicKeyRow).where(PublicKeyRow.until.is_(None))).all()
    if [row.vkey for row in present] == [signer.vkey]:
        return False
    for row in present:
        row.until = now
    session.flush()
    known = session.get(PublicKeyRow, signer.vkey)
    if known is None:
        session.add(PublicKeyRow(vkey=signer.vkey, origin=signer.name, since=now, until=None))
    else:
        known.until = None  # a restored key: it signs again
    session.flush()
    if present:
        facts = {"from": [row.vkey for row in present], "to": signer.vkey}
        append(session, Action.LOG_KEY_ROTATED, actor=SERVICE, now=now, facts=facts)
    return True


def listed(session: Session) -> Sequence[LogKey]:
    """Every key of the log, the oldest first."""
    rows = session.scalars(select(PublicKeyRow).order_by(PublicKeyRow.since, PublicKeyRow.vkey))
    return [LogKey(row.vkey, row.since, row.until) for row in rows]
