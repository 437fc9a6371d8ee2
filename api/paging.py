"""Lists by cursor: `?limit=` and `?cursor=` in, `items` and `next_cursor` out."""

import re
from collections.abc import Callable
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


def page(items: list[dict[str, Any]], next_cursor: str | None) -> dict[str, Any]:
    """The body of a page; no `next_cursor` says that it is the last."""
    return {"items": items, "next_cursor": next_cursor}


def _refused(field: str, message: str) -> Exception:
    return problem(
        422, "validation_failed", "Unprocessable Content", "The query is not valid.", {field: [message]}
    )
