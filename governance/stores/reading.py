"""Reads a store document: from JSON-able values to `mapping`, every error with the place where it stands."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from consent.vocabulary import IdentifierKind, Purpose
from governance.messages.addresses import is_address
from governance.stores.errors import DocumentError
from governance.stores.files.reading import check_names, read_layout, read_old_versions
from governance.stores.http.reading import read_http
from governance.stores.mapping import (
    SECRET_PREFIX,
    Category,
    ColumnErase,
    ColumnMapping,
    Condition,
    IdentityColumn,
    Parent,
    Recipient,
    Restriction,
    StoreDocument,
    StoreKind,
    TableErase,
    TableMapping,
)
from governance.stores.periods import read_retention, read_retentions
from governance.stores.reader import Reader

Item = TypeVar("Item")
KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
SECRET = re.compile(re.escape(SECRET_PREFIX) + r"[A-Z0-9_]+")
WITHOUT_URL = (StoreKind.HTTP, StoreKind.MANUAL)
DOCUMENT_FIELDS = {
    "store", "kind", "url", "active", "purposes", "recipient", "tables", "undecided", "instructions", "http",
    "old_versions", "retention", "approvals",
}  # fmt: skip
TABLE_FIELDS = {
    "identity", "columns", "belongs_to", "erase", "because", "sure", "note", "format", "restrict",
    "retention",
}  # fmt: skip
COLUMN_FIELDS = {"category", "erase", "because", "holds", "sure", "note"}
RESTRICT_FIELDS = {"column", "on", "off"}
IDENTITY_FIELDS = {"kind", "when", "system", "stands_for", "sure", "note"}


def parse(document: Any) -> StoreDocument:
    """The document as values.

    Raises:
        DocumentError: naming every place that is wrong.
    """
    reader = Reader()
    fields = reader.mapping(document, "", DOCUMENT_FIELDS)
    parsed = _document(reader, fields)
    if reader.errors or parsed is None:
        raise DocumentError(reader.errors)
    return parsed


def _document(reader: Reader, fields: Mapping[str, Any]) -> StoreDocument | None:
    store, kind = _key(reader, fields), _kind(reader, fields)
    active = fields.get("active", False)
    if not isinstance(active, bool):
        reader.wrong("active", "must be true or false")
    tables = reader.mapping(fields.get("tables"), "tables")
    parsed = {name: _table(reader, name, value) for name, value in tables.items()}
    if kind is StoreKind.FILE:
        check_names(reader, tables)
    purposes = reader.texts(fields.get("purposes"), "purposes")
    if set(purposes) - {known.value for known in Purpose}:
        reader.wrong("purposes", "must be among " + ", ".join(known.value for known in Purpose))
    url = _url(reader, fields.get("url"), kind)
    if store is None or kind is None:
        return None
    return StoreDocument(
        store=store,
        kind=kind,
        url=url,
        active=bool(active),
        purposes=purposes,
        recipient=_recipient(reader, fields.get("recipient")),
        tables={name: table for name, table in parsed.items() if table is not None},
        undecided=_undecided(reader, fields.get("undecided")),
        instructions=reader.text(fields.get("instructions"), "instructions", optional=True),
        http=read_http(reader, fields.get("http")),
        old_versions=read_old_versions(reader, fields.get("old_versions")),
        retention=read_retentions(reader, fields.get("retention"), purposes),
        approvals=_approvals(reader, fields.get("approvals", 1)),
    )


def _key(reader: Reader, fields: Mapping[str, Any]) -> str | None:
    store = reader.text(fields.get("store"), "store")
    if store is not None and not KEY.fullmatch(store):
        reader.wrong("store", "must be lower-case letters, digits, - and _, starting with a letter")
    return store


def _kind(reader: Reader, fields: Mapping[str, Any]) -> StoreKind | None:
    return reader.word(fields.get("kind"), StoreKind, "kind")


def _url(reader: Reader, value: Any, kind: StoreKind | None) -> str | None:
    url = reader.text(value, "url", optional=kind in WITHOUT_URL)
    if url is not None and not SECRET.fullmatch(url):
        reader.wrong("url", f"must be a reference such as {SECRET_PREFIX}CRM, never the value itself")
        return None
    return url


def _approvals(reader: Reader, value: Any) -> int:
    """How many persons; two where what was said can not be read."""
    if value is True or value not in (1, 2):
        reader.wrong("approvals", "must be 1 or 2")
        return 2
    return int(value)


def _recipient(reader: Reader, value: Any) -> Recipient | None:
    if value is None:
        return None
    fields = reader.mapping(value, "recipient", {"name", "role", "country", "contact"})
    name = reader.text(fields.get("name"), "recipient.name")
    role = reader.text(fields.get("role"), "recipient.role")
    country = reader.text(fields.get("country"), "recipient.country", optional=True)
    contact = reader.text(fields.get("contact"), "recipient.contact", optional=True)
    if contact is not None and not is_address(contact):
        reader.wrong("recipient.contact", "must be one mail address")
    return Recipient(name, role, country, contact) if name and role else None


def _undecided(reader: Reader, value: Any) -> tuple[str, ...]:
    """Each item is a text, or a map whose `column` names what is undecided."""
    if value is None:
        return ()
    if not isinstance(value, list):
        reader.wrong("undecided", "must be a list")
        return ()
    return tuple(str(item.get("column", item)) if isinstance(item, Mapping) else str(item) for item in value)


def _table(reader: Reader, name: str, value: Any) -> TableMapping | None:
    place = f"tables.{name}"
    fields = reader.mapping(value, place, TABLE_FIELDS)
    erase = reader.word(fields.get("erase"), TableErase, f"{place}.erase")
    if erase is None:
        return None
    columns = reader.mapping(fields.get("columns"), f"{place}.columns")
    read = {key: _column(reader, key, item, f"{place}.columns.{key}") for key, item in columns.items()}
    return TableMapping(
        name=name,
        erase=erase,
        identity=_each(reader, fields.get("identity"), f"{place}.identity", _identity),
        columns={key: column for key, column in read.items() if column is not None},
        parents=_each(reader, fields.get("belongs_to"), f"{place}.belongs_to", _parent),
        because=reader.text(fields.get("because"), f"{place}.because", optional=True),
        restriction=_restriction(reader, fields.get("restrict"), f"{place}.restrict"),
        layout=read_layout(reader, fields.get("format"), f"{place}.format"),
        retention=read_retention(reader, fields.get("retention"), f"{place}.retention"),
    )


def _restriction(reader: Reader, value: Any, place: str) -> Restriction | None:
    """`restrict`: the column of the mark, or a map that also says its values."""
    if value is None:
        return None
    fields = {"column": value} if isinstance(value, str) else reader.mapping(value, place, RESTRICT_FIELDS)
    column = reader.text(fields.get("column"), f"{place}.column")
    on, off = fields.get("on", True), fields.get("off", False)
    if not isinstance(on, str | int) or not isinstance(off, str | int) or on == off:
        reader.wrong(place, "must have two values that differ, each a text, a number or a boolean")
        return None
    return None if column is None else Restriction(column, on, off)


def _each(
    reader: Reader, value: Any, place: str, read: Callable[[Reader, str, Any, str], Item | None]
) -> tuple[Item, ...]:
    """Reads a map of column -> item, or of column -> list of items."""
    found: list[Item] = []
    for column, items in reader.mapping(value, place).items():
        for item in items if isinstance(items, list) else [items]:
            one = read(reader, column, item, f"{place}.{column}")
            if one is not None:
                found.append(one)
    return tuple(found)


def _identity(reader: Reader, column: str, value: Any, place: str) -> IdentityColumn | None:
    fields = {"kind": value} if isinstance(value, str) else reader.mapping(value, place, IDENTITY_FIELDS)
    kind = reader.word(fields.get("kind"), IdentifierKind, f"{place}.kind")
    stands_for = fields.get("stands_for", "parent")
    if stands_for not in {"parent", "row"}:
        reader.wrong(f"{place}.stands_for", "must be one of parent, row")
    if kind is None:
        return None
    return IdentityColumn(
        column=column,
        kind=kind,
        when=_conditions(reader, fields.get("when"), f"{place}.when"),
        system=reader.text(fields.get("system"), f"{place}.system", optional=True),
        of_row=stands_for == "row",
    )


def _conditions(reader: Reader, value: Any, place: str) -> tuple[Condition, ...]:
    conditions = reader.mapping(value, place)
    for column, wanted in conditions.items():
        if not isinstance(wanted, str | int):
            reader.wrong(f"{place}.{column}", "must be a text or a whole number")
    return tuple(Condition(column, str(wanted)) for column, wanted in conditions.items())


def _parent(reader: Reader, column: str, value: Any, place: str) -> Parent | None:
    fields = {"to": value} if isinstance(value, str) else reader.mapping(value, place, {"to", "when"})
    target = reader.text(fields.get("to"), f"{place}.to")
    if target is None:
        return None
    table, dot, parent_column = target.rpartition(".")
    if not dot or not table or not parent_column:
        reader.wrong(place, "must name a table and a column, such as contacts.id")
        return None
    return Parent(column, table, parent_column, _conditions(reader, fields.get("when"), f"{place}.when"))


def _column(reader: Reader, name: str, value: Any, place: str) -> ColumnMapping | None:
    fields = reader.mapping(value, place, COLUMN_FIELDS)
    category = fields.get("category")
    read_category = None if category is None else reader.word(category, Category, f"{place}.category")
    because = reader.text(fields.get("because"), f"{place}.because", optional=True)
    holds = reader.text(fields.get("holds"), f"{place}.holds", optional=True)
    erase = fields.get("erase")
    if isinstance(erase, Mapping):
        if set(erase) != {"set"} or not isinstance(erase["set"], str | int | bool):
            reader.wrong(f"{place}.erase", "must be {set: VALUE} with a text, a number or a boolean")
            return None
        return ColumnMapping(name, read_category, ColumnErase.SET, erase["set"], because, holds)
    if erase is None:
        return ColumnMapping(name, read_category, ColumnErase.NULL, None, because, holds)
    action = reader.word(erase, ColumnErase, f"{place}.erase")
    if action is ColumnErase.SET:
        reader.wrong(f"{place}.erase", "must be {set: VALUE}")
    return None if action is None else ColumnMapping(name, read_category, action, None, because, holds)
