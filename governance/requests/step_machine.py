"""The states of one step, and how long a failing one waits: pure.

queued              claimed by a worker                   running
running             done, read back, nothing remains      succeeded
                    a rule or a hold keeps the data       exempt
                    could not, may be tried again         queued, later
                    could not, and trying is over         failed
                    a person must look                    waiting_for_person
failed, waiting     retry, decide                         queued
failed, waiting     a person did it by hand               succeeded
succeeded           look-back, or new identities          queued
exempt              new identities: there may be more     queued
"""

from dataclasses import dataclass
from datetime import timedelta

from governance.errors import IllegalChangeError
from governance.requests.vocabulary import StepStatus

FIRST_WAIT = timedelta(seconds=1)
GROWTH = 2
MOST_TRIES = 5
"""1 + 2 + 4 + 8 seconds of waiting; what is still down then is a matter for a person."""

CHANGES: dict[StepStatus, frozenset[StepStatus]] = {
    StepStatus.QUEUED: frozenset({StepStatus.RUNNING, StepStatus.EXEMPT}),
    StepStatus.RUNNING: frozenset(
        {
            StepStatus.QUEUED,
            StepStatus.SUCCEEDED,
            StepStatus.EXEMPT,
            StepStatus.FAILED,
            StepStatus.WAITING_FOR_PERSON,
        }
    ),
    StepStatus.FAILED: frozenset({StepStatus.QUEUED, StepStatus.SUCCEEDED}),
    StepStatus.WAITING_FOR_PERSON: frozenset({StepStatus.QUEUED, StepStatus.SUCCEEDED}),
    StepStatus.SUCCEEDED: frozenset({StepStatus.QUEUED}),
    StepStatus.EXEMPT: frozenset({StepStatus.QUEUED}),
}


@dataclass(frozen=True, slots=True)
class Retry:
    """What becomes of a step that could not be done."""

    status: StepStatus
    wait: timedelta


def changed(old: StepStatus, new: StepStatus) -> StepStatus:
    """`new`, if a step may go there from `old`.

    Raises:
        IllegalChangeError: it may not.
    """
    if new not in CHANGES[old]:
        raise IllegalChangeError(f"a step that is {old} can not become {new}")
    return new


def after_failure(tries: int, *, again: bool) -> Retry:
    """Back-off: doubled with each of `tries` (counted from 1); `again` is false for what no retry cures."""
    if not again or tries >= MOST_TRIES:
        return Retry(StepStatus.FAILED, timedelta(0))
    return Retry(StepStatus.QUEUED, FIRST_WAIT * GROWTH ** (tries - 1))
