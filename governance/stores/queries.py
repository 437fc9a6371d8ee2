"""The statements by which rows are read: by identity, by value, by key; in chunks, through one connection.

Each statement is built once for its table and kept: at fifty erasures a second, building them anew costs more
than running them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    bindparam,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy import cast as sql_cast

from consent.vocabulary import IdentifierKind
from governance.stores.comparison import email_spellings, number_tail, phone_pattern
from governance.stores.mapping import Condition, IdentityColumn
from governance.stores.protocol import Identity, RowRef
from governance.stores.records import Record, key_part, typed
from governance.stores.schema import Shape, is_folded
from governance.stores.tails import TailOfNumber

Item = TypeVar("Item")
Edge = tuple[str, tuple[Condition, ...]]
"""A column by which rows are looked for, and the conditions that they meet."""
Counts = tuple[bool, bool, int]
Forms = dict[str, list[Any]]
"""Parameters of one identity column: spellings, patterns and values, each under its name."""
CHUNK = 500
"""Values in one `IN`: below every database's limit of parameters, and few enough for a good plan."""
KEPT = 2048
"""Statements kept, for all stores together."""
MOST_PATTERNS = 8
"""Numbers that are looked for each by its own pattern; more are looked for together, by their last digits."""


def chunks(values: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """`values` in runs of at most `size`."""
    return (values[start : start + size] for start in range(0, len(values), size))


def by_identity(
    connection: Connection,
    shape: Shape,
    names: tuple[str, ...],
    identities: Sequence[Identity],
    *,
    store: str,
    again: Sequence[RowRef] = (),
) -> list[Record]:
    """Rows whose identity columns may hold one of `identities`, and those of `again`, at most `CHUNK`.

    The caller compares exactly.
    """
    keys = next(key_chunks(shape, again), None)
    parameters: dict[str, Any] = {} if keys is None else {"keys": keys}
    counts: list[Counts] = []
    for place, column in enumerate(shape.mapping.identity):
        forms = _forms(shape, column, identities, store)
        counts.append((bool(forms["in"]), bool(forms["tails"]), len(forms["like"])))
        parameters |= {f"in_{place}": forms["in"]} if forms["in"] else {}
        parameters |= {f"tails_{place}": forms["tails"]} if forms["tails"] else {}
        parameters |= {f"like_{place}_{number}": value for number, value in enumerate(forms["like"])}
    if not parameters:
        return []
    statement = _identity_statement(shape, names, tuple(counts), "keys" in parameters)
    return _read(connection, shape, names, statement, parameters)


def by_values(
    connection: Connection,
    shape: Shape,
    names: tuple[str, ...],
    wanted: Sequence[tuple[str, tuple[Condition, ...], Sequence[Any]]],
    *,
    again: Sequence[RowRef] = (),
    to_change: bool = False,
) -> list[Record]:
    """Rows where a column holds one of its values and meets its conditions, and those of `again`."""
    if len(again) <= CHUNK and all(len(values) <= CHUNK for _, _, values in wanted):
        edges = tuple((column, conditions) for column, conditions, _ in wanted)
        parameters = {f"in_{place}": list(values) for place, (_, _, values) in enumerate(wanted)}
        keys = next(key_chunks(shape, again), None)
        parameters |= {} if keys is None else {"keys": keys}
        statement = _values_statement(shape, names, edges, keyed=keys is not None)
        return _read(connection, shape, names, _held(statement, to_change), parameters)
    known = by_key(connection, shape, names, again, to_change=to_change)
    found = {record.ref: record for record in known}
    for column, conditions, values in wanted:
        statement = _held(_values_statement(shape, names, ((column, conditions),), keyed=False), to_change)
        for chunk in chunks(values, CHUNK):
            records = _read(connection, shape, names, statement, {"in_0": list(chunk)})
            found.update((record.ref, record) for record in records)
    return list(found.values())


def by_key(
    connection: Connection,
    shape: Shape,
    names: tuple[str, ...],
    refs: Iterable[RowRef],
    *,
    to_change: bool = False,
) -> Iterator[Record]:
    """The rows of `refs` that exist; as they are now, and held, where they are read to be changed."""
    statement = _held(_key_statement(shape, names), to_change)
    for keys in key_chunks(shape, refs):
        yield from _read(connection, shape, names, statement, {"keys": keys})


def key_chunks(shape: Shape, refs: Iterable[RowRef]) -> Iterator[list[Any]]:
    """The keys of `refs` in the types of their columns, as `key_clause` takes them."""
    keys = [key for key in (typed_key(shape, ref) for ref in refs) if None not in key]
    for chunk in chunks(keys, CHUNK):
        yield [key[0] for key in chunk] if len(shape.key) == 1 else list(chunk)


def key_clause(shape: Shape) -> ColumnElement[bool]:
    """The condition that meets exactly the rows whose keys are the parameter `keys`."""
    keys: Any = bindparam("keys", expanding=True)
    return shape.key[0].in_(keys) if len(shape.key) == 1 else tuple_(*shape.key).in_(keys)


def typed_key(shape: Shape, ref: RowRef) -> tuple[Any, ...]:
    """A row's key in the types of its columns."""
    return tuple(typed(column, part) for column, part in zip(shape.key, ref.key, strict=True))


def _read(
    connection: Connection,
    shape: Shape,
    names: tuple[str, ...],
    statement: Select[Any],
    parameters: Mapping[str, Any],
) -> list[Record]:
    labels = _labels(shape, names)
    size = len(shape.key)
    return [
        Record(
            RowRef(shape.mapping.name, tuple(key_part(part) for part in row[:size])),
            dict(zip(labels, row, strict=True)),
        )
        for row in connection.execute(statement, parameters)
    ]


def _held(statement: Select[Any], to_change: bool) -> Select[Any]:  # noqa: FBT001 - handed through
    """The statement, whose rows nobody else changes until they are written."""
    return statement.with_for_update() if to_change else statement


@lru_cache(maxsize=KEPT)
def _labels(shape: Shape, names: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that are read: those of the key first, each once."""
    return tuple(dict.fromkeys([*(column.name for column in shape.key), *names]))


def _selection(shape: Shape, names: tuple[str, ...]) -> Select[Any]:
    return select(*(shape.table.c[name] for name in _labels(shape, names)))


@lru_cache(maxsize=KEPT)
def _key_statement(shape: Shape, names: tuple[str, ...]) -> Select[Any]:
    return _selection(shape, names).where(key_clause(shape))


@lru_cache(maxsize=KEPT)
def _values_statement(
    shape: Shape,
    names: tuple[str, ...],
    edges: tuple[Edge, ...],
    *,
    keyed: bool,
) -> Select[Any]:
    clauses = [key_clause(shape)] if keyed else []
    clauses += [
        and_(
            shape.table.c[column].in_(bindparam(f"in_{place}", expanding=True)),
            *_conditions(shape, conditions),
        )
        for place, (column, conditions) in enumerate(edges)
    ]
    return _selection(shape, names).where(or_(*clauses))


@lru_cache(maxsize=KEPT)
def _identity_statement(
    shape: Shape,
    names: tuple[str, ...],
    counts: tuple[Counts, ...],
    keyed: bool,  # noqa: FBT001 - part of what names the statement
) -> Select[Any]:
    """For each identity column: whether there are lists to be in, and how many patterns to be like."""
    clauses: list[ColumnElement[bool]] = [key_clause(shape)] if keyed else []
    each = enumerate(zip(shape.mapping.identity, counts, strict=True))
    for place, (column, (listed, tails, patterns)) in each:
        target = _compared(shape, column)
        fits = [_among(shape, column, target, place)] if listed else []
        fits += [TailOfNumber(target).in_(bindparam(f"tails_{place}", expanding=True))] if tails else []
        fits += [target.like(bindparam(f"like_{place}_{n}"), escape="\\") for n in range(patterns)]
        if fits:
            clauses.append(and_(or_(*fits), *_conditions(shape, column.when)))
    return _selection(shape, names).where(or_(*clauses))


def _compared(shape: Shape, column: IdentityColumn) -> ColumnElement[Any]:
    """What is compared: addresses trimmed and lower-cased, numbers as text, external ids as they are."""
    target = shape.table.c[column.column]
    if column.kind is IdentifierKind.EMAIL:
        return func.lower(func.trim(_as_text(target)))
    return _as_text(target) if column.kind is IdentifierKind.PHONE else target


def _among(
    shape: Shape, column: IdentityColumn, target: ColumnElement[Any], place: int
) -> ColumnElement[bool]:
    """Whether a column holds one of the values asked for.

    MariaDB has no index on an expression. Where its plain comparison is as lenient, but for blanks in front,
    it is asked for first: an index serves that.
    """
    wanted: Any = bindparam(f"in_{place}", expanding=True)
    plain = shape.table.c[column.column]
    if column.kind is not IdentifierKind.EMAIL or not is_folded(plain):
        return target.in_(wanted)
    return and_(or_(plain.in_(wanted), plain.like(" %")), target.in_(wanted))


def _conditions(shape: Shape, conditions: Iterable[Condition]) -> list[ColumnElement[bool]]:
    return [_as_text(shape.table.c[one.column]) == one.value for one in conditions]


def _as_text(column: Column[Any]) -> ColumnElement[str]:
    return column if isinstance(column.type, String) else sql_cast(column, String)


def _forms(shape: Shape, column: IdentityColumn, identities: Sequence[Identity], store: str) -> Forms:
    """The spellings of the identities that a column can hold."""
    own = [identity for identity in identities if identity.kind is column.kind]
    if column.kind is IdentifierKind.PHONE:
        return _phone_forms(own)
    if column.kind is IdentifierKind.EMAIL:
        return _email_forms(own)
    system = (column.system or store).casefold()
    target = shape.table.c[column.column]
    values = [typed(target, identity.value) for identity in own if identity.system == system]
    return {"in": [value for value in values if value is not None], "tails": [], "like": []}


def _phone_forms(own: Sequence[Identity]) -> Forms:
    """A pattern for each number; of many, their last digits."""
    if len(own) > MOST_PATTERNS:
        return {"in": [], "tails": sorted({number_tail(identity.value) for identity in own}), "like": []}
    return {"in": [], "tails": [], "like": [phone_pattern(identity.value) for identity in own]}


def _email_forms(own: Sequence[Identity]) -> Forms:
    """What `lower` of a database can not do in other alphabets is left open in a pattern."""
    spellings = [spelling for identity in own for spelling in email_spellings(identity.value)]
    return {
        "in": [one for one in spellings if one.isascii()],
        "tails": [],
        "like": [_open(one) for one in spellings if not one.isascii()],
    }


def _open(email: str) -> str:
    """A LIKE pattern with a wildcard for each letter outside ASCII."""
    escaped = email.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return "".join(letter if letter.isascii() else "%" for letter in escaped)
