"""Numbers of things, in words."""

from audit.counted import counted


def test_one_is_no_plural() -> None:
    """None is, and so are many."""
    assert [counted(number, "place") for number in (0, 1, 2)] == ["0 places", "1 place", "2 places"]
    assert [counted(number, "entry", "entries") for number in (1, 5)] == ["1 entry", "5 entries"]
