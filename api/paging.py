"""Lists by cursor: `?limit=` and `?cursor=` in, `items` and `next_cursor` out."""

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from flask import request

from api.declared import declared
from api.problems import problem

V = TypeVar("V", bound=Callable[..., Any])
DEFAULT_LIMIT = 50
MOST_A_PAGE = 500
LONGEST_CURSOR = 200
_NUMBER = re.compile(r"[0-9]{1,3}")


def page_arguments() -> tuple[int, str | None]:
    """`limit` and `cursor` of this request.

    Raises:
        Problem: 422, a limit that is no number from 1 to 500, or a cursor that no answer ever held.
    """
    text = request.args.get("limit", str(DEFAULT_LIMIT))
    if not (_NUMBER.fullmatch(text) and 1 <= int(text) <= MOST_A_PAGE):
        raise _refused("limit", f"Must be a whole number from 1 to {MOST_A_PAGE}.")
    cursor = request.args.get("cursor")
    if cursor is not None and not (0 < len(cursor) <= LONGEST_CURSOR and cursor.isprintable()):
        raise _refused("cursor", "Must be the next_cursor of an earlier page.")
    return int(text), cursor


def paged(view: V) -> V:
    """Document that the view takes `limit` and `cursor`."""
    declared(view).query.update(
        limit=f"How many at most, 1 to {MOST_A_PAGE}; {DEFAULT_LIMIT} when not given.",
        cursor="The `next_cursor` of the page before.",
    )
    return view


def filtered(**names: str) -> Callable[[V], V]:
    """Document the view's other query parameters: name and meaning."""

    def apply(view: V) -> V:
        declared(view).query.update({name.rstrip("_"): meaning for name, meaning in names.items()})
        return view

    return apply


def page_of(items: Iterable[dict[str, Any]], by: str) -> dict[str, Any]:
    """The page that this request asks for, of a list that is short enough to be read whole.

    `by` names the member that orders the items and tells them apart.

    Raises:
        Problem: 422, as `page_arguments`.
    """
    limit, cursor = page_arguments()
    rest = [item for item in sorted(items, key=lambda item: str(item[by])) if str(item[by]) > (cursor or "")]
    return page(rest[:limit], str(rest[limit - 1][by]) if len(rest) > limit else None)


def page(items: list[dict[str, Any]], next_cursor: str | None) -> dict[str, Any]:
    """The body of a page; no `next_cursor` says that it is the last."""
    return {"items": items, "next_cursor": next_cursor}


def _refused(field: str, message: str) -> Exception:
    return problem(
        422, "validation_failed", "Unprocessable Content", "The query is not valid.", {field: [message]}
    )
