"""The package of an access request: a zip, written as it is read, never wholly in memory.

    index.html        to read, and to print
    data.json         the same for machines: {"stores": {store: [row…]}}
    <store>.csv       one a store: table, row, field, value
    article-15.json   purposes, categories, recipients, source, retention, rights, profiling

Rows come as lines of JSON from the spool and are read once for each file.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from importlib import resources
from typing import Any

from jinja2 import Environment

from governance.vault.locked_zip import locked

Rows = Callable[[], Iterator[bytes]]
"""Starts reading the rows of a store anew: pieces of whole lines of JSON."""

DANGEROUS_FIRST = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula (CWE-1236)."""
PHONE_NUMBER = re.compile(r"\+[0-9 ]+")


def stream(
    stores: Mapping[str, Rows], about: Mapping[str, Any], *, now: datetime, passphrase: str | None = None
) -> Iterator[bytes]:
    """The zip in pieces; every file carries the moment `now`. With a passphrase it is locked by it."""
    if passphrase is not None:
        return locked(_files(stores, about), passphrase, now=now)
    return _open(stores, about, now)


def _open(stores: Mapping[str, Rows], about: Mapping[str, Any], now: datetime) -> Iterator[bytes]:
    """The zip that anybody opens."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in _files(stores, about):
            entry = zipfile.ZipInfo(name, now.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w") as member:
                for piece in pieces:
                    member.write(piece)
                    yield sink.drain()
            yield sink.drain()
    yield sink.drain()


def _files(stores: Mapping[str, Rows], about: Mapping[str, Any]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Every file with its content."""
    yield "index.html", _html(stores, about)
    yield "data.json", _json(stores)
    for store, rows in stores.items():
        yield file_of(store), _csv(rows)
    yield "article-15.json", iter([json.dumps(about, ensure_ascii=False, indent=2).encode()])


def file_of(store: str) -> str:
    """The name of a store's table file; the register lets no other characters into a key."""
    return f"{store}.csv"


def _html(stores: Mapping[str, Rows], about: Mapping[str, Any]) -> Iterator[bytes]:
    """The page, rendered as it is read; every value is escaped by the template engine."""
    environment = Environment(autoescape=True, trim_blocks=True)
    source = resources.files(__package__).joinpath("templates/package.html").read_text("utf-8")
    shown = ({"name": store, "file": file_of(store), "rows": _rows(rows)} for store, rows in stores.items())
    listed = [{"name": store} for store in stores]
    template = environment.from_string(source)
    for text in template.generate(stores=shown, listed=listed, about=about):
        yield text.encode()


def _json(stores: Mapping[str, Rows]) -> Iterator[bytes]:
    """All rows by store."""
    yield b'{"stores":{'
    for position, (store, rows) in enumerate(stores.items()):
        yield (b"," if position else b"") + json.dumps(store).encode() + b":["
        first = True
        for piece in rows():
            lines = b",".join(piece.splitlines())
            yield lines if first else b"," + lines
            first = False
        yield b"]"
    yield b"}}\n"


def _csv(rows: Rows) -> Iterator[bytes]:
    """One line a value, so that tables of different columns fit one file."""
    yield _csv_lines([("table", "row", "field", "value")])
    for number, row in enumerate(_rows(rows), 1):
        lines = [(row["table"], number, name, _cell(value)) for name, value in row["columns"].items()]
        yield _csv_lines(lines)


def _csv_lines(lines: Sequence[tuple[Any, ...]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(lines)
    return buffer.getvalue().encode()


def _cell(value: object) -> str:
    """A value as text that no spreadsheet runs."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    harmless = PHONE_NUMBER.fullmatch(text) is not None or not text.startswith(DANGEROUS_FIRST)
    return text if harmless else f"'{text}"


def _rows(rows: Rows) -> Iterator[dict[str, Any]]:
    for piece in rows():
        for line in piece.splitlines():
            yield json.loads(line)


class _Sink(io.RawIOBase):
    """Where `zipfile` writes to: kept until the next `drain`, and it can not be gone back in."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: list[bytes] = []

    def writable(self) -> bool:
        """It takes bytes."""
        return True

    def write(self, data: Any) -> int:
        """Keeps the bytes for the next `drain`."""
        piece = bytes(data)
        self._kept.append(piece)
        return len(piece)

    def drain(self) -> bytes:
        """What was written since the last time."""
        piece = b"".join(self._kept)
        self._kept.clear()
        return piece
