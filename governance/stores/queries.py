"""The statements by which rows are read: by identity, by value, by key; in chunks, through one connection."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, String, and_, func, or_, select, tuple_
from sqlalchemy import cast as sql_cast

from governance.stores.comparison import email_spellings, phone_pattern
from governance.stores.mapping import Condition, IdentityColumn
from governance.stores.protocol import Identity, IdentityKind, RowRef
from governance.stores.records import Record, key_part, typed
from governance.stores.schema import Shape

Item = TypeVar("Item")
CHUNK = 500
"""Values in one `IN`: below every database's limit of parameters, and few enough for a good plan."""
CLAUSES = 8
"""Such lists in one statement."""


def chunks(values: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """`values` in runs of at most `size`."""
    return (values[start : start + size] for start in range(0, len(values), size))


def by_identity(
    connection: Connection, shape: Shape, names: Sequence[str], identities: Sequence[Identity], store: str
) -> list[Record]:
    """Rows whose identity columns may hold one of `identities`; the caller compares exactly."""
    clauses = [
        and_(matched, *_conditions(shape, column.when))
        for column in shape.mapping.identity
        if (matched := _matches(shape, column, identities, store)) is not None
    ]
    return _read(connection, shape, names, or_(*clauses)) if clauses else []


def by_values(
    connection: Connection,
    shape: Shape,
    names: Sequence[str],
    wanted: Iterable[tuple[str, Sequence[Condition], Sequence[Any]]],
) -> list[Record]:
    """Rows where one of the columns holds one of its values and meets its conditions."""
    clauses = [
        and_(shape.table.c[column].in_(chunk), *_conditions(shape, conditions))
        for column, conditions, values in wanted
        for chunk in chunks(values, CHUNK)
    ]
    found: dict[RowRef, Record] = {}
    for group in chunks(clauses, CLAUSES):
        found.update((record.ref, record) for record in _read(connection, shape, names, or_(*group)))
    return list(found.values())


def by_key(
    connection: Connection, shape: Shape, names: Sequence[str], refs: Iterable[RowRef]
) -> Iterator[Record]:
    """The rows of `refs` that exist."""
    for clause in key_clauses(shape, refs):
        yield from _read(connection, shape, names, clause)


def key_clauses(shape: Shape, refs: Iterable[RowRef]) -> Iterator[ColumnElement[bool]]:
    """Conditions that together meet exactly the rows of `refs`, a chunk each."""
    keys = [typed_key(shape, ref) for ref in refs]
    usable = [key for key in keys if None not in key]
    for chunk in chunks(usable, CHUNK):
        if len(shape.key) == 1:
            yield shape.key[0].in_([key[0] for key in chunk])
        else:
            yield tuple_(*shape.key).in_(chunk)


def typed_key(shape: Shape, ref: RowRef) -> tuple[Any, ...]:
    """A row's key in the types of its columns."""
    return tuple(typed(column, part) for column, part in zip(shape.key, ref.key, strict=True))


def _read(
    connection: Connection, shape: Shape, names: Sequence[str], clause: ColumnElement[bool]
) -> list[Record]:
    columns = {column.name: column for column in shape.key}
    columns.update((name, shape.table.c[name]) for name in names)
    rows = connection.execute(select(*columns.values()).where(clause)).all()
    return [_record(shape, dict(zip(columns, row, strict=True))) for row in rows]


def _record(shape: Shape, values: Mapping[str, Any]) -> Record:
    key = tuple(key_part(values[column.name]) for column in shape.key)
    return Record(RowRef(shape.mapping.name, key), values)


def _conditions(shape: Shape, conditions: Iterable[Condition]) -> list[ColumnElement[bool]]:
    return [_as_text(shape.table.c[one.column]) == one.value for one in conditions]


def _as_text(column: Column[Any]) -> ColumnElement[str]:
    return column if isinstance(column.type, String) else sql_cast(column, String)


def _matches(
    shape: Shape, column: IdentityColumn, identities: Sequence[Identity], store: str
) -> ColumnElement[bool] | None:
    own = [identity for identity in identities if identity.kind is column.kind]
    if column.kind is IdentityKind.EXTERNAL:
        system = (column.system or store).casefold()
        own = [identity for identity in own if identity.system == system]
    if not own:
        return None
    target = shape.table.c[column.column]
    if column.kind is IdentityKind.EMAIL:
        return _email_clause(_as_text(target), [identity.value for identity in own])
    if column.kind is IdentityKind.PHONE:
        return or_(*(_as_text(target).like(phone_pattern(identity.value)) for identity in own))
    return target.in_([typed(target, identity.value) for identity in own])


def _email_clause(column: ColumnElement[str], emails: Iterable[str]) -> ColumnElement[bool]:
    """Trimmed and lower-cased; what `lower` can not do in other alphabets is left open here."""
    spellings = [spelling for email in emails for spelling in email_spellings(email)]
    normal = func.lower(func.trim(column))
    clauses: list[ColumnElement[bool]] = [normal.in_([one for one in spellings if one.isascii()])]
    clauses.extend(normal.like(_open(one), escape="\\") for one in spellings if not one.isascii())
    return or_(*clauses)


def _open(email: str) -> str:
    """A LIKE pattern with a wildcard for each letter outside ASCII."""
    escaped = email.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return "".join(letter if letter.isascii() else "%" for letter in escaped)
