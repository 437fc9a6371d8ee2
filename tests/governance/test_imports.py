"""Reading files of leads: every line is itself or refused, and no line spoils another."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import FactInvalidError
from governance.imports import LONGEST_RECORD, Line, LineCode, document_of, header_of, records


def test_a_header_names_columns_of_the_contract() -> None:
    """Quoted or not, with the mark that spreadsheets put in front."""
    assert header_of(b'\xef\xbb\xbfemail,"country",profile.first_name') == [
        "email",
        "country",
        "profile.first_name",
    ]


@pytest.mark.parametrize(
    "line",
    [b"", b"email,salary", b"email,email", b"email,profile.First", b"email,profile.", b"\xff\xfe", b'"email'],
)
def test_any_other_header_is_refused(line: bytes) -> None:
    """Guessing what a column means would put data into the wrong place."""
    with pytest.raises(FactInvalidError):
        header_of(line)


def test_records_are_numbered_as_a_person_counts_them() -> None:
    """The header is line 1; empty lines count and are no records."""
    assert list(records([b"a,1", b"", b"b,2"], 2)) == [Line(2, ["a", "1"]), Line(4, ["b", "2"])]


def test_a_record_may_span_lines_inside_quotes() -> None:
    """RFC 4180; the next record has its own number."""
    assert list(records([b'a,"one', b'two"', b"b,2"], 2)) == [Line(2, ["a", "one\ntwo"]), Line(4, ["b", "2"])]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (b"a", LineCode.COLUMNS),
        (b"a,1,2", LineCode.COLUMNS),
        (b"a,\xff", LineCode.ENCODING),
        (b'a,"1', LineCode.COLUMNS),
        (b'a,"1"x', LineCode.COLUMNS),
        (b"a,\x00", LineCode.COLUMNS),
        (None, LineCode.TOO_LONG),
    ],
)
@pytest.mark.parametrize("after", [[b"b,2", b"c,3"], [b'b,"2"', b'c,"3"'], []])
def test_a_bad_line_spoils_no_neighbour(bad: bytes | None, code: LineCode, after: list[bytes]) -> None:
    """It alone is refused, with its number; also a quote that is never closed."""
    found = list(records([b"a,1", bad, *after], 2))

    assert found[0] == Line(2, ["a", "1"])
    assert found[1] == Line(3, code=code)
    assert [line.cells for line in found[2:]] == [["b", "2"], ["c", "3"]][: len(after)]


def test_a_record_has_a_limit() -> None:
    """An open quote gathers no more than 64 KiB, and what it gathered is read again."""
    line = b"b," + b"x" * 1000
    found = list(records([b'a,"1', *[line] * 200], 2))

    assert found[0] == Line(2, code=LineCode.COLUMNS)
    assert len(found) == 201
    assert all(one.code is None for one in found[1:])
    assert len(line) * 200 > 2 * LONGEST_RECORD


CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=8))
def test_what_a_spreadsheet_writes_is_read_back(rows: list[list[str]]) -> None:
    """Whatever the cells hold: commas, quotes, line ends."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    lines = written.getvalue().encode().split(b"\n")

    assert [list(line.cells) for line in records(lines, 2)] == rows


def test_a_record_becomes_the_document_of_the_contract() -> None:
    """Empty cells are absent; the source and the external id are put together."""
    columns = header_of(
        b"email,phone,external_system,external_id,country,source_key,source_kind,source_obtained_at,"
        b"provider,profile.first_name,profile.city"
    )
    cells = ["j@example.com", "", "crm", "7", "DE", "fair", "event", "2026-01-02T00:00:00Z", "", "Jane", ""]

    assert document_of(columns, cells) == {
        "country": "DE",
        "identifiers": [
            {"type": "email", "value": "j@example.com"},
            {"type": "external", "value": "7", "system": "crm"},
        ],
        "source": {"key": "fair", "kind": "event", "obtained_at": "2026-01-02T00:00:00Z"},
        "profile": {"first_name": "Jane"},
    }
