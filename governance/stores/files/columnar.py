"""Parquet files: read and written in batches, with the schema, metadata and compression that they had.

pyarrow is loaded only when such a file is opened: few need it, and it is large.
"""

import importlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from sqlalchemy import JSON, Boolean, Date, DateTime, Float, Integer, LargeBinary, Numeric, String
from sqlalchemy.types import TypeEngine

from governance.stores.files.formats import Decide, FileColumn, Gone, Tally, UnreadableError, Values

BATCH = 16_384
"""Rows in memory at a time."""


class ColumnarFile:
    """A Parquet file, open for reading; the stream must be seekable."""

    def __init__(self, source: BinaryIO) -> None:
        """Reads the schema.

        Raises:
            UnreadableError: it is no Parquet file, or pyarrow is not installed.
        """
        self._source = source
        self._arrow, self._parquet = _library("pyarrow"), _library("pyarrow.parquet")
        self._open()
        self._schema = self._file.schema_arrow
        types = self._arrow.types
        self.columns = tuple(
            FileColumn(field.name, _type_of(types, field.type), field.nullable) for field in self._schema
        )
        if len(set(self._schema.names)) != len(self._schema.names):
            raise UnreadableError("names a column twice")

    def rows(self) -> Iterator[Values]:
        """The values of each row."""
        for batch in self._batches():
            yield from self._values(batch)

    def rewrite(self, target: BinaryIO, decide: Decide) -> Tally:
        """Writes the file anew, batch by batch."""
        before = kept = changed = removed = 0
        with self._parquet.ParquetWriter(target, self._schema, compression=self._compression()) as writer:
            for batch in self._batches():
                decisions = [decide(values) for values in self._values(batch)]
                gone = sum(1 for one in decisions if isinstance(one, Gone))
                same = sum(1 for one in decisions if one is None)
                before, kept, removed = before + len(decisions), kept + same, removed + gone
                changed += len(decisions) - same - gone
                written = batch if same == len(decisions) else self._decided(batch, decisions)
                if written.num_rows:
                    writer.write_batch(written)
        return Tally(before, kept, changed, removed)

    def _decided(self, batch: Any, decisions: list[Any]) -> Any:
        """A batch after its decisions; a column in which nothing changed is not read into Python and back."""
        stays = [not isinstance(one, Gone) for one in decisions]
        left = batch.filter(self._arrow.array(stays))
        news = [one or {} for one, stay in zip(decisions, stays, strict=True) if stay]
        try:
            columns = [
                self._column(field, column, news) if any(field.name in new for new in news) else column
                for field, column in zip(self._schema, left.columns, strict=True)
            ]
            return self._arrow.RecordBatch.from_arrays(columns, schema=self._schema)
        except (self._arrow.ArrowException, TypeError, ValueError):
            pass
        raise UnreadableError("has a column that can not hold what it should hold afterwards")

    def _column(self, field: Any, column: Any, news: list[Any]) -> Any:
        """A column with its new values."""
        values = [new.get(field.name, old) for new, old in zip(news, column.to_pylist(), strict=True)]
        return self._arrow.array(values, field.type)

    def _values(self, batch: Any) -> Iterator[Values]:
        """The rows of a batch as Python has them: times to the microsecond."""
        try:
            columns = [self._shortened(column).to_pylist() for column in batch.columns]
        except (self._arrow.ArrowException, ValueError, OverflowError):
            columns = None
        if columns is None:
            raise UnreadableError("holds a value that can not be read, as a date beyond the year 9999")
        return zip(*columns, strict=True) if columns else iter(())

    def _shortened(self, column: Any) -> Any:
        """Times without what Python's can not hold."""
        kind = column.type
        if getattr(kind, "unit", None) != "ns":
            return column
        types = self._arrow.types
        if types.is_timestamp(kind):
            return column.cast(self._arrow.timestamp("us", kind.tz), safe=False)
        return column.cast(
            self._arrow.time64("us") if types.is_time(kind) else self._arrow.duration("us"), safe=False
        )

    def _batches(self) -> Iterator[Any]:
        self._open()
        try:
            yield from self._file.iter_batches(batch_size=BATCH)
        except (self._arrow.ArrowException, OSError):
            raise UnreadableError("is damaged") from None

    def _open(self) -> None:
        self._source.seek(0)
        try:
            self._file = self._parquet.ParquetFile(self._source)
        except (self._arrow.ArrowException, OSError):
            raise UnreadableError("is not a Parquet file") from None

    def _compression(self) -> dict[str, str] | str:
        """How each column was compressed; as the first row group says."""
        data = self._file.metadata
        if not data.num_row_groups:
            return "snappy"
        group = data.row_group(0)
        chunks = [group.column(place) for place in range(group.num_columns)]
        return {chunk.path_in_schema: chunk.compression for chunk in chunks}


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise UnreadableError("needs pyarrow to be read: say `make extra`") from None


def _type_of(types: Any, kind: Any) -> TypeEngine[Any]:
    """The nearest SQL type; lists and maps are read as JSON is."""
    known: tuple[tuple[Any, TypeEngine[Any]], ...] = (
        (types.is_boolean, Boolean()),
        (types.is_integer, Integer()),
        (types.is_floating, Float()),
        (types.is_decimal, Numeric()),
        (types.is_date, Date()),
        (types.is_timestamp, DateTime()),
        (types.is_nested, JSON()),
        (types.is_binary, LargeBinary()),
        (types.is_large_binary, LargeBinary()),
    )
    return next((found for fits, found in known if fits(kind)), String())
