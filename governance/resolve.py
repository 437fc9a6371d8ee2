"""From a reference to the leads that it fits: none, one, or the several that share an identifier."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from audit.statements import HeldSelect
from governance.errors import IdentityAmbiguousError, LeadUnknownError
from governance.identity import ById, Identifier, Reference
from governance.tables import IdentifierRow, LeadRow
from governance.vault.index import lookup_hashes
from governance.vault.keyring import Keyring

_BY_ID = HeldSelect(LeadRow, "id", by="id")
_BY_HASH = HeldSelect(IdentifierRow, "hash", "lead_id", by="hash", order="lead_id")


def resolve(session: Session, keyring: Keyring, reference: Reference) -> tuple[str, ...]:
    """The ids of all leads that the reference fits, each once, in a steady order."""
    return resolve_core(session.connection(), keyring, reference)


def resolve_core(connection: Connection, keyring: Keyring, reference: Reference) -> tuple[str, ...]:
    """`resolve` without the ORM, for the hot path."""
    if isinstance(reference, ById):
        return tuple([lead_id for (lead_id,) in _BY_ID.rows(connection, (reference.lead_id,))])
    found = _BY_HASH.rows(connection, lookup_hashes(keyring, reference.kind, reference.key))
    return tuple(dict.fromkeys([lead_id for _, lead_id in found]))


def sole(session: Session, keyring: Keyring, reference: Reference) -> str:
    """The one lead that the reference fits.

    Raises:
        LeadUnknownError: It fits none.
        IdentityAmbiguousError: It fits several.
    """
    found = resolve(session, keyring, reference)
    if not found:
        raise LeadUnknownError("the reference fits no lead")
    if len(found) > 1:
        raise IdentityAmbiguousError(f"the reference fits {len(found)} leads")
    return found[0]


def resolve_many(
    session: Session, keyring: Keyring, references: Sequence[Reference]
) -> list[tuple[str, ...]]:
    """`resolve` for each of the references, in their order, with one statement for hundreds of them."""
    return resolve_many_core(session.connection(), keyring, references)


def resolve_many_core(
    connection: Connection, keyring: Keyring, references: Sequence[Reference]
) -> list[tuple[str, ...]]:
    """`resolve_many` without the ORM, for batches of checks."""
    hashes = [_hashes(keyring, reference) for reference in references]
    by_hash = _holders(connection, [one for several in hashes for one in several])
    named = [reference.lead_id for reference in references if isinstance(reference, ById)]
    known = {lead_id for (lead_id,) in _BY_ID.rows(connection, named)}
    return [
        _known_only(reference, known)
        if isinstance(reference, ById)
        else tuple(dict.fromkeys([lead for one in several for lead in by_hash.get(one, ())]))
        for reference, several in zip(references, hashes, strict=True)
    ]


def holders(session: Session, hashes: Sequence[bytes]) -> dict[bytes, list[str]]:
    """The leads that hold an identifier of each hash; a hash that nobody holds is absent."""
    return _holders(session.connection(), hashes)


def _holders(connection: Connection, hashes: Sequence[bytes]) -> dict[bytes, list[str]]:
    """`holders` without the ORM."""
    held: dict[bytes, list[str]] = {}
    for value, lead_id in _BY_HASH.rows(connection, hashes):
        held.setdefault(value, []).append(lead_id)
    return held


def _hashes(keyring: Keyring, reference: Reference) -> tuple[bytes, ...]:
    """Under which hashes the reference may stand; none for an id."""
    if isinstance(reference, Identifier):
        return lookup_hashes(keyring, reference.kind, reference.key)
    return ()


def _known_only(reference: ById, known: Collection[str]) -> tuple[str, ...]:
    """The id itself, if it is a lead's."""
    return (reference.lead_id,) if reference.lead_id in known else ()
