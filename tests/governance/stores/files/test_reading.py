"""What a document says of files is read, and every fault has its place."""

from typing import Any

import pytest

from governance.stores.files.description import FileFormat, Layout, OldVersions
from governance.stores.files.reading import check_names, read_layout, read_old_versions
from governance.stores.reader import Reader


def test_layouts_are_read() -> None:
    """A word, a map, or nothing."""
    reader = Reader()
    said = {"delimiter": "\t", "encoding": "cp1252"}
    assert [read_layout(reader, value, "x") for value in (None, "parquet", said)] == [
        None,
        Layout(FileFormat.PARQUET),
        Layout(None, "\t", "cp1252"),
    ]
    assert reader.errors == {}


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("xlsx", "x.kind"),
        ({"delimiter": ";;"}, "x.delimiter"),
        ({"delimiter": '"'}, "x.delimiter"),
        ({"delimiter": 1}, "x.delimiter"),
        ({"encoding": "klingon"}, "x.encoding"),
        ({"encoding": "base64"}, "x.encoding"),
        ({"quote": "'"}, "x.quote"),
        ([], "x"),
    ],
)
def test_faults_of_layouts_are_named(value: Any, place: str) -> None:
    """By where they stand."""
    reader = Reader()
    read_layout(reader, value, "x")
    assert list(reader.errors) == [place]


def test_old_versions_are_deleted_or_kept_for_a_reason() -> None:
    """Nothing between."""
    reader = Reader()
    assert read_old_versions(reader, None) is None
    assert read_old_versions(reader, "delete") == OldVersions()
    kept = read_old_versions(reader, {"keep": "the law"})
    assert kept == OldVersions("the law")
    assert (OldVersions().deleted, OldVersions("the law").deleted) == (True, False)
    assert reader.errors == {}
    for value in ("keep", {"keep": ""}, {"delete": "x"}):
        assert read_old_versions(reader, value) is None
    assert set(reader.errors) == {"old_versions", "old_versions.keep"}


def test_names_that_lead_out_are_faults() -> None:
    """Of the document, before anything is opened."""
    reader = Reader()
    check_names(reader, {"a.csv": {}, "../b.csv": {}})
    assert list(reader.errors) == ["tables.../b.csv"]
