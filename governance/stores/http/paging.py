"""Which page comes next: decided from the answer, never from a guess. Pure."""

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.description import PageKind, Paging
from governance.stores.http.paths import at, put
from governance.stores.http.templates import Request


@dataclass(frozen=True, slots=True)
class Page:
    """What was answered to one request.

    Attributes:
        rows: how many rows it has; `start` is how many it was asked to leave out.
        number: of the page, counted from 0.
        fresh: whether any of its rows was not there before.
        total: how many there are in all, and `got`, how many have come, where the store says the former.
        link: the link to the next page in the header.
    """

    request: Request
    body: Any = field(repr=False)
    rows: int
    number: int = 0
    start: int = 0
    fresh: bool = True
    got: int = 0
    total: int | None = None
    link: str | None = field(default=None, repr=False)


def first_page(paging: Paging | None, request: Request) -> Request:
    """The request for the first page, with its size's beginning where pages are counted."""
    if paging is None or not paging.counts or paging.into is None:
        return request
    return _with(request, paging.into, paging.first)


def next_page(paging: Paging | None, page: Page) -> Request | str | None:
    """The request for the page after `page`, a link to it, or None after the last one.

    Raises:
        StoreError: `answer_invalid`, the page has nothing new: the store does not count.
    """
    if paging is None:
        return None
    if paging.kind is PageKind.LINK:
        return _link(paging, page)
    if paging.kind is PageKind.CURSOR:
        return _after_cursor(paging, page)
    return _counted(paging, page)


def _counted(paging: Paging, page: Page) -> Request | None:
    """Counted on from the rows that came, so that none is skipped where fewer came than were asked for."""
    if _is_last(paging, page):
        return None
    if page.rows and not page.fresh:
        raise StoreError(StoreCode.ANSWER_INVALID)
    step = page.number + 1 if paging.kind is PageKind.NUMBER else next_start(paging, page)
    return _with(page.request, paging.into or "", paging.first + step)


def next_start(paging: Paging, page: Page) -> int:
    """How many rows come before those of the next page; an empty one counts for as many as were asked for."""
    return page.start + (page.rows or paging.size)


def _is_last(paging: Paging, page: Page) -> bool:
    if paging.more is not None:
        return not at(page.body, paging.more)
    if page.total is not None and page.got >= page.total:
        return True
    return page.rows == 0


def _link(paging: Paging, page: Page) -> str | None:
    """The link in the body, or in the header where no path is told."""
    link = page.link if paging.next is None else at(page.body, paging.next)
    return link if isinstance(link, str) and link else None


def _after_cursor(paging: Paging, page: Page) -> Request | None:
    """Stores end with null, an empty text or false; zero is a cursor."""
    cursor = at(page.body, paging.next or "")
    ended = cursor is None or cursor is False or cursor == ""
    return None if ended else _with(page.request, paging.into or "", cursor)


def _with(request: Request, into: str, value: Any) -> Request:
    """`request` with `value` at `query.NAME` or `body.PATH`."""
    place, _, name = into.partition(".")
    if place == "body":
        return replace(request, body=put(request.body, name, value))
    path, _, query = request.target.partition("?")
    given = dict(parse_qsl(query, keep_blank_values=True)) | {name: str(value)}
    return replace(request, target=f"{path}?{urlencode(given, quote_via=quote)}")
