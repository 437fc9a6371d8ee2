"""Files of leads, read line by line: pure. A bad line is refused with a code and spoils no neighbour.

CSV is RFC 4180. A record may span lines inside quotes; a quote that is opened by mistake would swallow what
follows, so a record of several lines counts only if it is well-formed, has exactly the header's columns and
stays under 64 KiB. Else its first line alone is refused, and reading goes on with the second.
"""

import csv
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from audit.counted import counted
from governance.errors import FactInvalidError
from governance.leads import FIELD_NAME

LONGEST_RECORD = 64 * 1024
"""Bytes of one line, and of one CSV record of several lines."""

FIELD_PREFIX = "profile."
PLAIN_COLUMNS = ("country", "region", "time_zone", "recipient_kind", "address_type", "number_type")
SOURCE_COLUMNS = {
    "source_key": "key",
    "source_kind": "kind",
    "source_obtained_at": "obtained_at",
    "provider": "provider",
}
IDENTIFIER_COLUMNS = ("email", "phone", "external_system", "external_id")
COLUMNS = frozenset({*IDENTIFIER_COLUMNS, *PLAIN_COLUMNS, *SOURCE_COLUMNS})


class LineCode(StrEnum):
    """Why a line is no lead; codes of the whole lead are in `placement.Verdict`."""

    ENCODING = "bad_encoding"
    TOO_LONG = "line_too_long"
    COLUMNS = "wrong_columns"
    JSON = "malformed_json"
    INVALID = "validation_failed"


Numbered: TypeAlias = tuple[int, bytes | None]


@dataclass(frozen=True, slots=True)
class Line:
    """One line or record: its number in the file, and its cells, or why there are none."""

    number: int
    cells: Sequence[str] = field(default=(), repr=False)
    code: LineCode | None = None


def header_of(line: bytes, known: Collection[str] | None = None) -> list[str]:
    """The columns that a CSV file's first line names; of a file of leads, unless other columns are `known`.

    Raises:
        FactInvalidError: Not UTF-8, a column that is not in the contract, or one named twice.
    """
    try:
        columns = _row(line.decode("utf-8-sig"))
    except (UnicodeDecodeError, csv.Error):
        raise FactInvalidError({"header": ["Not a CSV header in UTF-8."]}) from None
    unknown = [column for column in columns if not (_is_column(column) if known is None else column in known)]
    if unknown or not columns:
        raise FactInvalidError({"header": [f"Not known: {counted(len(unknown), 'column')}."]})
    if len(set(columns)) != len(columns):
        raise FactInvalidError({"header": ["A column stands there twice."]})
    return columns


def records(lines: Iterable[bytes | None], columns: int, *, first: int = 2) -> Iterator[Line]:
    """The records after a header of so many columns; None among the lines was too long to keep."""
    numbered = enumerate(lines, start=first)
    waiting: deque[Numbered] = deque()
    while (one := waiting.popleft() if waiting else next(numbered, None)) is not None:
        number, raw = one
        if raw is None:
            yield Line(number, code=LineCode.TOO_LONG)
        elif raw:
            more = list(_rest(raw, _following(waiting, numbered)))
            record = _record(number, b"\n".join([raw, *(line or b"" for _, line in more)]), columns)
            if record.code is not None and more:
                waiting.extendleft(reversed(more))
                record = _record(number, raw, columns)
            yield record


def document_of(columns: Sequence[str], cells: Sequence[str]) -> dict[str, Any]:
    """A CSV record as a document in the shape of `POST /v1/leads`; an empty cell is absent."""
    given = {column: cell for column, cell in zip(columns, cells, strict=True) if cell}
    document: dict[str, Any] = {name: given[name] for name in PLAIN_COLUMNS if name in given}
    document["identifiers"] = _identifiers(given)
    document["source"] = {name: given[column] for column, name in SOURCE_COLUMNS.items() if column in given}
    profile = {
        column.removeprefix(FIELD_PREFIX): cell
        for column, cell in given.items()
        if column.startswith(FIELD_PREFIX)
    }
    return document | ({"profile": profile} if profile else {})


def _identifiers(given: Mapping[str, str]) -> list[dict[str, str]]:
    """The identifiers of a record."""
    found = [{"type": kind, "value": given[kind]} for kind in ("email", "phone") if kind in given]
    if "external_id" in given or "external_system" in given:
        external = {"type": "external", "value": given.get("external_id", "")}
        found.append(external | {"system": given.get("external_system", "")})
    return found


def _is_column(name: str) -> bool:
    """Whether the contract knows the column."""
    if name.startswith(FIELD_PREFIX):
        return FIELD_NAME.fullmatch(name.removeprefix(FIELD_PREFIX)) is not None
    return name in COLUMNS


def _following(waiting: deque[Numbered], numbered: Iterator[Numbered]) -> Iterator[Numbered]:
    """First what was put back, then what was never read."""
    while waiting:
        yield waiting.popleft()
    yield from numbered


def _rest(raw: bytes, following: Iterator[Numbered]) -> Iterator[Numbered]:
    """The further lines of a record whose first line leaves a quote open."""
    size, is_open = len(raw), raw.count(b'"') % 2 == 1
    while is_open and size <= LONGEST_RECORD and (one := next(following, None)) is not None:
        line = one[1] or b""
        size, is_open = size + len(line) + 1, is_open != (line.count(b'"') % 2 == 1)
        yield one


def _record(number: int, raw: bytes, columns: int) -> Line:
    """The cells of a record, or why it has none."""
    try:
        cells = _row(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return Line(number, code=LineCode.ENCODING)
    except csv.Error:
        return Line(number, code=LineCode.COLUMNS)
    if len(raw) > LONGEST_RECORD:
        return Line(number, code=LineCode.TOO_LONG)
    return Line(number, cells) if len(cells) == columns else Line(number, code=LineCode.COLUMNS)


def _row(text: str) -> list[str]:
    """The cells of one record.

    Raises:
        csv.Error: It is not exactly one record, or holds a NUL.
    """
    if "\0" in text:
        raise csv.Error("NUL")
    [cells] = csv.reader([text], strict=True)
    return cells
