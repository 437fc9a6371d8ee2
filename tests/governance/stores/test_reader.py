"""Reading values of documents: one answer names every place that is wrong."""

from governance.stores.mapping import StoreKind
from governance.stores.reader import Reader


def test_every_wrong_place_is_named_once_each() -> None:
    """Whoever wrote the document mends it in one go."""
    reader = Reader()
    assert reader.mapping([], "tables") == {}
    assert reader.mapping({"a": 1}, "", {"b"}) == {"a": 1}
    assert reader.text(" ", "store") is None
    assert reader.word("cloud", StoreKind, "kind") is None
    assert reader.texts("x", "purposes") == ()
    assert reader.errors == {
        "tables": ["must be a map"],
        "a": ["is not a field of this document"],
        "store": ["must be a text"],
        "kind": ["must be one of sql, http, file, manual"],
        "purposes": ["must be a list of texts"],
    }


def test_what_is_right_is_given_back() -> None:
    """And what is absent, where it may be."""
    reader = Reader()
    assert reader.mapping(None, "tables") == {}
    assert reader.text(None, "note", optional=True) is None
    assert reader.word("sql", StoreKind, "kind") is StoreKind.SQL
    assert reader.texts(["x"], "purposes") == ("x",)
    assert reader.errors == {}
