"""Errands that are kept in memory only."""

from governance.stores.errands import Errand, MemoryBook
from governance.stores.protocol import RowRef

ROW = RowRef("people", ("p1",))


def test_an_errand_lasts_from_its_beginning_to_its_end() -> None:
    """One for each row; begun twice it is the same."""
    book = MemoryBook()
    assert book.find(ROW) is None
    begun = book.begin(ROW)
    assert (book.begin(ROW), begun.name, begun.callback) == (begun, None, None)
    assert book.take(begun, "r1") == Errand(begun.id, ROW, name="r1")
    assert book.find(ROW) == Errand(begun.id, ROW, name="r1")
    assert book.forget(begun) == book.find(ROW) == begun
    book.end(begun)
    book.end(begun)
    assert book.find(ROW) is None
