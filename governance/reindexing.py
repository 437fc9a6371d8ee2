"""Identifiers move to a new look-up key: written under both hashes, then the old rows go."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from governance.custody import identifiers_of
from governance.holdings import IDENTIFIERS, hashed, identifier_rows, replace_identifiers
from governance.tables import IdentifierRow
from governance.vault.keyring import Keyring
from governance.vault.sealing import DataKey


def write_lacking(session: Session, keyring: Keyring, keys: Sequence[DataKey], told: str) -> int:
    """Adds the rows that these leads lack under any of the keyring's look-up keys; how many.

    `told` is the entry that says that they are opened for it.

    Doing it again adds nothing.
    """
    added = 0
    for key, identifiers in identifiers_of(session, keys, told):
        of_lead = IdentifierRow.lead_id == key.owner
        held = set(session.scalars(select(IdentifierRow.hash).where(of_lead)))
        lacking = [
            replace(one, lookup=tuple(value for value in one.lookup if value not in held))
            for one in hashed(keyring, identifiers)
        ]
        rows = identifier_rows(key, lacking)
        IDENTIFIERS.many(session.connection(), rows)
        added += len(rows)
    return added


def drop_outdated(session: Session, keyring: Keyring, keys: Sequence[DataKey], told: str) -> None:
    """Deletes the rows of these leads under keys that are no more; what is still valid stays."""
    for key, identifiers in identifiers_of(session, keys, told):
        replace_identifiers(session, key, hashed(keyring, identifiers))
