"""Rows as they were read, and what they say of a person. Pure, but for the column types it asks."""

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import Column

from consent.vocabulary import IdentifierKind
from governance.stores.comparison import normal
from governance.stores.mapping import Condition, IdentityColumn, TableMapping
from governance.stores.protocol import Identity, PersonTerms, RowRef

# Columns of contact details that say where or as what, not who.
NOT_A_NAME = re.compile(
    r"street|address|addr|line\d?$|city|town|county|country|state|region|zip|post(al)?_?code|plz|ort$|strasse|land$"
    r"|title|position|role|salutation|anrede|company|organi[sz]ation|firma|department|abteilung|language|locale"
    r"|time_?zone|gender",
    re.IGNORECASE,
)
A_HANDLE = re.compile(
    r"url|website|linkedin|xing|twitter|skype|handle|user_?name|login|street|strasse|addr|line\d?$"
)
PARSERS: Mapping[type, Callable[[str], Any]] = {
    uuid.UUID: uuid.UUID,
    int: int,
    Decimal: Decimal,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    time: time.fromisoformat,
    bytes: bytes.fromhex,
}


@dataclass(frozen=True, slots=True)
class Record:
    """A row: where it stands, and the values that were asked for."""

    ref: RowRef
    values: Mapping[str, Any] = field(repr=False)


def key_part(value: Any) -> str | int:
    """A key's value in a form that survives JSON."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return value.hex() if isinstance(value, bytes) else str(value)


def typed(column: Column[Any], value: str | int) -> Any:
    """`value` as the column's own type; None where it can not be one, so that it matches nothing."""
    try:
        wanted = column.type.python_type
    except NotImplementedError:
        return value
    if isinstance(value, wanted):
        return value
    parser = PARSERS.get(wanted)
    try:
        return str(value) if parser is None else parser(str(value))
    except (ValueError, ArithmeticError):
        return None


def meets(conditions: Iterable[Condition], values: Mapping[str, Any]) -> bool:
    """Whether a row meets every condition, compared as text."""
    return all(str(values.get(one.column)) == one.value for one in conditions)


def identities_of(record: Record, columns: Iterable[IdentityColumn], store: str) -> tuple[Identity, ...]:
    """The identities that a row holds, in normal form, each once."""
    found: dict[Identity, None] = {}
    for column in columns:
        value = record.values.get(column.column)
        if value is None or not meets(column.when, record.values):
            continue
        text = normal(column.kind, str(value))
        if text is not None:
            system = (column.system or store).casefold() if column.kind is IdentifierKind.EXTERNAL else None
            found[Identity(column.kind, text, system)] = None
    return tuple(found)


def full_names(record: Record, table: TableMapping) -> frozenset[str]:
    """The names in a row: its name columns together, as `first_name` and `last_name` make one name."""
    parts = [
        str(record.values[column]).strip() for column in _name_columns(table) if record.values.get(column)
    ]
    joined = " ".join(part for part in parts if part)
    return frozenset({joined} if joined else ())


def terms_of(record: Record, table: TableMapping, store: str) -> PersonTerms:
    """What names the person in a row: from its columns of contact details."""
    found = identities_of(record, table.identity, store)
    names = _name_columns(table)
    identifying = {one.column for one in table.identity}
    others = [
        c for c in table.contact_columns() if c not in {*names, *identifying} and A_HANDLE.search(c.lower())
    ]
    external = {one.value for one in found if one.kind is IdentifierKind.EXTERNAL}
    raw = {str(record.values[c]) for c in identifying if record.values.get(c)}
    return PersonTerms(
        names=frozenset(_texts(record, names)) | full_names(record, table),
        emails=frozenset(one.value for one in found if one.kind is IdentifierKind.EMAIL)
        | frozenset(value.strip() for value in raw if "@" in value),
        phones=frozenset(one.value for one in found if one.kind is IdentifierKind.PHONE),
        others=frozenset(_texts(record, others)) | external,
    )


def _name_columns(table: TableMapping) -> tuple[str, ...]:
    identifying = {one.column for one in table.identity}
    return tuple(
        column
        for column in table.contact_columns()
        if column not in identifying and not NOT_A_NAME.search(column) and not A_HANDLE.search(column.lower())
    )


def _texts(record: Record, columns: Iterable[str]) -> set[str]:
    values = (record.values.get(column) for column in columns)
    return {value.strip() for value in values if isinstance(value, str) and value.strip()}
