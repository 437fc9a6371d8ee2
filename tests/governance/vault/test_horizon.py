"""`governance.vault.horizon`: a bound where the layout gives one, else the reasons why not."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.vault.horizon import EXPLANATIONS, Horizon, Layout, Unbounded, horizon

WEEKLY = Layout(
    epoch_length=timedelta(days=7),
    epoch_age=timedelta(days=2),
    destruction_delay=timedelta(0),
    refresh_interval=timedelta(minutes=1),
    keys_inside_home=False,
)


def test_a_weekly_epoch_bounds_it_by_a_week_and_the_memory_of_processes() -> None:
    """The default layout."""
    assert str(horizon(WEEKLY)) == "7 d 0 h 1 min"


def test_a_providers_delay_is_added() -> None:
    """A key management system that keeps deleted keys for 30 days keeps them for erasures too."""
    slow = replace(WEEKLY, destruction_delay=timedelta(days=30))

    assert horizon(slow) == Horizon(timedelta(days=37, minutes=1))


@pytest.mark.parametrize(
    ("layout", "reasons"),
    [
        (replace(WEEKLY, epoch_length=None), (Unbounded.ROTATION_OFF,)),
        (replace(WEEKLY, epoch_age=timedelta(days=8)), (Unbounded.ROTATION_OVERDUE,)),
        (replace(WEEKLY, keys_inside_home=True), (Unbounded.KEY_DIRECTORY_INSIDE_HOME,)),
        (replace(WEEKLY, destruction_delay=None), (Unbounded.SNAPSHOTS_UNKNOWN,)),
        (
            replace(WEEKLY, epoch_length=None, keys_inside_home=True),
            (Unbounded.ROTATION_OFF, Unbounded.KEY_DIRECTORY_INSIDE_HOME),
        ),
    ],
)
def test_a_layout_that_gives_no_bound_says_why(layout: Layout, reasons: tuple[Unbounded, ...]) -> None:
    """Every reason that holds, in the words that `vault status` prints."""
    found = horizon(layout)

    assert found == Horizon(None, reasons)
    assert all(EXPLANATIONS[reason] in str(found) for reason in reasons)
    assert str(found).startswith("unbounded (")


def test_every_reason_has_its_words() -> None:
    """No bare code is printed."""
    assert set(EXPLANATIONS) == set(Unbounded)


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=30)))
def test_the_bound_is_never_shorter_than_what_is_already_past(age: timedelta) -> None:
    """An epoch that is a little late makes the horizon longer, not the promise false."""
    found = horizon(replace(WEEKLY, epoch_age=age)).length

    assert found is None or found >= max(age, timedelta(days=7))
