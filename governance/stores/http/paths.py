"""Dotted paths into JSON, such as `paging.next.after`, `result.0.status` and `emails.*.address`. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

MISSING = None


def at(document: Any, path: str) -> Any:
    """What stands at `path`, the whole where it is empty; None where nothing does.

    A key that has the dots in its name comes first.
    """
    if not path:
        return document
    if isinstance(document, Mapping):
        if path in document:
            return document[path]
        head, _, rest = path.partition(".")
        return at(document.get(head), rest) if rest else document.get(head)
    if isinstance(document, list):
        head, _, rest = path.partition(".")
        if head == "*":
            return [at(one, rest) for one in document]
        if head.isdecimal() and int(head) < len(document):
            return at(document[int(head)], rest)
    return MISSING


def put(document: Any, path: str, value: Any) -> Any:
    """A copy of `document` with `value` at `path`; maps on the way are made."""
    head, _, rest = path.partition(".")
    below = dict(document) if isinstance(document, Mapping) else {}
    below[head] = put(below.get(head), rest, value) if rest else value
    return below


def leaves(document: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a row with its path; lists are values."""
    if not isinstance(document, Mapping):
        yield prefix, document
        return
    for name, value in document.items():
        yield from leaves(value, f"{prefix}.{name}" if prefix else str(name))


def as_rows(found: Any) -> list[Mapping[str, Any]] | None:
    """What stands at the path of the rows as a list; one row is a list of one; None for all else."""
    if isinstance(found, Mapping):
        return [found]
    if isinstance(found, list) and all(isinstance(row, Mapping) for row in found):
        return list(found)
    return None
