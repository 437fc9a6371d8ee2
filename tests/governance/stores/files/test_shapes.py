"""Files are laid out as tables are."""

import gzip

import pytest

from governance.stores.errors import StoreCode, StoreError
from governance.stores.files.columnar import ColumnarFile
from governance.stores.files.delimited import DelimitedFile
from governance.stores.files.description import FileFormat, Layout
from governance.stores.files.folder import Folder
from governance.stores.files.places import read_address
from governance.stores.files.shapes import FILE, ROW, lay_files, layout_of, open_rows
from governance.stores.mapping import TableErase, TableMapping
from governance.stores.reading import parse
from tests.governance.stores.files.conftest import Shelf, document
from tests.governance.stores.files.test_columnar import written

ONE = {"identity": {"email": "email"}, "erase": "delete"}


@pytest.mark.parametrize(
    ("name", "said", "layout"),
    [
        ("a.csv", None, Layout(FileFormat.CSV)),
        ("A.TSV.GZ", None, Layout(FileFormat.CSV)),
        ("a.parquet", None, Layout(FileFormat.PARQUET)),
        ("a.dat", None, None),
        ("a.dat", Layout(FileFormat.CSV), Layout(FileFormat.CSV)),
        ("a.csv", Layout(None, ";", "cp1252"), Layout(FileFormat.CSV, ";", "cp1252")),
    ],
)
def test_names_tell_formats_and_documents_more(name: str, said: Layout | None, layout: Layout | None) -> None:
    """What the document says comes first."""
    assert layout_of(TableMapping(name, TableErase.DELETE, layout=said)) == layout


def test_each_format_is_opened_as_what_it_is(folder: Shelf) -> None:
    """Packed or not."""
    folder.put("a.csv.gz", gzip.compress(b"email\n"))
    folder.put("a.parquet", written().getvalue())
    place = Folder(read_address(folder.url).path)
    with place.open("a.csv.gz") as (stream, _):
        assert isinstance(open_rows("a.csv.gz", stream, Layout(FileFormat.CSV)), DelimitedFile)
    with place.open("a.parquet") as (stream, _):
        assert isinstance(open_rows("a.parquet", stream, Layout(FileFormat.PARQUET)), ColumnarFile)


def test_a_table_has_the_columns_of_its_files(folder: Shelf) -> None:
    """In any order, and a key of their own; what is not there is missing."""
    folder.put("a-1.csv", b"email,name\n")
    folder.put("a-2.csv", b"name,email\n")
    place = Folder(read_address(folder.url).path)
    schema, layouts = lay_files(place, parse(document({"a-*.csv": ONE, "b.csv": ONE})))
    shape = schema.shapes["a-*.csv"]
    assert set(shape.table.c.keys()) == {FILE, ROW, "email", "name"}
    assert [column.name for column in shape.key] == [FILE, ROW]
    assert (schema.missing, layouts) == (("b.csv",), {"a-*.csv": Layout(FileFormat.CSV)})
    folder.put("a-3.csv", b"email\n")
    with pytest.raises(StoreError) as refused:
        lay_files(place, parse(document({"a-*.csv": ONE})))
    assert refused.value.reason is StoreCode.COLUMN_MISSING
    with pytest.raises(StoreError) as refused:
        lay_files(place, parse(document({"a.dat": ONE})))
    assert refused.value.reason is StoreCode.MAPPING_INVALID
