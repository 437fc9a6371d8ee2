"""The state machine of a privacy request, drawn as laws."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from governance.errors import IllegalChangeError
from governance.requests import machine
from governance.requests.vocabulary import RequestType, Status, StepStatus

AT_ONCE = ["objection", "opt_out_sale_sharing", "limit_sensitive", "complaint"]
OTHERS = ["access", "erasure", "rectification", "restriction", "portability"]


def in_status(status: Status) -> machine.Case:
    """An erasure that got to `status`."""
    return machine.Case(RequestType.ERASURE, status)


@pytest.mark.parametrize("kind", OTHERS)
def test_a_request_that_moves_data_awaits_verification(kind: str) -> None:
    """Access to data, and their end, need proof of who asks."""
    assert machine.opened(RequestType(kind)).status == Status.AWAITING_VERIFICATION


@pytest.mark.parametrize("kind", AT_ONCE)
def test_an_objection_goes_straight_to_review(kind: str) -> None:
    """What only stops processing is not held up by proof of identity."""
    assert machine.opened(RequestType(kind)).status == Status.AWAITING_REVIEW


def test_two_failed_verifications_leave_the_request_open() -> None:
    """A person may err twice."""
    case = machine.opened(RequestType.ACCESS)
    for _ in range(2):
        case = machine.verified(case, passed=False)

    assert case.status == Status.AWAITING_VERIFICATION
    assert case.failed_verifications == 2


def test_the_third_failed_verification_refuses_the_request() -> None:
    """Attempts are limited."""
    case = machine.opened(RequestType.ACCESS)
    for _ in range(3):
        case = machine.verified(case, passed=False)

    assert case.status == Status.REFUSED
    with pytest.raises(IllegalChangeError):
        machine.verified(case, passed=True)


@pytest.mark.parametrize("status", [status for status in Status if status != Status.AWAITING_REVIEW])
def test_only_what_awaits_review_can_be_approved(status: Status) -> None:
    """Review is neither skipped nor repeated."""
    with pytest.raises(IllegalChangeError):
        machine.approved(in_status(status))


@pytest.mark.parametrize("status", sorted(set(Status) - machine.OPEN))
def test_a_closed_request_takes_no_call(status: Status) -> None:
    """Closed means closed: no refusal, no cancellation, no clock moves."""
    for call in (machine.refused, machine.cancelled, machine.paused, machine.extended):
        with pytest.raises(IllegalChangeError):
            call(in_status(status))


@pytest.mark.parametrize("status", sorted(machine.OPEN))
def test_an_open_request_can_be_refused_and_cancelled(status: Status) -> None:
    """The person may go, and the controller may turn down, at any time."""
    assert machine.refused(in_status(status)).status == Status.REFUSED
    assert machine.cancelled(in_status(status)).status == Status.CANCELLED


@pytest.mark.parametrize("status", sorted(machine.OPEN))
def test_clocks_move_without_moving_the_status(status: Status) -> None:
    """Pause, resume and extend leave the status alone."""
    paused = machine.paused(in_status(status))

    assert status == paused.status
    assert in_status(status) == machine.resumed(paused)
    assert status == machine.extended(paused).status


def test_a_pause_is_not_nested_and_an_extension_is_not_repeated() -> None:
    """One pause at a time; one extension in a life."""
    case = in_status(Status.IN_PROGRESS)
    with pytest.raises(IllegalChangeError):
        machine.paused(machine.paused(case))
    with pytest.raises(IllegalChangeError):
        machine.resumed(case)
    with pytest.raises(IllegalChangeError):
        machine.extended(machine.extended(case))


def test_a_request_without_steps_is_not_done() -> None:
    """Nothing to do is not the same as nothing done."""
    assert machine.outcome([]) == Status.IN_PROGRESS


@given(st.lists(st.sampled_from(StepStatus), min_size=1))
def test_the_outcome_is_complete_only_when_every_step_is(steps: list[StepStatus]) -> None:
    """Nothing but succeeded and exempt counts, and one exemption is named in the outcome."""
    outcome = machine.outcome(steps)

    assert (outcome in machine.FINISHED) == all(step in machine.DONE for step in steps)
    assert (outcome == Status.COMPLETED) == all(step == StepStatus.SUCCEEDED for step in steps)
    assert (outcome == Status.NEEDS_ATTENTION) == any(step in machine.STUCK for step in steps)


@given(st.permutations(list(StepStatus)))
def test_the_outcome_does_not_depend_on_the_order_of_steps(steps: list[StepStatus]) -> None:
    """A pure function of a set."""
    assert machine.outcome(steps) == Status.NEEDS_ATTENTION


@pytest.mark.parametrize("status", sorted(set(Status) - machine.AT_WORK))
def test_steps_settle_only_what_is_at_work(status: Status) -> None:
    """A late worker can not complete what was refused, cancelled or never approved."""
    case = in_status(status)

    assert case == machine.settled(case, [StepStatus.SUCCEEDED])


@pytest.mark.parametrize(("call", "status"), list(product(["retry", "complete", "decide"], Status)))
def test_a_person_attends_only_to_what_needs_attention(call: str, status: Status) -> None:
    """Retry and its kin start nothing that was not approved."""
    case = in_status(status)
    if status == Status.NEEDS_ATTENTION:
        assert machine.attended(case, call).status == Status.IN_PROGRESS
    else:
        with pytest.raises(IllegalChangeError, match=call):
            machine.attended(case, call)


@pytest.mark.parametrize("status", Status)
def test_only_a_finished_request_is_reopened(status: Status) -> None:
    """The look-back puts back to work what was once approved and done."""
    if status in machine.FINISHED:
        assert machine.reopened(in_status(status)).status == Status.IN_PROGRESS
    else:
        with pytest.raises(IllegalChangeError):
            machine.reopened(in_status(status))


@pytest.mark.parametrize("kind", RequestType)
@pytest.mark.parametrize("verified", [True, False])
def test_a_granted_appeal_leads_no_further_than_the_request_had_come(
    kind: RequestType,
    verified: bool,  # noqa: FBT001 - of the test
) -> None:
    """To review where nothing more is to be proved; else to verification, with a fresh count."""
    refused = machine.Case(kind, Status.REFUSED, failed_verifications=3, verified=verified)
    after = machine.appealed(refused)

    proved = verified or kind.value in AT_ONCE
    assert after.status == (Status.AWAITING_REVIEW if proved else Status.AWAITING_VERIFICATION)
    assert after.failed_verifications == 0
    assert machine.appealed(replace(refused, approved=True)) == after


@pytest.mark.parametrize(("kind", "status"), list(product(RequestType, Status)))
def test_only_a_restriction_in_force_is_lifted(kind: RequestType, status: Status) -> None:
    """Whatever else is called so is refused."""
    case = machine.Case(kind, status)
    if kind is RequestType.RESTRICTION and status in machine.FINISHED | machine.AT_WORK:
        assert machine.lifted(case).status == Status.IN_PROGRESS
    else:
        with pytest.raises(IllegalChangeError):
            machine.lifted(case)


class Life(RuleBasedStateMachine):
    """Any order of calls, legal or not, as a hostile caller would try them."""

    def __init__(self) -> None:
        super().__init__()
        self.case = machine.opened(RequestType.ERASURE)
        self.was_verified = False
        self.was_approved = False

    @initialize(kind=st.sampled_from(RequestType))
    def any_right(self, kind: RequestType) -> None:
        """What takes effect at once needs no proof; the rest does."""
        self.case = machine.opened(kind)
        self.was_verified = kind in machine.TAKES_EFFECT_AT_ONCE

    def attempt(self, call: str, passed: bool) -> machine.Case | None:  # noqa: FBT001 - drawn by Hypothesis
        """The case after the call, or nothing when it is refused."""
        calls = {
            "verify": lambda: machine.verified(self.case, passed=passed),
            "approve": lambda: machine.approved(self.case),
            "refuse": lambda: machine.refused(self.case),
            "cancel": lambda: machine.cancelled(self.case),
            "pause": lambda: machine.paused(self.case),
            "resume": lambda: machine.resumed(self.case),
            "extend": lambda: machine.extended(self.case),
            "retry": lambda: machine.attended(self.case, "retry"),
            "reopen": lambda: machine.reopened(self.case),
            "appeal": lambda: machine.appealed(self.case),
            "lift": lambda: machine.lifted(self.case),
        }
        try:
            return calls[call]()
        except IllegalChangeError:
            return None

    @rule(
        call=st.sampled_from(
            [
                *("verify", "approve", "refuse", "cancel", "pause", "resume", "extend", "retry", "reopen"),
                *("appeal", "lift"),
            ]
        ),
        passed=st.booleans(),
    )
    def call(self, call: str, passed: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
        """Any call at any time."""
        after = self.attempt(call, passed)
        if after is None:
            return
        self.case = after
        self.was_verified |= call == "verify" and passed
        self.was_approved = call == "approve" or (self.was_approved and call != "appeal")

    @precondition(lambda self: self.case.status in machine.OPEN)
    @rule(steps=st.lists(st.sampled_from(StepStatus), min_size=1, max_size=4))
    def settle(self, steps: list[StepStatus]) -> None:
        """Steps report, whether or not anyone let them run."""
        self.case = machine.settled(self.case, steps)

    @invariant()
    def nothing_is_completed_unverified_or_unreviewed(self) -> None:
        """No path to `completed` skips verification or review."""
        if self.case.status in machine.FINISHED | machine.AT_WORK:
            assert self.was_verified
            assert self.was_approved

    @invariant()
    def what_was_reached_is_remembered(self) -> None:
        """An appeal goes by it, so it must be true."""
        assert not self.case.verified or self.was_verified
        assert self.case.approved == self.was_approved

    @invariant()
    def failures_are_counted(self) -> None:
        """Three failures, and only they, refuse by themselves."""
        assert self.case.failed_verifications <= machine.MOST_FAILED_VERIFICATIONS


CALLS: dict[str, Callable[[machine.Case], machine.Case]] = {
    "verify, verified": lambda case: machine.verified(case, passed=True),
    "verify, failed the third time": lambda case: machine.verified(
        replace(case, failed_verifications=2), passed=False
    ),
    "approve": machine.approved,
    "a step failed for good, or waits for a person": lambda case: machine.settled(
        case, [StepStatus.SUCCEEDED, StepStatus.FAILED]
    ),
    "retry, complete, decide": lambda case: machine.attended(case, "retry"),
    "every step succeeded": lambda case: machine.settled(case, [StepStatus.SUCCEEDED]),
    "every step succeeded or is exempt": lambda case: machine.settled(
        case, [StepStatus.SUCCEEDED, StepStatus.EXEMPT]
    ),
    "look-back found the person again": machine.reopened,
    "a restriction is lifted": machine.lifted,
    "an appeal is granted": machine.appealed,
    "an appeal is granted, once verified": lambda case: machine.appealed(replace(case, verified=True)),
}
"""What each arrow calls; refuse and cancel lead out of every open state, and are said beside the drawing."""


def drawn() -> set[tuple[str, str, str]]:
    """The arrows of the drawing in the manual."""
    text = (Path(__file__).resolve().parents[3] / "docs" / "requests.md").read_text("utf-8")
    picture = text.partition("## A request")[2].partition("```mermaid")[2].partition("```")[0]
    return set(re.findall(r"^ *(\w+|\[\*\]) --> (\w+): (.+)$", picture, re.MULTILINE))


def test_the_drawing_shows_every_way_from_status_to_status_and_no_other() -> None:
    """What an officer reads in the manual is what the code does."""
    possible = set()
    for call, (kind, status) in product(CALLS, product(RequestType, Status)):
        try:
            after = CALLS[call](machine.Case(kind, status))
        except IllegalChangeError:
            continue
        stuck = status == Status.NEEDS_ATTENTION and after.status in machine.FINISHED
        if (
            after.status != status and not stuck
        ):  # a stuck step ends by a person's call, which is an arrow itself
            possible.add((status.value, after.status.value, call))
    opened = {arrow for arrow in drawn() if arrow[0] == "[*]"}

    assert drawn() - opened == possible
    assert {
        (to, machine.opened(RequestType(kind.strip())).status)
        for _, to, kinds in opened
        for kind in _kinds(kinds)
    } == {(status.value, status) for status in (Status.AWAITING_VERIFICATION, Status.AWAITING_REVIEW)}


def _kinds(words: str) -> list[str]:
    """The types that an opening arrow names."""
    return [word for word in re.findall(r"\w+", words) if word in set(RequestType)]


TestLife = Life.TestCase
