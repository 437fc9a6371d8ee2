"""RFC 8785 (JCS) bytes of the values that an entry may hold: no floats, no integers beyond 2^53.

The standard library's C encoder gives the same bytes as RFC 8785 for these values, at a third of the cost;
the tests hold it to the `rfc8785` package.
"""

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from audit.errors import EntryRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

JSON: TypeAlias = "bool | int | str | Sequence[JSON] | Mapping[str, JSON] | None"

MAX_INTEGER = 2**53 - 1  # RFC 8785, section 3.2.2.3: what a double holds exactly
LAST_OF_PLANE_0 = "\uffff"

_encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False
).encode


def canonical_text(value: JSON) -> str:
    """The one spelling of `value`.

    Raises:
        EntryRefusedError: a float, a too large integer, a key that is no text, or any other type.
    """
    _check(value)
    return _encode(value)


def canonical_bytes(value: JSON) -> bytes:
    """`canonical_text` in UTF-8.

    Raises:
        EntryRefusedError: as above, or a lone surrogate.
    """
    return to_bytes(canonical_text(value))


def to_bytes(text: str) -> bytes:
    """UTF-8, refusing lone surrogates in the package's own words."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise EntryRefusedError("a text holds a lone surrogate") from None


def _check(value: Any) -> None:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return
    if kind is dict:
        for key, item in value.items():
            _check_key(key)
            _check(item)
    elif kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise EntryRefusedError("an integer is beyond 2^53 - 1")
    elif kind is list or kind is tuple:
        for item in value:
            _check(item)
    elif not isinstance(value, str):  # a StrEnum is welcome
        raise EntryRefusedError(f"a value of type {kind.__name__} can not stand in an entry")


def _check_key(key: Any) -> None:
    if not isinstance(key, str):
        raise EntryRefusedError("a key is no text")
    if not key.isascii() and max(key) > LAST_OF_PLANE_0:
        # RFC 8785 sorts by UTF-16 units, Python by code points; they differ only beyond plane 0.
        raise EntryRefusedError("a key holds a character beyond plane 0")
