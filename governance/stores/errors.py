"""What can go wrong with a lead store: closed codes, never a driver's message, for those quote data."""

from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from audit.counted import counted
from governance.errors import GovernanceError


class StoreCode(StrEnum):
    """Why a store could not answer; kept as the step's `last_error`."""

    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    TABLE_MISSING = "table_missing"
    COLUMN_MISSING = "column_missing"
    PERMISSION_DENIED = "permission_denied"
    LOCKED = "locked"
    CONSTRAINT = "constraint"
    MAPPING_INVALID = "mapping_invalid"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    ANSWER_INVALID = "answer_invalid"
    ANSWER_TOO_LARGE = "answer_too_large"
    REFUSED = "refused"
    REDIRECTED = "redirected"
    HOST_FORBIDDEN = "host_forbidden"
    GONE_UNPROVEN = "gone_unproven"
    NOT_DONE_YET = "not_done_yet"
    NOT_DONE_IN_TIME = "not_done_in_time"
    BY_HAND = "waiting_for_person"


PASSING = frozenset(
    {
        StoreCode.UNREACHABLE,
        StoreCode.TIMED_OUT,
        StoreCode.LOCKED,
        StoreCode.RATE_LIMITED,
        StoreCode.SERVER_ERROR,
        StoreCode.ANSWER_INVALID,
        StoreCode.NOT_DONE_YET,
    }
)
"""What waiting may help against: a proxy's page in place of JSON, and half an answer, among them."""


class StoreError(GovernanceError):
    """A store could not do what it was asked; `reason` says why, `table` where, if known.

    `wait` is how long the store itself asked to wait, where it did.
    """

    code: ClassVar[str] = "store_failed"

    def __init__(self, reason: StoreCode, table: str | None = None, *, wait: timedelta | None = None) -> None:
        super().__init__(reason.value if table is None else f"{reason.value}: {table}")
        self.reason = reason
        self.table = table
        self.wait = wait

    @property
    def passes(self) -> bool:
        """Whether waiting may help, so that a retry is worth its time."""
        return self.reason in PASSING


class DocumentError(GovernanceError):
    """A store document that can not be read; `errors` maps the place to what is wrong there."""

    code: ClassVar[str] = "store_document_invalid"

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(f"the store document is wrong in {counted(len(errors), 'place')}")
        self.errors = errors


class UnknownStoreError(GovernanceError):
    """No store of that key."""

    code: ClassVar[str] = "store_unknown"


class StoreNeededError(GovernanceError):
    """A store that requests still have to work in, or to look back into, can not be deleted."""

    code: ClassVar[str] = "store_needed"

    def __init__(self, requests: int) -> None:
        super().__init__(
            f"{counted(requests, 'request')} yet to be worked in the store, or to look back into it"
        )
        self.requests = requests


class StoreNotUsableError(GovernanceError):
    """A document that can not find or erase a person must not be active; `problems` says why."""

    code: ClassVar[str] = "store_not_usable"

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(f"the store can not be active: {counted(len(problems), 'problem')}")
        self.problems = problems
        self.errors: dict[str, list[str]] = {"active": list(problems)}
