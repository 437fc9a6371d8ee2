"""Where the sealed fields of a lead belong, and how each is written: pure.

The table and column names here are permanent ids: they are part of what every stored field is bound to, so
changing one makes all of its fields unreadable. Renaming a table in the database changes nothing here.
"""

import json
from typing import Any

from consent.vocabulary import IdentifierKind
from governance.identity import SEPARATOR, Identifier
from governance.vault.sealing import Cell, DataKey, open_sealed, seal

FIRST_VERSION = 1


def seal_identifier(key: DataKey, row_id: str, identifier: Identifier) -> bytes:
    """An identifier, for the row of that id."""
    return seal(key, _identifier_cell(key.owner, row_id), identifier.key.encode())


def open_identifier(key: DataKey, row_id: str, kind: str, sealed: bytes, *, shared: bool) -> Identifier:
    """The identifier of a row; what was known of it besides kind and value is not kept with it.

    Raises:
        SealBroken: The bytes are not that row's.
    """
    text = open_sealed(key, _identifier_cell(key.owner, row_id), sealed).decode()
    system, _, value = text.rpartition(SEPARATOR)
    return Identifier(IdentifierKind(kind), value, system or None, identifying=not shared)


def seal_field(key: DataKey, name: str, version: int, value: bytes) -> bytes:
    """The JSON text of a profile field, for that version of its row."""
    return seal(key, _field_cell(key.owner, name, version), value)


def open_field(key: DataKey, name: str, version: int, sealed: bytes) -> Any:
    """The value of a profile field.

    Raises:
        SealBroken: The bytes are not that field's, or of another version.
    """
    return json.loads(open_sealed(key, _field_cell(key.owner, name, version), sealed))


def field_place(name: str) -> str:
    """The place of a profile field among all that is sealed under its lead's key."""
    return _field_cell("", name, FIRST_VERSION).place


def _identifier_cell(lead_id: str, row_id: str) -> Cell:
    return Cell("lead_identifiers", "value", row_id, lead_id, 1)


def _field_cell(lead_id: str, name: str, version: int) -> Cell:
    return Cell("lead_fields", "value", name, lead_id, version)
