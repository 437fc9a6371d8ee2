"""From a reference to the leads that it fits: none, one, or the several that share an identifier."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from governance.errors import IdentityAmbiguousError, LeadUnknownError
from governance.identity import ById, Identifier, Reference
from governance.tables import IdentifierRow, LeadRow
from governance.vault.index import lookup_hashes
from governance.vault.keyring import Keyring

REFERENCES_A_STATEMENT = 1000

_BY_ID = select(LeadRow.id).where(LeadRow.id == bindparam("lead_id"))
_BY_HASH = (
    select(IdentifierRow.lead_id)
    .where(IdentifierRow.hash.in_([bindparam("current"), bindparam("former")]))
    .order_by(IdentifierRow.lead_id)
)
_BY_IDS = select(LeadRow.id).where(LeadRow.id.in_(bindparam("lead_ids", expanding=True)))
_BY_HASHES = (
    select(IdentifierRow.hash, IdentifierRow.lead_id)
    .where(IdentifierRow.hash.in_(bindparam("hashes", expanding=True)))
    .order_by(IdentifierRow.lead_id)
)


def resolve(session: Session, keyring: Keyring, reference: Reference) -> tuple[str, ...]:
    """The ids of all leads that the reference fits, each once, in a steady order."""
    return resolve_core(session.connection(), keyring, reference)


def resolve_core(connection: Connection, keyring: Keyring, reference: Reference) -> tuple[str, ...]:
    """`resolve` without the ORM, for the hot path."""
    if isinstance(reference, ById):
        return tuple(connection.execute(_BY_ID, {"lead_id": reference.lead_id}).scalars())
    hashes = lookup_hashes(keyring, reference.kind, reference.key)
    found = connection.execute(_BY_HASH, {"current": hashes[0], "former": hashes[-1]}).scalars()
    return tuple(dict.fromkeys(found))


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
    """`resolve` for each of the references, in their order, with two statements a thousand of them."""
    return resolve_many_core(session.connection(), keyring, references)


def resolve_many_core(
    connection: Connection, keyring: Keyring, references: Sequence[Reference]
) -> list[tuple[str, ...]]:
    """`resolve_many` without the ORM, for batches of checks."""
    answers: list[tuple[str, ...]] = []
    for start in range(0, len(references), REFERENCES_A_STATEMENT):
        answers += _resolve_part(connection, keyring, references[start : start + REFERENCES_A_STATEMENT])
    return answers


def _resolve_part(
    connection: Connection, keyring: Keyring, references: Sequence[Reference]
) -> list[tuple[str, ...]]:
    """`resolve_many` for as many as one statement takes."""
    hashes = [_hashes(keyring, reference) for reference in references]
    by_hash = _holders(connection, [one for several in hashes for one in several])
    named = [reference.lead_id for reference in references if isinstance(reference, ById)]
    known = _known(connection, named)
    return [
        _known_only(reference, known)
        if isinstance(reference, ById)
        else tuple(dict.fromkeys(lead for one in several for lead in by_hash.get(one, ())))
        for reference, several in zip(references, hashes, strict=True)
    ]


def holders(session: Session, hashes: Sequence[bytes]) -> dict[bytes, list[str]]:
    """The leads that hold an identifier of each hash; a hash that nobody holds is absent."""
    return _holders(session.connection(), hashes)


def _holders(connection: Connection, hashes: Sequence[bytes]) -> dict[bytes, list[str]]:
    """`holders` without the ORM."""
    held: dict[bytes, list[str]] = {}
    if hashes:
        for value, lead_id in connection.execute(_BY_HASHES, {"hashes": hashes}):
            held.setdefault(value, []).append(lead_id)
    return held


def _hashes(keyring: Keyring, reference: Reference) -> tuple[bytes, ...]:
    """Under which hashes the reference may stand; none for an id."""
    if isinstance(reference, Identifier):
        return lookup_hashes(keyring, reference.kind, reference.key)
    return ()


def _known(connection: Connection, lead_ids: Sequence[str]) -> frozenset[str]:
    """Which of the ids are leads."""
    if not lead_ids:
        return frozenset()
    return frozenset(connection.execute(_BY_IDS, {"lead_ids": lead_ids}).scalars())


def _known_only(reference: ById, known: frozenset[str]) -> tuple[str, ...]:
    """The id itself, if it is a lead's."""
    return (reference.lead_id,) if reference.lead_id in known else ()
