"""Which steps a request of a type has, store by store: pure.

What no store can do by itself is a step that waits for a person from the start. An objection, an opt-out and
a limit are carried out where contact is decided, in this service; they have no step in a store.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from governance.requests.vocabulary import OWN_STORE, Action, RequestType, StepError, StepStatus

ACTIONS = {
    RequestType.ACCESS: Action.EXPORT,
    RequestType.PORTABILITY: Action.EXPORT,
    RequestType.ERASURE: Action.ERASE,
    RequestType.RECTIFICATION: Action.RECTIFY,
    RequestType.RESTRICTION: Action.RESTRICT,
    RequestType.OBJECTION: Action.OBJECT,
    RequestType.OPT_OUT_SALE_SHARING: Action.OBJECT,
    RequestType.LIMIT_SENSITIVE: Action.OBJECT,
    RequestType.COMPLAINT: Action.ANSWER,
}
AUTOMATIC = frozenset({Action.EXPORT, Action.ERASE, Action.RESTRICT})
"""What a worker takes to every store; one that can not do it leaves it to a person."""

DONE_ON_APPROVAL = frozenset({Action.RESTRICT, Action.OBJECT})
OWN_ONLY = frozenset({Action.OBJECT, Action.ANSWER})


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step as it is first written."""

    store: str
    action: Action
    status: StepStatus
    error: StepError | None = None


def planned(kind: RequestType, stores: Iterable[str], *, corrected: bool = False) -> tuple[PlannedStep, ...]:
    """The steps of an approved request: one a store, and the service's own data last.

    `corrected` says that it is written down what a rectification corrects; else only a person knows.
    """
    action = ACTIONS[kind]
    by_worker = action in AUTOMATIC or (action is Action.RECTIFY and corrected)
    elsewhere = () if action in OWN_ONLY else tuple(_step(store, action, by_worker) for store in stores)
    if action in DONE_ON_APPROVAL:
        return (*elsewhere, PlannedStep(OWN_STORE, action, StepStatus.SUCCEEDED))
    return (*elsewhere, _step(OWN_STORE, action, by_worker))


def _step(store: str, action: Action, by_worker: bool) -> PlannedStep:  # noqa: FBT001 - of the two kinds
    """A step for a worker, or for a person where no store can do it by itself."""
    if by_worker:
        return PlannedStep(store, action, StepStatus.QUEUED)
    return PlannedStep(store, action, StepStatus.WAITING_FOR_PERSON, StepError.NOT_AUTOMATIC)
