"""Takes stock of a place that nobody has described: its files as tables, and some rows of each."""

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from governance.stores.census import LONGEST_VALUE, SAMPLE, ColumnFacts, TableFacts, family_of
from governance.stores.errors import StoreCode, StoreError
from governance.stores.files.description import Layout
from governance.stores.files.formats import FileColumn, UnreadableError, Values
from governance.stores.files.places import Place, is_safe
from governance.stores.files.shapes import SUFFIXES, open_rows

RUNNING = re.compile(r"\d+(?:[-_.T]?\d+)*")
"""Numbers and dates in a name: the files of a series have them in the same place."""
KEY = re.compile(r"^(id|uuid|guid|key|nr|.+_?id)$", re.IGNORECASE)


def take_file_census(place: Place) -> tuple[dict[str, TableFacts], list[str]]:
    """Every series of files as a table; and those that could not be read, with what is wrong with them.

    Raises:
        StoreError: the place does not answer, or has no such files.
    """
    facts: dict[str, TableFacts] = {}
    unread: list[str] = []
    for pattern, names in _series(place).items():
        try:
            found = [_facts(place, name) for name in names]
        except UnreadableError as error:
            unread.append(f"{names[0]}: {error.said}")
            continue
        alike = len({tuple(one.columns) for one in found}) == 1
        for name, one in [(pattern, found[0])] if alike else zip(names, found, strict=True):
            facts[name] = TableFacts(name, one.columns, rows=one.rows)
    if not facts and not unread:
        raise StoreError(StoreCode.TABLE_MISSING)
    return facts, unread


def _series(place: Place) -> dict[str, list[str]]:
    """Files by the name that they share but for numbers; one that is alone keeps its own."""
    series: dict[str, list[str]] = {}
    for name in sorted(place.names()):
        folder, slash, base = name.rpartition("/")
        if is_safe(name) and _layout(name) is not None:
            series.setdefault(folder + slash + RUNNING.sub("*", base), []).append(name)
    return {pattern if len(names) > 1 else names[0]: names for pattern, names in series.items()}


def _layout(name: str) -> Layout | None:
    bare = name.casefold().removesuffix(".gz")
    return next((Layout(kind) for suffix, kind in SUFFIXES.items() if bare.endswith(suffix)), None)


def _facts(place: Place, name: str) -> TableFacts:
    layout = _layout(name) or Layout()
    with place.open(name) as (stream, _):
        rows = open_rows(name, stream, layout)
        sample = list(islice(rows.rows(), SAMPLE))
        columns = rows.columns
    names = [one.name for one in columns]
    key = _key(names, sample)
    return TableFacts(
        name,
        {one.name: _column(one, is_key=one.name == key) for one in columns},
        rows=tuple(_short(dict(zip(names, values, strict=True))) for values in sample),
    )


def _key(names: Sequence[str], sample: Sequence[Values]) -> str | None:
    """The first column, where it is called like a key and no two rows say the same in it."""
    values = [row[0] for row in sample]
    told = (
        bool(names)
        and KEY.match(names[0])
        and None not in values
        and len(set(map(str, values))) == len(values)
    )
    return names[0] if told else None


def _column(column: FileColumn, *, is_key: bool) -> ColumnFacts:
    return ColumnFacts(column.name, family_of(column.type), column.nullable, is_key=is_key)


def _short(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value[:LONGEST_VALUE] if isinstance(value, str) else value for name, value in row.items()}
