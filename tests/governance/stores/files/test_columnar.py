"""Parquet files keep their schema, metadata and compression."""

import datetime as dt
import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import JSON, DateTime, Integer, String

from governance.stores.files import columnar
from governance.stores.files.columnar import ColumnarFile
from governance.stores.files.formats import GONE, Decision, Tally, UnreadableError

AT = dt.datetime(2026, 11, 24, 10, tzinfo=dt.UTC)
ROWS: list[dict[str, Any]] = [
    {"id": 1, "email": "jane@x.example", "at": AT, "tags": ["a"], "extra": {"by": "Jane"}, "name": "Jane"},
    {"id": 2, "email": "bob@x.example", "at": None, "tags": [], "extra": None, "name": None},
    {"id": 3, "email": None, "at": AT, "tags": None, "extra": {"by": "Bob"}, "name": "Bob"},
]
SCHEMA = pa.schema(
    [
        pa.field("id", pa.int32(), nullable=False),
        ("email", pa.string()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("tags", pa.list_(pa.string())),
        ("extra", pa.struct([("by", pa.string())])),
        ("name", pa.dictionary(pa.int8(), pa.string())),
    ],
    metadata={"made_by": "a warehouse"},
)


def written(rows: list[dict[str, Any]] | None = None) -> io.BytesIO:
    """A file with some rows."""
    target = io.BytesIO()
    table = pa.Table.from_pylist(ROWS if rows is None else rows, schema=SCHEMA)
    pq.write_table(table, target, compression="zstd", row_group_size=2)
    return target


def test_the_schema_is_read() -> None:
    """The nearest SQL types, and what may be empty."""
    columns = {one.name: one for one in ColumnarFile(written()).columns}
    kinds = {name: type(columns[name].type) for name in ("id", "email", "at", "tags", "extra")}
    assert kinds == {"id": Integer, "email": String, "at": DateTime, "tags": JSON, "extra": JSON}
    assert (columns["id"].nullable, columns["email"].nullable) == (False, True)


def test_rows_are_read_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """As often as asked, from the beginning."""
    monkeypatch.setattr(columnar, "BATCH", 2)
    file = ColumnarFile(written())
    for _ in range(2):
        assert [values[1] for values in file.rows()] == ["jane@x.example", "bob@x.example", None]


def test_rows_go_and_change_and_the_rest_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Types, metadata and compression stay; values of every type survive being written again."""
    monkeypatch.setattr(columnar, "BATCH", 2)
    target = io.BytesIO()
    decisions: dict[int, Decision] = {1: GONE, 2: None, 3: {"name": None, "extra": {"by": "[redacted]"}}}
    tally = ColumnarFile(written()).rewrite(target, lambda values: decisions[values[0]])
    assert tally == Tally(before=3, kept=1, changed=1, removed=1)
    left = pq.ParquetFile(target)
    assert left.schema_arrow.equals(SCHEMA, check_metadata=False)
    assert left.schema_arrow.metadata[b"made_by"] == b"a warehouse"
    assert left.metadata.row_group(0).column(0).compression == "ZSTD"
    assert left.read().to_pylist() == [ROWS[1], ROWS[2] | {"name": None, "extra": {"by": "[redacted]"}}]


def test_a_file_may_come_to_hold_nobody() -> None:
    """It stays a file, with its columns; and one without rows is read."""
    target = io.BytesIO()
    ColumnarFile(written()).rewrite(target, lambda _values: GONE)
    empty = ColumnarFile(target)
    assert list(empty.rows()) == []
    assert empty.rewrite(io.BytesIO(), lambda _values: GONE) == Tally()


@pytest.mark.parametrize("content", [b"", b"id,email\n1,x\n", b"PAR1....PAR1"])
def test_what_is_no_parquet_is_refused(content: bytes) -> None:
    """By a sentence that quotes nothing."""
    with pytest.raises(UnreadableError) as refused:
        ColumnarFile(io.BytesIO(content))
    assert refused.value.said == "is not a Parquet file"


def test_a_damaged_file_is_refused() -> None:
    """Rather than read as far as it goes."""
    content = bytearray(written().getvalue())
    content[4:40] = bytes(36)
    with pytest.raises(UnreadableError) as refused:
        list(ColumnarFile(io.BytesIO(bytes(content))).rows())
    assert refused.value.said == "is damaged"


def test_a_value_that_a_column_can_not_hold_is_refused() -> None:
    """Before anything takes the old file's place."""
    with pytest.raises(UnreadableError):
        ColumnarFile(written()).rewrite(io.BytesIO(), lambda _values: {"id": "[redacted]"})


def test_without_pyarrow_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few need it: it is not part of a plain installation."""

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(UnreadableError) as refused:
        ColumnarFile(written())
    assert "make extra" in refused.value.said


@pytest.mark.parametrize("kind", [pa.timestamp("ns"), pa.time64("ns"), pa.duration("ns")])
def test_times_finer_than_python_has_stay_in_rows_that_stay(kind: Any) -> None:
    """They are read to the microsecond, and written as they were."""
    table = pa.table({"id": ["a", "b", "c"], "at": pa.array([1, 2_000_000_001, 3], kind)})
    source, target = io.BytesIO(), io.BytesIO()
    pq.write_table(table, source)
    file = ColumnarFile(source)
    assert len(list(file.rows())) == 3
    decisions: dict[str, Decision] = {"a": GONE, "c": {"id": "x"}}
    file.rewrite(target, lambda values: decisions.get(values[0]))
    assert pq.read_table(target)["at"].equals(table["at"].slice(1))


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"at": pa.array([253_402_300_800], pa.timestamp("s"))}),
        pa.Table.from_arrays([pa.array(["a@x"]), pa.array(["b@x"])], names=["email", "email"]),
    ],
)
def test_what_python_can_not_hold_is_refused(table: Any) -> None:
    """A date beyond its years, and two columns of one name, of which one would hide the other."""
    source = io.BytesIO()
    pq.write_table(table, source)
    with pytest.raises(UnreadableError):
        list(ColumnarFile(source).rows())
