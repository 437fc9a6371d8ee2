"""Fills the templates of calls: values go in as data, encoded for their place, and are never evaluated. Pure.

`{name}` is the whole language. In a path a value is percent-encoded, `/` included; a text of a body that is
exactly one name takes the value as it is, of whatever type; anywhere else the value is put in as text.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import phonenumbers

from consent.vocabulary import IdentifierKind
from governance.stores.comparison import email_spellings
from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.description import Call
from governance.stores.http.paths import at, put
from governance.stores.protocol import Identity

CHANGED, WITH_KEY = "changed", "changed_with_key"
NAME = re.compile(r"\{([A-Za-z_][\w.]*)\}")
VALUE_NAMES = frozenset(
    {"value", "value.md5", "value.sha256", "value.digits", "value.national", "value.soql"}
)


@dataclass(frozen=True, slots=True)
class Request:
    """A call that is ready to be sent to the store's base; its target and body may hold personal data."""

    method: str
    target: str = field(repr=False)
    body: Any = field(default=None, repr=False)
    form: bool = False


def fill(call: Call, values: Mapping[str, Any]) -> Request:
    """The call with its values.

    Raises:
        StoreError: `refused`, a value would make another path of the path.
    """
    path = NAME.sub(lambda found: _segment(values[found[1]]), call.path)
    query = {name: filled(value, values) for name, value in call.query.items()}
    given = {name: _text(value) for name, value in query.items() if value is not None}
    target = f"{path}?{urlencode(given, quote_via=quote)}" if given else path
    return Request(call.method, target, filled(call.body, values), call.form)


def filled(template: Any, values: Mapping[str, Any]) -> Any:
    """A template of JSON with its values."""
    if isinstance(template, Mapping):
        return {name: filled(value, values) for name, value in template.items()}
    if isinstance(template, list):
        return [filled(item, values) for item in template]
    if not isinstance(template, str):
        return template
    whole = NAME.fullmatch(template)
    if whole is not None:
        return _value(whole[1], values)
    return NAME.sub(lambda found: _text(_value(found[1], values)), template)


def names_in_url(call: Call) -> frozenset[str]:
    """The names in the path and the query."""
    return frozenset(NAME.findall(call.path)) | frozenset(_names(dict(call.query)))


def names_in(call: Call) -> frozenset[str]:
    """Every name of a call."""
    return names_in_url(call) | frozenset(_names(call.body))


def of_identity(identity: Identity) -> Iterator[dict[str, Any]]:
    """The values that an identity gives, once for each way in which it may stand in the store.

    A domain in another alphabet has two spellings. Hashes are of the spelling, as vendors take them.

    `value.soql` is for a text in a SOQL query that stands in the address of a composite request.
    """
    spellings = (
        email_spellings(identity.value) if identity.kind is IdentifierKind.EMAIL else (identity.value,)
    )
    for text in spellings:
        yield _values(identity, text)


def _values(identity: Identity, text: str) -> dict[str, Any]:
    return {
        "value": text,
        "value.md5": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
        "value.sha256": hashlib.sha256(text.encode()).hexdigest(),
        "value.digits": re.sub(r"\D", "", text),
        "value.national": _national(identity),
        "value.soql": quote(text.replace("\\", "\\\\").replace("'", "\\'"), safe=""),
    }


def of_row(columns: tuple[str, ...], key: tuple[str | int, ...]) -> dict[str, Any]:
    """The values that a row's key gives: `{row.id}`."""
    return {f"row.{column}": value for column, value in zip(columns, key, strict=True)}


def of_change(
    changes: Mapping[str, Any], columns: tuple[str, ...], key: tuple[str | int, ...]
) -> dict[str, Any]:
    """The values that changed columns give: as one map by their paths, and the same with the key."""
    changed: Any = {}
    for path, value in changes.items():
        changed = put(changed, path, value)
    keyed = changed
    for path, value in zip(columns, key, strict=True):
        keyed = put(keyed, path, value)
    return {CHANGED: changed, WITH_KEY: keyed} | of_row(columns, key)


def is_of_change(name: str) -> bool:
    """Whether a name stands for changed columns."""
    return name in {CHANGED, WITH_KEY} or name.startswith(f"{CHANGED}.")


def _value(name: str, values: Mapping[str, Any]) -> Any:
    """The value of a name; `changed.PATH` is a part of what changed."""
    if name not in values and name.startswith(f"{CHANGED}."):
        return at(values[CHANGED], name.removeprefix(f"{CHANGED}."))
    return values[name]


def _names(template: Any) -> Iterator[str]:
    if isinstance(template, Mapping):
        for value in template.values():
            yield from _names(value)
    elif isinstance(template, list):
        for item in template:
            yield from _names(item)
    elif isinstance(template, str):
        yield from NAME.findall(template)


def _national(identity: Identity) -> str:
    """The digits of a number without its country's code."""
    if identity.kind is IdentifierKind.PHONE and identity.value.startswith("+"):
        try:
            parsed = phonenumbers.parse(identity.value, None)
        except phonenumbers.NumberParseException:
            return re.sub(r"\D", "", identity.value)
        return phonenumbers.national_significant_number(parsed)
    return re.sub(r"\D", "", identity.value)


def _segment(value: Any) -> str:
    """A value as one segment of a path: nothing, `.` and `..` would name another resource."""
    text = _text(value)
    if text in {"", ".", ".."}:
        raise StoreError(StoreCode.REFUSED)
    return quote(text, safe="")


def _text(value: Any) -> str:
    """A value as the text of a URL or of a longer text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
