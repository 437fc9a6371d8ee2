"""Which page comes next: decided from the answer, never from a guess. Pure."""

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from governance.stores.http.description import PageKind, Paging
from governance.stores.http.paths import at, put
from governance.stores.http.templates import Request


@dataclass(frozen=True, slots=True)
class Page:
    """What was answered to one request: its rows are counted, its body says what comes next."""

    request: Request
    body: Any = field(repr=False)
    rows: int
    number: int
    link: str | None = field(default=None, repr=False)


def first_page(paging: Paging | None, request: Request) -> Request:
    """The request for the first page, with its size's beginning where pages are counted."""
    if paging is None or paging.kind not in {PageKind.OFFSET, PageKind.NUMBER} or paging.into is None:
        return request
    return _with(request, paging.into, paging.first)


def next_page(paging: Paging | None, page: Page) -> Request | str | None:
    """The request for the next page, a link to it, or None after the last one.

    Args:
        paging: how the store pages.
        page: the page that was just answered; its `number` counts from 0.
    """
    if paging is None:
        return None
    if paging.kind is PageKind.LINK:
        return _link(paging, page)
    if paging.kind is PageKind.CURSOR:
        return _after_cursor(paging, page)
    if page.rows < paging.size:
        return None
    turned = page.number + 1
    step = turned * paging.size if paging.kind is PageKind.OFFSET else turned
    return _with(page.request, paging.into or "", paging.first + step)


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
