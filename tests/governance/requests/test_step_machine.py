"""The states of a step and its waiting times."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import IllegalChangeError
from governance.requests import machine, step_machine
from governance.requests.vocabulary import StepStatus


def test_every_status_has_its_changes() -> None:
    """The table is total."""
    assert set(StepStatus) == set(step_machine.CHANGES)


def test_an_exempt_step_is_never_made_a_success() -> None:
    """What the law keeps may be searched again for more, and is not called done by hand."""
    assert {StepStatus.QUEUED} == step_machine.CHANGES[StepStatus.EXEMPT]


@given(st.sampled_from(StepStatus), st.sampled_from(StepStatus))
def test_a_change_is_in_the_table_or_an_error(old: StepStatus, new: StepStatus) -> None:
    """No change but those that are drawn."""
    if new in step_machine.CHANGES[old]:
        assert new == step_machine.changed(old, new)
    else:
        with pytest.raises(IllegalChangeError):
            step_machine.changed(old, new)


@pytest.mark.parametrize("status", sorted(machine.STUCK))
def test_a_stuck_step_moves_only_by_a_person(status: StepStatus) -> None:
    """No worker claims what failed or waits: only a requeue or a hand-made completion leaves it."""
    assert {StepStatus.QUEUED, StepStatus.SUCCEEDED} == step_machine.CHANGES[status]


def test_waiting_doubles_and_ends() -> None:
    """1, 2, 4 and 8 seconds, then it is a matter for a person."""
    waits = [step_machine.after_failure(tries, again=True) for tries in range(1, 6)]

    assert [int(each.wait.total_seconds()) for each in waits] == [1, 2, 4, 8, 0]
    assert [each.status for each in waits] == [StepStatus.QUEUED] * 4 + [StepStatus.FAILED]


def test_what_no_retry_cures_fails_at_once() -> None:
    """A missing table does not come back in a second."""
    expected = step_machine.Retry(StepStatus.FAILED, timedelta(0))

    assert expected == step_machine.after_failure(1, again=False)
