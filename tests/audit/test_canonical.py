"""`audit.canonical` against the reference encoder."""

from enum import StrEnum
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit.canonical import MAX_INTEGER, canonical_bytes
from audit.errors import EntryRefusedError

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
KEYS = st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0xFFFF))
SCALARS = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXTS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20)


class Colour(StrEnum):
    """A text by another name."""

    RED = "red"


@given(VALUES)
def test_bytes_are_those_of_rfc_8785(value: Any) -> None:
    """For everything that an entry may hold, the fast encoder and the reference agree to the byte."""
    assert rfc8785.dumps(value) == canonical_bytes(value)


def test_members_of_an_enum_are_texts() -> None:
    """Vocabulary enums can stand in facts as they are, tuples as lists."""
    assert canonical_bytes({"colour": (Colour.RED,)}) == b'{"colour":["red"]}'


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        float("nan"),
        1.0,
        MAX_INTEGER + 1,
        -MAX_INTEGER - 1,
        {1: "a"},
        {None: "a"},
        {"a": {"b": [0.5]}},
        b"bytes",
        {"a", "set"},
        object(),
        "\ud800",
        {"\ud800": 1},
        {"\U0001f600": 1},
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_single_spelling_is_refused(value: Any) -> None:
    """Floats, unsafe integers, keys that are no text, other types, lone surrogates: none enters an entry."""
    with pytest.raises(EntryRefusedError):
        canonical_bytes(value)
