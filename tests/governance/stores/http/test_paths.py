"""Dotted paths into answers."""

import pytest

from governance.stores.http.paths import as_rows, at, leaves, put

DOCUMENT = {"a": {"b": [{"c": 1}, {"c": 2}]}, "x.y": 3, "n": None, "e": ""}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", DOCUMENT),
        ("a.b.1.c", 2),
        ("a.b.*.c", [1, 2]),
        ("x.y", 3),
        ("n", None),
        ("n.deeper", None),
        ("a.b.7.c", None),
        ("a.b.c", None),
        ("e.f", None),
        ("none", None),
    ],
)
def test_what_stands_at_a_path(path: str, expected: object) -> None:
    """Whatever shape the document has, a path that leads nowhere gives nothing."""
    assert at(DOCUMENT, path) == expected


def test_putting_makes_the_way_and_leaves_the_original_alone() -> None:
    """A copy, with what stood beside it."""
    before = {"a": {"x": 1}, "l": [1]}
    assert put(before, "a.b.c", 2) == {"a": {"x": 1, "b": {"c": 2}}, "l": [1]}
    assert put(None, "q", 1) == {"q": 1}
    assert before == {"a": {"x": 1}, "l": [1]}


def test_leaves_are_named_by_their_paths() -> None:
    """Lists are values."""
    assert dict(leaves({"a": {"b": 1, "c": {"d": [2]}}, "e": None})) == {"a.b": 1, "a.c.d": [2], "e": None}


def test_rows_are_maps() -> None:
    """One is a list of one; what is none is not taken for an empty list."""
    assert as_rows({"a": 1}) == [{"a": 1}]
    assert as_rows([{"a": 1}]) == [{"a": 1}]
    assert as_rows([]) == []
    assert as_rows(None) is None
    assert as_rows([1]) is None
    assert as_rows("rows") is None
