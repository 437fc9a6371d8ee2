"""The rows that hold a lead's identifiers and profile: written sealed, found again by keyed hashes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from audit.ids import random_id
from audit.statements import HeldInsert
from governance.fields import FIRST_VERSION, seal_field, seal_identifier
from governance.identity import Identifier
from governance.tables import FieldRow, IdentifierRow
from governance.vault.index import lookup_hashes, suppression_hashes
from governance.vault.keyring import Keyring
from governance.vault.sealing import DataKey

IDENTIFIERS = HeldInsert(IdentifierRow, "id", "lead_id", "kind", "hash", "shared", "sealed")
FIELDS = HeldInsert(FieldRow, "lead_id", "name", "sealed", "record_version")

_HELD = select(IdentifierRow.hash, IdentifierRow.id, IdentifierRow.kind, IdentifierRow.shared).where(
    IdentifierRow.lead_id == bindparam("lead_id")
)
_VERSIONS = select(FieldRow.name, FieldRow.record_version).where(FieldRow.lead_id == bindparam("lead_id"))
_THIS_FIELD = (FieldRow.lead_id == bindparam("of_lead"), FieldRow.name == bindparam("of_name"))
_REWRITE = (
    update(FieldRow)
    .where(*_THIS_FIELD)
    .values(sealed=bindparam("new_sealed"), record_version=bindparam("new_version"))
)
NOTHING = b"null"

Row: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Hashed:
    """An identifier and every hash that it stands under: two of a kind while an index is made anew."""

    identifier: Identifier = field(repr=False)
    lookup: tuple[bytes, ...] = field(repr=False)
    suppression: tuple[bytes, ...] = field(repr=False)


def hashed(keyring: Keyring, identifiers: Iterable[Identifier]) -> tuple[Hashed, ...]:
    """The identifiers with their hashes under the keys of this moment."""
    return tuple(
        Hashed(
            one,
            lookup_hashes(keyring, one.kind, one.key),
            suppression_hashes(keyring, one.kind, one.key),
        )
        for one in identifiers
    )


def identifier_rows(key: DataKey, identifiers: Iterable[Hashed]) -> list[Row]:
    """A row for each hash of each identifier, for `IDENTIFIERS`."""
    rows: list[Row] = []
    for one in identifiers:
        for value in one.lookup:
            row_id = random_id()
            sealed = seal_identifier(key, row_id, one.identifier)
            shared = not one.identifier.identifying
            rows.append((row_id, key.owner, one.identifier.kind.value, value, shared, sealed))
    return rows


def field_rows(key: DataKey, profile: Mapping[str, bytes]) -> list[Row]:
    """A row for each field in its first version, for `FIELDS`."""
    return [
        (key.owner, name, seal_field(key, name, FIRST_VERSION, value), FIRST_VERSION)
        for name, value in profile.items()
    ]


def add_identifiers(session: Session, key: DataKey, identifiers: Sequence[Hashed]) -> list[Hashed]:
    """Give the lead those that it lacks, and return them; what is now known to identify does so."""
    connection = session.connection()
    held = {row.hash: row for row in connection.execute(_HELD, {"lead_id": key.owner})}
    fresh = [one for one in identifiers if not any(value in held for value in one.lookup)]
    IDENTIFIERS.many(connection, identifier_rows(key, fresh))
    no_longer_shared = [
        held[value].id
        for one in identifiers
        for value in one.lookup
        if one.identifier.identifying and value in held and held[value].shared
    ]
    if no_longer_shared:
        connection.execute(
            update(IdentifierRow).where(IdentifierRow.id.in_(no_longer_shared)).values(shared=False)
        )
    return fresh


def replace_identifiers(session: Session, key: DataKey, identifiers: Sequence[Hashed]) -> list[Hashed]:
    """Let these be the lead's only identifiers of their kinds; returns those that are new."""
    kinds = {one.identifier.kind.value for one in identifiers}
    kept = {value for one in identifiers for value in one.lookup}
    connection = session.connection()
    gone = [
        row.id
        for row in connection.execute(_HELD, {"lead_id": key.owner})
        if row.kind in kinds and row.hash not in kept
    ]
    if gone:
        connection.execute(delete(IdentifierRow).where(IdentifierRow.id.in_(gone)))
    return add_identifiers(session, key, identifiers)


def write_fields(session: Session, key: DataKey, profile: Mapping[str, bytes | None]) -> None:
    """Set the named fields, leave the others; None removes one. Writing again makes another version.

    What is removed is overwritten with nothing, in its next version: it can not be put back unnoticed.
    """
    if not profile:
        return
    connection = session.connection()
    versions = {row.name: row.record_version for row in connection.execute(_VERSIONS, {"lead_id": key.owner})}
    given = {name: value for name, value in profile.items() if value is not None and name not in versions}
    FIELDS.many(connection, field_rows(key, given))
    rewritten = [
        _rewritten(key, name, versions[name] + 1, NOTHING if value is None else value)
        for name, value in profile.items()
        if name in versions
    ]
    if rewritten:
        connection.execute(_REWRITE, rewritten)


def _rewritten(key: DataKey, name: str, version: int, value: bytes) -> dict[str, Any]:
    """The parameters of `_REWRITE`: the field sealed in its next version."""
    sealed = seal_field(key, name, version, value)
    return {"of_lead": key.owner, "of_name": name, "new_version": version, "new_sealed": sealed}
