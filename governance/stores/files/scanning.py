"""Answers what searches ask by going through the files: once through each, for all that ask together."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from consent.vocabulary import IdentifierKind
from governance.stores.comparison import normal, number_tail, same
from governance.stores.files.formats import Values, fingerprint
from governance.stores.files.shapes import FILE, ROW
from governance.stores.lockstep import ByIdentity, ByKey, ByValues, Read, Reading
from governance.stores.mapping import IdentityColumn
from governance.stores.protocol import Identity, RowRef
from governance.stores.records import Record, key_part, meets
from governance.stores.schema import Shape

T = TypeVar("T")
Rows = Callable[[Shape], Iterator[tuple[str, tuple[str, ...], Values]]]
"""Every row of a table: its file, the file's columns, and its values."""
Test = Callable[[str, Mapping[str, Any], Values], Iterable[int]]
"""Which of those who ask want a row."""


def run_searches(
    rows: Rows, shapes: Mapping[str, Shape], store: str, searches: Sequence[Reading[T]]
) -> list[T]:
    """What each of the searches comes to, in their order."""
    results: dict[int, T] = {}
    answers: dict[int, list[Record] | None] = dict.fromkeys(range(len(searches)))
    while answers:
        asking: dict[int, Read] = {}
        for place, records in answers.items():
            try:
                asking[place] = next(searches[place]) if records is None else searches[place].send(records)
            except StopIteration as end:
                results[place] = end.value
        answers = dict(_answered(rows, shapes, store, asking))
    return [results[place] for place in range(len(searches))]


def _answered(
    rows: Rows, shapes: Mapping[str, Shape], store: str, asking: Mapping[int, Read]
) -> dict[int, list[Record]]:
    answers: dict[int, list[Record]] = {place: [] for place in asking}
    by_table: dict[str, dict[int, Read]] = defaultdict(dict)
    for place, read in asking.items():
        by_table[read.table][place] = read
    for name, reads in by_table.items():
        shape = shapes[name]
        tests = list(_tests(shape, store, reads))
        wanted = tuple(dict.fromkeys(column for read in reads.values() for column in read.names))
        for file, columns, values in rows(shape) if tests else ():
            named = dict(zip(columns, values, strict=True))
            places: list[int] = []
            for test in tests:
                places.extend(test(file, named, values))
            if places:
                record = _record(shape, file, named, values, wanted)
                for place in sorted(set(places)):
                    answers[place].append(record)
    return answers


def _record(
    shape: Shape, file: str, named: Mapping[str, Any], values: Values, wanted: Iterable[str]
) -> Record:
    ref = RowRef(shape.mapping.name, (file, fingerprint(values)))
    key = dict(zip((FILE, ROW), ref.key, strict=True))
    return Record(ref, key | {name: named[name] for name in wanted if name in named})


def _tests(shape: Shape, store: str, reads: Mapping[int, Read]) -> Iterator[Test]:
    """One test for each way of asking."""
    keys: dict[tuple[str | int, ...], set[int]] = defaultdict(set)
    wanted: list[tuple[Identity, int]] = []
    for place, read in reads.items():
        if isinstance(read, ByIdentity):
            wanted += [(identity, place) for identity in read.identities]
        for ref in read.refs if isinstance(read, ByKey) else read.again:
            keys[ref.key].add(place)
    if keys:
        yield _of_keys(keys)
    for column in shape.mapping.identity:
        yield from _of_identity(column, store, [each for each in wanted if each[0].kind is column.kind])
    for place, read in reads.items():
        if isinstance(read, ByValues):
            yield _of_values(place, read)


def _of_keys(keys: Mapping[tuple[str | int, ...], set[int]]) -> Test:
    files = {key[0] for key in keys}

    def test(file: str, _named: Mapping[str, Any], values: Values) -> Iterable[int]:
        return keys.get((file, fingerprint(values)), ()) if file in files else ()

    return test


def _of_identity(
    column: IdentityColumn, store: str, wanted: Sequence[tuple[Identity, int]]
) -> Iterator[Test]:
    """Compares coarsely, which is cheap, and then as people mean it."""
    system = (column.system or store).casefold() if column.kind is IdentifierKind.EXTERNAL else None
    asked: dict[str, list[tuple[Identity, int]]] = defaultdict(list)
    for identity, place in wanted:
        if identity.system == system:
            asked[_coarse(column.kind, identity.value)].append((identity, place))
    every = [each for near in asked.values() for each in near]
    if not every:
        return

    def test(_file: str, named: Mapping[str, Any], _values: Values) -> Iterable[int]:
        value = named.get(column.column)
        if value is None:
            return ()
        held = str(value)
        # Other alphabets have letters of more than one spelling: they are compared with everything asked for.
        near = asked.get(_coarse(column.kind, held), ()) if held.isascii() else every
        text = normal(column.kind, held) if near and meets(column.when, named) else None
        own = None if text is None else Identity(column.kind, text, system)
        return [place for identity, place in near if own is not None and same(identity, own)]

    yield test


def _coarse(kind: IdentifierKind, text: str) -> str:
    """What all spellings of an identifier share: the letters before an @, the last digits of a number."""
    if kind is IdentifierKind.EMAIL:
        return text.strip().rpartition("@")[0].lower()
    return number_tail(text) if kind is IdentifierKind.PHONE else text.strip()


def _of_values(place: int, read: ByValues) -> Test:
    edges = [
        (column, conditions, {str(key_part(value)) for value in values})
        for (column, conditions), values in zip(read.edges, read.values, strict=True)
    ]

    def test(_file: str, named: Mapping[str, Any], _values: Values) -> Iterable[int]:
        for column, conditions, values in edges:
            value = named.get(column)
            if value is not None and str(key_part(value)) in values and meets(conditions, named):
                return (place,)
        return ()

    return test
