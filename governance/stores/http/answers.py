"""What an answer means: done, nothing there, or why not. Pure; only what was declared is success."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.description import Call, Troubles
from governance.stores.http.paths import at

DEEPEST = 64
"""Levels of JSON; the deepest answer of the vendors described here has nine."""
LONGEST_WAIT = timedelta(days=1)
STATUSES = {
    401: StoreCode.PERMISSION_DENIED,
    403: StoreCode.PERMISSION_DENIED,
    407: StoreCode.PERMISSION_DENIED,
    408: StoreCode.TIMED_OUT,
    409: StoreCode.LOCKED,
    423: StoreCode.LOCKED,
    425: StoreCode.LOCKED,
    429: StoreCode.RATE_LIMITED,
    504: StoreCode.TIMED_OUT,
}


class Said(StrEnum):
    """What a good answer says."""

    DONE = "done"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: headers by lower-case name, and the body as JSON (None where there was none)."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Any = field(default=None, repr=False)


def read_body(content: bytes) -> Any:
    """The body as JSON; None where it is empty.

    Raises:
        StoreError: `answer_invalid`, it is not JSON, or is nested too deeply.
    """
    if not content.strip():
        return None
    try:
        body = json.loads(content, parse_constant=_refuse)
    except (ValueError, RecursionError):
        body = _Broken
    if body is _Broken or _deeper(body, DEEPEST):
        raise StoreError(StoreCode.ANSWER_INVALID)
    return body


def judge(call: Call, answer: Answer, troubles: Troubles | None) -> Said:
    """What the answer to `call` says.

    Raises:
        StoreError: it is not what the call declares as success; with a code, and how long to wait if told.
    """
    told = _trouble(answer, troubles)
    if told is None and answer.status in call.gone:
        return Said.GONE
    if told is Said.GONE:
        return Said.GONE
    if told is not None:
        raise StoreError(StoreCode(told), wait=wait_of(answer))
    if not _is_success(call, answer.status):
        raise StoreError(_code_of(answer.status), wait=wait_of(answer))
    if call.accept and not any(_fits(answer.body, wanted) for wanted in call.accept):
        raise StoreError(StoreCode.REFUSED)
    return Said.DONE


def wait_of(answer: Answer) -> timedelta | None:
    """How long the answer asks to wait, at most a day. Source: RFC 9110, section 10.2.3.

    A date is held against the answer's own `Date`, so that clocks that differ do no harm.
    """
    told = answer.headers.get("retry-after", "").strip()
    if told.isascii() and told.isdecimal():
        return min(timedelta(seconds=int(told[:9])), LONGEST_WAIT)
    try:
        until, since = parsedate_to_datetime(told), parsedate_to_datetime(answer.headers.get("date", ""))
        return min(max(until - since, timedelta(0)), LONGEST_WAIT)
    except (ValueError, TypeError):
        return None


def _trouble(answer: Answer, troubles: Troubles | None) -> StoreCode | Said | None:
    """What the body tells of an error, whatever the status says."""
    code = None if troubles is None else at(answer.body, troubles.at)
    if troubles is None or code is None:
        return None
    known: dict[StoreCode | Said, tuple[str, ...]] = {
        StoreCode.RATE_LIMITED: troubles.busy,
        StoreCode.PERMISSION_DENIED: troubles.denied,
        Said.GONE: troubles.gone,
    }
    found = next((meaning for meaning, codes in known.items() if str(code) in codes), None)
    if found is None and answer.status < 300:  # noqa: PLR2004 - a success that tells of an error is none
        return StoreCode.REFUSED
    return found


def _is_success(call: Call, status: int) -> bool:
    return status in call.ok if call.ok else 200 <= status < 300  # noqa: PLR2004 - what 2xx means


def _code_of(status: int) -> StoreCode:
    if 300 <= status < 400:  # noqa: PLR2004 - what 3xx means
        return StoreCode.REDIRECTED
    return STATUSES.get(status) or (StoreCode.SERVER_ERROR if status >= 500 else StoreCode.REFUSED)  # noqa: PLR2004


def _fits(body: Any, wanted: Mapping[str, tuple[str, ...]]) -> bool:
    return all(as_text(at(body, path)) in values for path, values in wanted.items())


def as_text(value: Any) -> str:
    """A value as documents write it: `true`, `deleted`, `1004`."""
    return str(value).lower() if isinstance(value, bool) else str(value)


class _Broken:
    """Stands for what could not be read."""


def _refuse(_constant: str) -> Any:
    raise ValueError


def _deeper(body: Any, most: int) -> bool:
    """Whether JSON is nested more than `most` levels."""
    level = [body]
    for _ in range(most):
        level = [
            child
            for one in level
            if isinstance(one, dict | list)
            for child in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True
