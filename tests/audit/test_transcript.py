"""`audit.transcript`: the form of an export, there and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import TranscriptMalformedError
from audit.transcript import Header, Part, entry_line, parse_entry_line

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
HASHES = st.lists(st.binary(min_size=32, max_size=32), max_size=3).map(tuple)
PARTS = st.builds(Part, st.integers(0, 10**12), st.integers(0, 10**12), HASHES, HASHES)


@given(st.builds(Header, TEXTS, TEXTS, st.lists(TEXTS).map(tuple), st.none() | PARTS))
def test_a_header_comes_back(header: Header) -> None:
    """One line, whatever stands in it."""
    line = bytes(header)

    assert line.index(b"\n") == len(line) - 1
    assert header == Header.parse(line)


def test_golden_lines() -> None:
    """The form, to the byte: the contract's three members, and what makes a part."""
    part = Part(5, 2, (bytes(32),), ())

    assert bytes(Header("log", "note", ("key",))) == b'{"checkpoint":"note","keys":["key"],"origin":"log"}\n'
    assert bytes(Header("log", "note", (), part)) == (
        b'{"checkpoint":"note","keys":[],"origin":"log","part":{"count":2,"first":5,'
        b'"left":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="],"right":[]}}\n'
    )
    assert entry_line(7, b"{}") == b'{"index":7,"entry":"e30="}\n'


@given(st.integers(0, 10**12), st.binary(max_size=300))
def test_an_entry_comes_back(index: int, entry: bytes) -> None:
    """At its own place and at no other."""
    line = entry_line(index, entry)

    assert entry == parse_entry_line(line, index)
    with pytest.raises(TranscriptMalformedError, match="stands in its place"):
        parse_entry_line(line, index + 1)


@given(st.binary(max_size=100))
def test_no_line_breaks_the_reader(line: bytes) -> None:
    """Anything else is refused by name."""
    with pytest.raises(TranscriptMalformedError):
        parse_entry_line(line, 0)
    with pytest.raises(TranscriptMalformedError):
        Header.parse(line)
