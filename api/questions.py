"""The body of a check, read at speed.

`QuestionBody` (marshmallow) documents a question and names every fault of a bad one. For a good one that is
slower than the decision itself, so `quick` recognises good ones first: what it accepts the schema accepts
with the same result, and what it does not know it leaves to the schema. A test holds both to that.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from consent.question import CONTEXT
from consent.vocabulary import Channel, Purpose

CHANNELS = frozenset(channel.value for channel in Channel)
PURPOSES = frozenset(purpose.value for purpose in Purpose)
FLAGS = ("promotional", "unsubscribe", "postal_address", "accurate_header")

_SINGLE = frozenset({"lead", "channel", "purpose", "time_zone", "content", "context"})
_MANY = _SINGLE - {"lead"} | {"leads"}
_CONTENT = frozenset(FLAGS)
_CONTEXT = frozenset(CONTEXT)


def quick(body: object) -> dict[str, Any] | None:
    """A copy of a good question without `at`; None for anything else, good or bad."""
    if type(body) is not dict or not body.keys() <= _SINGLE or type(body.get("lead")) is not dict:
        return None
    return dict(body) if _is_good(body) else None


def quick_batch(body: object, most: int) -> dict[str, Any] | None:
    """A copy of a good batch without `at`; the references in it are read one by one later."""
    if type(body) is not dict or not body.keys() <= _MANY:
        return None
    leads = body.get("leads")
    if type(leads) is not list or not 0 < len(leads) <= most:
        return None
    return dict(body) if _is_good(body) else None


@cache
def zones() -> frozenset[str]:
    """The IANA zones that this machine knows."""
    return frozenset(available_timezones())


def _is_good(body: Mapping[str, Any]) -> bool:
    channel, purpose = body.get("channel"), body.get("purpose")
    if type(channel) is not str or channel not in CHANNELS:
        return False
    if type(purpose) is not str or purpose not in PURPOSES:
        return False
    if "time_zone" in body and (type(body["time_zone"]) is not str or body["time_zone"] not in zones()):
        return False
    return _are_flags(body, "content", _CONTENT) and _are_flags(body, "context", _CONTEXT)


def _are_flags(body: Mapping[str, Any], name: str, known: frozenset[str]) -> bool:
    """Whether `name` is absent, or a map of known flags to booleans."""
    if name not in body:
        return True
    flags = body[name]
    if type(flags) is not dict or not flags.keys() <= known:
        return False
    return all(type(value) is bool for value in flags.values())
