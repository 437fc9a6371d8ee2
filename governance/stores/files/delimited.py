"""CSV files: what is not changed is copied letter by letter, so that delimiters, quotes and line ends stay.

Reading is strict. A quote that is never closed would hide the rows behind it in one cell, and a wrong
encoding the names in it; such a file is refused rather than found to hold nobody.
"""

import codecs
import csv
import gzip
import io
import itertools
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from sqlalchemy import Text

from governance.stores.files.description import Layout
from governance.stores.files.formats import Decide, FileColumn, Gone, Tally, UnreadableError, Values

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
DELIMITERS = ",;\t|"
QUOTE = '"'
ENDED = "\r\n"
NAMED_DELIMITER = re.compile(r"sep=(.)\s*\Z", re.IGNORECASE)
BUFFER = 256 * 1024
LONGEST_CELL = 16 * 1024 * 1024
"""Characters of a cell; more is an unclosed quote. The library knows one limit for the whole process."""

csv.field_size_limit(LONGEST_CELL)


class _Pulled:
    """Lines of a text, and those taken since it was last asked: the very letters of a record."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._taken.append(line)
        return line

    def taken(self) -> str:
        """The letters since the last call."""
        letters = "".join(self._taken)
        self._taken.clear()
        return letters


class _Lent(io.RawIOBase):
    """A stream that is read through a text, and outlives it."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._source.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)


class DelimitedFile:
    """A CSV file, open for reading."""

    def __init__(self, source: BinaryIO, layout: Layout) -> None:
        """Reads the heading.

        Raises:
            UnreadableError: it has none, or is not of the encoding.
        """
        self._source = source
        self._delimiter = layout.delimiter
        with _refusing():
            self._bom, self._encoding = _encoding(source, layout.encoding)
            lines = _Pulled(self._text())
            names, _ = self._begin(lines)
            self._heading = lines.taken()
        if not any(names) or len(set(names)) != len(names):
            raise UnreadableError("has no heading, or one that names a column twice")
        self.columns = tuple(FileColumn(name, Text()) for name in names)

    def rows(self) -> Iterator[Values]:
        """The cells of each row; an empty one is None."""
        with _refusing():
            _, records = self._begin(self._text())
            for cells in records:
                if cells:
                    yield self._values(cells)

    def rewrite(self, target: BinaryIO, decide: Decide) -> Tally:
        """Writes the file anew; rows of which nothing is decided keep every letter."""
        before = kept = changed = removed = 0
        names = [one.name for one in self.columns]
        target.write(self._bom)
        out = io.TextIOWrapper(target, encoding=self._encoding, newline="")
        out.write(self._heading)
        for values, letters in self._records():
            decision = None if values is None else decide(values)
            before += values is not None
            if isinstance(decision, Gone):
                removed += 1
            elif values is None or decision is None:
                kept += values is not None
                out.write(letters)
            else:
                changed += 1
                held = dict(zip(names, values, strict=True)) | dict(decision)
                with _refusing():
                    out.write(self._written([held[name] for name in names], letters))
        with _refusing():
            out.detach()
        return Tally(before, kept, changed, removed)

    def _text(self) -> Iterator[str]:
        """The lines of the file, from its beginning."""
        self._source.seek(len(self._bom))
        lent = io.BufferedReader(_Lent(self._source), BUFFER)
        return iter(io.TextIOWrapper(lent, encoding=self._encoding, newline=""))

    def _begin(self, lines: Iterator[str]) -> tuple[list[str], Iterator[list[str]]]:
        """The names in the heading, and the records that follow it."""
        first = next(lines, "")
        named = NAMED_DELIMITER.match(first)  # spreadsheets write `sep=;` above the heading
        if self._delimiter is None:
            self._delimiter = named.group(1) if named else _delimiter_of(first)
        text = lines if named else itertools.chain([first], lines)
        records = csv.reader(text, delimiter=self._delimiter, quotechar=QUOTE, strict=True)
        names = [cell.strip() for cell in next(records, [])]
        return names, records

    def _records(self) -> Iterator[tuple[Values | None, str]]:
        """Each record's cells and letters; an empty line has no cells."""
        with _refusing():
            lines = _Pulled(self._text())
            _, records = self._begin(lines)
            lines.taken()
            for cells in records:
                yield (self._values(cells) if cells else None), lines.taken()

    def _values(self, cells: list[str]) -> Values:
        """A row may leave out cells at its end; one that has more than the heading may hide something."""
        missing = len(self.columns) - len(cells)
        if missing < 0:
            raise UnreadableError("has a row with more cells than the heading")
        return tuple([cell or None for cell in cells]) + (None,) * missing

    def _written(self, cells: list[Any], letters: str) -> str:
        """A row, quoted and ended as it was."""
        body = letters.rstrip("\r\n")
        all_quoted = body[:1] == body[-1:] == QUOTE and body.count(QUOTE) >= 2 * len(cells)
        out = io.StringIO(newline="")
        # The writer quotes a cell for the letters that end its own rows: so both do, whatever ends this one.
        csv.writer(
            out,
            delimiter=self._delimiter or ",",
            quotechar=QUOTE,
            quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL,
            lineterminator=ENDED,
        ).writerow(cells)
        return out.getvalue().removesuffix(ENDED) + letters[len(body) :]


@contextmanager
def _refusing() -> Iterator[None]:
    """Turns what reading and writing raise into a sentence; theirs quote the file."""
    said = ""
    try:
        yield
    except UnicodeEncodeError:
        said = "can not hold a new value in its encoding"
    except UnicodeError:
        said = "is not of its encoding; say `encoding`"
    except csv.Error:
        said = "is not well-formed: quotes do not close, or a cell has no end"
    except (gzip.BadGzipFile, EOFError, zlib.error):
        said = "is not packed as its name says, or is cut off"
    if said:
        raise UnreadableError(said) from None


def _encoding(source: BinaryIO, said: str | None) -> tuple[bytes, str]:
    """The byte order mark, and the encoding that it, or else the document, tells; else UTF-8."""
    source.seek(0)
    start = source.read(4)
    for mark, encoding in BOMS:
        if start.startswith(mark):
            return mark, encoding
    return b"", said or "utf-8"


def _delimiter_of(heading: str) -> str:
    """The delimiter that makes most columns of the heading."""
    return max(DELIMITERS, key=lambda one: len(next(csv.reader([heading], delimiter=one), [])))
