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
AUTOMATIC = frozenset({Action.EXPORT, Action.ERASE})
DONE_ON_APPROVAL = frozenset({Action.RESTRICT, Action.OBJECT})
OWN_ONLY = frozenset({Action.OBJECT, Action.ANSWER})


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step as it is first written."""

    store: str
    action: Action
    status: StepStatus
    error: StepError | None = None


def planned(kind: RequestType, stores: Iterable[str]) -> tuple[PlannedStep, ...]:
    """The steps of an approved request: one a store, and the service's own data last."""
    action = ACTIONS[kind]
    elsewhere = () if action in OWN_ONLY else tuple(_in_store(store, action) for store in stores)
    return (*elsewhere, _in_own_data(action))


def _in_store(store: str, action: Action) -> PlannedStep:
    """A store's step: for a worker, or for a person where no store can do it by itself."""
    if action in AUTOMATIC:
        return PlannedStep(store, action, StepStatus.QUEUED)
    return PlannedStep(store, action, StepStatus.WAITING_FOR_PERSON, StepError.NOT_AUTOMATIC)


def _in_own_data(action: Action) -> PlannedStep:
    """The service's own step; restrictions and objections are in force when the approval commits."""
    if action in DONE_ON_APPROVAL:
        return PlannedStep(OWN_STORE, action, StepStatus.SUCCEEDED)
    return _in_store(OWN_STORE, action)
