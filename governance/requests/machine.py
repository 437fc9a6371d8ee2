"""The state machine of a privacy request: pure, and the only place where a status is chosen.

    (new)                  created                        awaiting_verification
                           created, objection-like        awaiting_review (takes effect at once)
    awaiting_verification  verify: verified               awaiting_review
                           verify: failed, third time     refused
    awaiting_review        approve                        in_progress
    any open               refuse, cancel                 refused, cancelled
    any open               pause, resume, extend          unchanged: clocks move
    in_progress            a step failed or waits         needs_attention
                           every step done                completed, completed_with_exemptions
    needs_attention        retry, complete, decide        in_progress
    completed…             look-back found the person     in_progress
    completed…, at work    a restriction is lifted        in_progress
    refused                an appeal is granted           awaiting_review, or awaiting_verification

Four rules hold in every path, and are tested as laws:

1. Only `approve` leads out of review; only a passed verification, or a type that needs none, leads into it.
2. A status after approval is derived from the steps alone (`settled`); no call sets `completed`.
3. Nothing but `succeeded` and `exempt` is done; a request without steps is not done.
4. What is closed stays closed, but for two ways back. A finished request, which was verified and approved,
   is put to work again when the look-back finds the person, or when what it restricted is lifted. A refused
   one goes back to a person when an appeal is granted, and to no more than it had reached before.

Source: contract, "Privacy requests"; design, invariant 6.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from governance.errors import IllegalChangeError
from governance.requests.vocabulary import RequestType, Status, StepStatus

MOST_FAILED_VERIFICATIONS = 3

TAKES_EFFECT_AT_ONCE = frozenset(
    {
        RequestType.OBJECTION,
        RequestType.OPT_OUT_SALE_SHARING,
        RequestType.LIMIT_SENSITIVE,
        RequestType.COMPLAINT,
    }
)
"""Types that ask for no more data and undo nothing: they need no proof of identity."""

OPEN = frozenset(
    {Status.AWAITING_VERIFICATION, Status.AWAITING_REVIEW, Status.IN_PROGRESS, Status.NEEDS_ATTENTION}
)
AT_WORK = frozenset({Status.IN_PROGRESS, Status.NEEDS_ATTENTION})
FINISHED = frozenset({Status.COMPLETED, Status.COMPLETED_WITH_EXEMPTIONS})
DONE = frozenset({StepStatus.SUCCEEDED, StepStatus.EXEMPT})
STUCK = frozenset({StepStatus.FAILED, StepStatus.WAITING_FOR_PERSON})


@dataclass(frozen=True, slots=True)
class Case:
    """What the machine knows of a request."""

    type: RequestType
    status: Status
    failed_verifications: int = 0
    verified: bool = False
    approved: bool = False
    paused: bool = False
    extended: bool = False


def opened(kind: RequestType) -> Case:
    """A new request: verification first, unless its type takes effect at once."""
    at_once = kind in TAKES_EFFECT_AT_ONCE
    return Case(kind, Status.AWAITING_REVIEW if at_once else Status.AWAITING_VERIFICATION)


def verified(case: Case, *, passed: bool) -> Case:
    """One attempt at verification; the third that fails refuses the request."""
    _require(case, "verify", {Status.AWAITING_VERIFICATION})
    if passed:
        return replace(case, status=Status.AWAITING_REVIEW, verified=True)
    failed = case.failed_verifications + 1
    status = Status.REFUSED if failed >= MOST_FAILED_VERIFICATIONS else case.status
    return replace(case, status=status, failed_verifications=failed)


def approved(case: Case) -> Case:
    """A person has reviewed it; the steps may run."""
    _require(case, "approve", {Status.AWAITING_REVIEW})
    return replace(case, status=Status.IN_PROGRESS, approved=True)


def refused(case: Case) -> Case:
    """The request is turned down; its steps run no further."""
    _require(case, "refuse", OPEN)
    return replace(case, status=Status.REFUSED)


def cancelled(case: Case) -> Case:
    """The person took the request back."""
    _require(case, "cancel", OPEN)
    return replace(case, status=Status.CANCELLED)


def paused(case: Case) -> Case:
    """More was asked of the person; the clock follows the regime's rule."""
    _require(case, "pause", OPEN)
    if case.paused:
        raise IllegalChangeError("a paused request can not be paused")
    return replace(case, paused=True)


def resumed(case: Case) -> Case:
    """The answer came."""
    _require(case, "resume", OPEN)
    if not case.paused:
        raise IllegalChangeError("a request that is not paused can not be resumed")
    return replace(case, paused=False)


def extended(case: Case) -> Case:
    """The one extension that the regimes grant."""
    _require(case, "extend", OPEN)
    if case.extended:
        raise IllegalChangeError("a request is extended once")
    return replace(case, extended=True)


def attended(case: Case, call: str) -> Case:
    """`retry`, `complete` and `decide`: a person attended to what was stuck."""
    _require(case, call, {Status.NEEDS_ATTENTION})
    return replace(case, status=Status.IN_PROGRESS)


def settled(case: Case, steps: Iterable[StepStatus]) -> Case:
    """The status that the steps amount to; unchanged for a request that is not at work."""
    if case.status not in AT_WORK:
        return case
    return replace(case, status=outcome(steps))


def outcome(steps: Iterable[StepStatus]) -> Status:
    """What steps amount to, whatever happened before: stuck outweighs done, unfinished outweighs exempt."""
    held = frozenset(steps)
    if held & STUCK:
        return Status.NEEDS_ATTENTION
    if not held or held - DONE:
        return Status.IN_PROGRESS
    return Status.COMPLETED_WITH_EXEMPTIONS if StepStatus.EXEMPT in held else Status.COMPLETED


def reopened(case: Case) -> Case:
    """The look-back found the person again in a store."""
    _require(case, "reopen", FINISHED)
    return replace(case, status=Status.IN_PROGRESS)


def lifted(case: Case) -> Case:
    """What the request restricted is no longer: the stores have to hear of it."""
    _require(case, "lift", FINISHED | AT_WORK)
    if case.type is not RequestType.RESTRICTION:
        raise IllegalChangeError("only a restriction can be lifted")
    return replace(case, status=Status.IN_PROGRESS)


def appealed(case: Case) -> Case:
    """An appeal was granted: a person decides anew, whatever was approved before."""
    _require(case, "appeal", {Status.REFUSED})
    needs_none = case.type in TAKES_EFFECT_AT_ONCE or case.verified
    status = Status.AWAITING_REVIEW if needs_none else Status.AWAITING_VERIFICATION
    return replace(case, status=status, failed_verifications=0, approved=False)


def _require(case: Case, call: str, allowed: Iterable[Status]) -> None:
    """Refuses a call that the status does not allow."""
    if case.status not in allowed:
        raise IllegalChangeError(f"{call} is not possible for a request that is {case.status}")
