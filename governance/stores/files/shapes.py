"""The files of a store, laid out as tables are: so that finding, judging and planning are the same for both.

A row has no key of its own. It is named by its file and by a fingerprint of what it says, which stays true
wherever the row stands, and stops being true when it is changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, BinaryIO

from sqlalchemy import Column, MetaData, String, Table

from governance.stores.errors import StoreCode, StoreError
from governance.stores.files.columnar import ColumnarFile
from governance.stores.files.delimited import DelimitedFile
from governance.stores.files.description import FileFormat, Layout
from governance.stores.files.formats import FileColumn, RowFile, UnreadableError
from governance.stores.files.packed import unpacked
from governance.stores.files.places import Place, matching
from governance.stores.mapping import StoreDocument, TableMapping
from governance.stores.schema import LiveSchema, Shape

FILE, ROW = "#file", "#row"
"""The columns that make up a row's key; no heading can begin so and be mapped."""
SUFFIXES: Mapping[str, FileFormat] = {
    ".csv": FileFormat.CSV,
    ".tsv": FileFormat.CSV,
    ".txt": FileFormat.CSV,
    ".parquet": FileFormat.PARQUET,
}


def layout_of(mapping: TableMapping) -> Layout | None:
    """How a table's files are to be read: as the document says, else as their names say."""
    name = mapping.name.casefold().removesuffix(".gz")
    told = next((kind for suffix, kind in SUFFIXES.items() if name.endswith(suffix)), None)
    said = mapping.layout or Layout()
    kind = said.format or told
    return None if kind is None else replace(said, format=kind)


def open_rows(name: str, stream: BinaryIO, layout: Layout) -> RowFile:
    """A file as rows.

    Raises:
        UnreadableError: it is not what it is said to be.
    """
    if layout.format is FileFormat.PARQUET:
        return ColumnarFile(stream)
    return DelimitedFile(unpacked(name, stream), layout)


def lay_files(place: Place, document: StoreDocument) -> tuple[LiveSchema, dict[str, Layout]]:
    """The tables of a document as they are, and how each is read.

    Raises:
        StoreError: the place does not answer, or a file is not what it is said to be.
    """
    shapes: dict[str, Shape] = {}
    layouts: dict[str, Layout] = {}
    missing: list[str] = []
    for name, mapping in document.tables.items():
        layout = layout_of(mapping)
        if layout is None:
            raise StoreError(StoreCode.MAPPING_INVALID, name)
        try:
            files = matching(place, name)
        except StoreError as error:
            if error.reason is not StoreCode.TABLE_MISSING:
                raise
            missing.append(name)
            continue
        layouts[name] = layout
        shapes[name] = _shape(mapping, [_columns(place, file, layout) for file in files])
    return LiveSchema(shapes, holders={}, references=(), missing=tuple(missing)), layouts


def _shape(mapping: TableMapping, found: Sequence[tuple[FileColumn, ...]]) -> Shape:
    """One table of all its files, which must have the same columns."""
    if len({frozenset(one.name for one in columns) for columns in found}) > 1:
        raise StoreError(StoreCode.COLUMN_MISSING, mapping.name)
    key: tuple[Column[Any], ...] = (Column(FILE, String()), Column(ROW, String()))
    columns = (Column(one.name, one.type, nullable=one.nullable) for one in found[0])
    return Shape(mapping, Table(mapping.name, MetaData(), *key, *columns), key)


def _columns(place: Place, name: str, layout: Layout) -> tuple[FileColumn, ...]:
    with place.open(name) as (stream, _):
        try:
            return open_rows(name, stream, layout).columns
        except UnreadableError as error:
            raise UnreadableError(f"{name}: {error.said}") from None
