"""What formats have in common: names for rows, and counts of what became of them."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from governance.stores.errors import StoreCode
from governance.stores.files.formats import Tally, UnreadableError, fingerprint


@given(st.lists(st.text(max_size=5), min_size=1, max_size=4))
def test_a_row_is_named_by_what_it_says(values: list[str]) -> None:
    """The same for the same, another for another; nothing of the values is in it."""
    assert fingerprint(values) == fingerprint(list(values))
    assert fingerprint([*values, "x"]) != fingerprint(values)
    assert len(fingerprint(values)) == 32


def test_values_of_every_type_make_a_name() -> None:
    """Numbers, times, lists, and nothing."""
    row = (1, 2.5, None, True, dt.date(2026, 11, 24), ["a"], {"b": b"c"}, "\ud800")
    assert fingerprint(row) == fingerprint(row)
    assert fingerprint(("a", "b")) != fingerprint(("ab", ""))


def test_counts_add_up() -> None:
    """Rows before are rows after and rows removed."""
    tally = Tally(before=5, kept=2, changed=1, removed=2)
    assert (tally.after, tally.touched) == (3, True)
    assert not Tally(before=2, kept=2).touched


def test_what_can_not_be_read_has_a_closed_code() -> None:
    """And a sentence for the operator beside it."""
    error = UnreadableError("is damaged")
    assert (error.reason, error.said, error.passes) == (StoreCode.MAPPING_INVALID, "is damaged", False)


def test_no_cell_says_what_two_others_say() -> None:
    """Else a row could be made that goes with somebody else's."""
    assert fingerprint(("a\x1fb", "c")) != fingerprint(("a", "b\x1fc"))
    assert fingerprint(("1:a", "")) != fingerprint(("", "1:a"))
