"""Many searches side by side: what several of them want to read of a table is read by one statement.

A search (`gathering`) reads nothing by itself: it asks, by yielding a `Read`, and is sent the rows. Here the
searches of many people are brought forward together. Each round takes what every one of them asks for, runs
one statement for each table and way of asking, and gives each search the rows that answer its own question.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Connection

from consent.vocabulary import IdentifierKind
from governance.stores.comparison import number_tail, same
from governance.stores.protocol import Identity, RowRef
from governance.stores.queries import CHUNK, Edge, by_identity, by_key, by_values, chunks
from governance.stores.records import Record, identities_of, key_part, meets
from governance.stores.schema import Shape
from governance.stores.topology import Topology

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ByIdentity:
    """The rows of a table whose identity columns may hold one of `identities`, and those of `again`."""

    table: str
    names: tuple[str, ...]
    identities: tuple[Identity, ...] = field(repr=False)
    again: tuple[RowRef, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class ByValues:
    """The rows where one of the edges' columns holds one of its `values`, and those of `again`.

    `held` says that they are read to be changed, in the transaction that changes them.
    """

    table: str
    names: tuple[str, ...]
    edges: tuple[Edge, ...]
    values: tuple[tuple[Any, ...], ...] = field(repr=False)
    again: tuple[RowRef, ...] = field(default=(), repr=False)
    held: bool = False


@dataclass(frozen=True, slots=True)
class ByKey:
    """The rows of these keys, as far as they exist; `held` as of `ByValues`."""

    table: str
    names: tuple[str, ...]
    refs: tuple[RowRef, ...] = field(repr=False)
    held: bool = False


Read: TypeAlias = ByIdentity | ByValues | ByKey
Reading: TypeAlias = Generator[Read, list[Record], T]
"""A search under way: it yields what it wants to read, is sent the rows, and returns what it came to."""


def run_together(
    connection: Connection, topology: Topology, searches: Sequence[Generator[Read, list[Record], T]]
) -> list[T]:
    """What each of the searches comes to, in their order; all read through one connection."""
    results: dict[int, T] = {}
    asking: dict[int, Read] = {}
    answers: dict[int, list[Record] | None] = dict.fromkeys(range(len(searches)))
    while answers:
        for place, records in answers.items():
            try:
                asking[place] = next(searches[place]) if records is None else searches[place].send(records)
            except StopIteration as end:
                results[place] = end.value
        answers = dict(_answered(connection, topology, asking))
        asking = {}
    return [results[place] for place in range(len(searches))]


def _answered(
    connection: Connection, topology: Topology, asking: dict[int, Read]
) -> Iterable[tuple[int, list[Record]]]:
    """The rows for each that asks, from one statement for all that ask alike."""
    alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for place, read in asking.items():
        edges = read.edges if isinstance(read, ByValues) else ()
        alike[type(read), read.table, read.names, edges].append(place)
    for places in alike.values():
        reads = [asking[place] for place in places]
        shape = topology.shapes[reads[0].table]
        yield from zip(places, _together(connection, topology.store, shape, reads), strict=True)


def _together(
    connection: Connection, store: str, shape: Shape, reads: Sequence[Read]
) -> Sequence[list[Record]]:
    if len(reads) == 1:
        return [_alone(connection, store, shape, reads[0])]
    if isinstance(reads[0], ByIdentity):
        return _identities(connection, store, shape, [read for read in reads if isinstance(read, ByIdentity)])
    if isinstance(reads[0], ByValues):
        return _values(connection, shape, [read for read in reads if isinstance(read, ByValues)])
    return _keys(connection, shape, [read for read in reads if isinstance(read, ByKey)])


def _alone(connection: Connection, store: str, shape: Shape, read: Read) -> list[Record]:
    """One search by itself: whatever the database says."""
    if isinstance(read, ByIdentity):
        return by_identity(connection, shape, read.names, read.identities, store=store, again=read.again)
    if isinstance(read, ByValues):
        wanted = [(*edge, values) for edge, values in zip(read.edges, read.values, strict=True)]
        return by_values(connection, shape, read.names, wanted, again=read.again, to_change=read.held)
    return list(by_key(connection, shape, read.names, read.refs, to_change=read.held))


def _identities(
    connection: Connection, store: str, shape: Shape, reads: Sequence[ByIdentity]
) -> list[list[Record]]:
    """Each gets the rows that hold an identity of its own, or that it wants to see again."""
    whose = _Whose(reads)

    def places_of(record: Record) -> set[int]:
        held = identities_of(record, shape.mapping.identity, store)
        return whose.of_row(record.ref).union(*(whose.of(identity) for identity in held))

    return _dealt(_seen(connection, store, shape, reads), len(reads), places_of)


def _seen(
    connection: Connection, store: str, shape: Shape, reads: Sequence[ByIdentity]
) -> Collection[Record]:
    """The rows that any of the readers asks for, each once."""
    names = reads[0].names
    every = list(dict.fromkeys(identity for read in reads for identity in read.identities))
    records: dict[RowRef, Record] = {}
    for part in chunks(every, CHUNK):
        found = by_identity(connection, shape, names, part, store=store)
        records.update((record.ref, record) for record in found)
    again = dict.fromkeys(ref for read in reads for ref in read.again)
    missing = [ref for ref in again if ref not in records]
    records.update((record.ref, record) for record in by_key(connection, shape, names, missing))
    return records.values()


def _dealt(
    records: Iterable[Record], readers: int, places_of: Callable[[Record], set[int]]
) -> list[list[Record]]:
    """Gives each reader the rows that are theirs."""
    answers: list[list[Record]] = [[] for _ in range(readers)]
    for record in records:
        for place in sorted(places_of(record)):
            answers[place].append(record)
    return answers


def _known(reads: Sequence[ByIdentity | ByValues]) -> dict[RowRef, set[int]]:
    """Which of the readers know a row already."""
    places: dict[RowRef, set[int]] = defaultdict(set)
    for place, read in enumerate(reads):
        for ref in read.again:
            places[ref].add(place)
    return places


class _Whose:
    """Which of the readers ask for an identity, or for a row."""

    def __init__(self, reads: Sequence[ByIdentity]) -> None:
        self._asked: dict[object, list[tuple[Identity, int]]] = defaultdict(list)
        self._rows = _known(reads)
        for place, read in enumerate(reads):
            for identity in read.identities:
                self._asked[_coarse(identity)].append((identity, place))

    def of(self, identity: Identity) -> set[int]:
        return {place for one, place in self._asked.get(_coarse(identity), ()) if same(one, identity)}

    def of_row(self, ref: RowRef) -> set[int]:
        return self._rows.get(ref, set())


def _coarse(identity: Identity) -> object:
    """What two identities that are the same have in common."""
    if identity.kind is IdentifierKind.PHONE:
        return number_tail(identity.value)
    return identity


def _values(connection: Connection, shape: Shape, reads: Sequence[ByValues]) -> list[list[Record]]:
    """Each gets the rows that hold one of its own values, and those that it knows."""
    edges, asked, known = reads[0].edges, _asked(reads), _known(reads)
    wanted = [
        (*edge, list(dict.fromkeys(value for read in reads for value in read.values[number])))
        for number, edge in enumerate(edges)
    ]

    def places_of(record: Record) -> set[int]:
        return known.get(record.ref, set()).union(
            place
            for number, (column, conditions) in enumerate(edges)
            if record.values[column] is not None and meets(conditions, record.values)
            for place in asked.get((number, str(key_part(record.values[column]))), ())
        )

    held = reads[0].held
    found = by_values(connection, shape, reads[0].names, wanted, again=list(known), to_change=held)
    return _dealt(found, len(reads), places_of)


def _asked(reads: Sequence[ByValues]) -> dict[tuple[int, str], list[int]]:
    """Which of the readers ask for a value of an edge."""
    asked: dict[tuple[int, str], list[int]] = defaultdict(list)
    for place, read in enumerate(reads):
        for number, values in enumerate(read.values):
            for value in values:
                asked[number, str(key_part(value))].append(place)
    return asked


def _keys(connection: Connection, shape: Shape, reads: Sequence[ByKey]) -> list[list[Record]]:
    """Each gets the rows of its own keys."""
    every = dict.fromkeys(ref for read in reads for ref in read.refs)
    read = by_key(connection, shape, reads[0].names, every, to_change=reads[0].held)
    found = {record.ref: record for record in read}
    return [[found[ref] for ref in dict.fromkeys(read.refs) if ref in found] for read in reads]
