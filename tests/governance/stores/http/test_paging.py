"""Which page comes next."""

from typing import Any

import pytest

from governance.stores.http.description import PageKind, Paging
from governance.stores.http.paging import Page, first_page, next_page
from governance.stores.http.templates import Request

ASKED = Request("GET", "/rows?q=a%20b", {"limit": 2})


def page(body: Any = None, rows: int = 2, number: int = 0, link: str | None = None) -> Page:
    """A page that was answered."""
    return Page(ASKED, body, rows, number, link)


def test_without_pages_there_is_one() -> None:
    """And it is asked for as it is."""
    assert first_page(None, ASKED) is ASKED
    assert next_page(None, page()) is None


@pytest.mark.parametrize("end", [None, "", False])
def test_a_cursor_goes_into_the_body_until_there_is_none(end: object) -> None:
    """Whatever the store calls the end."""
    paging = Paging(PageKind.CURSOR, next="p.after", into="body.after")
    following = next_page(paging, page({"p": {"after": "x2"}}))
    assert isinstance(following, Request)
    assert following.body == {"limit": 2, "after": "x2"}
    assert next_page(paging, page({"p": {"after": end}})) is None
    assert next_page(paging, page({})) is None


def test_a_cursor_of_zero_is_one() -> None:
    """It says something."""
    assert next_page(Paging(PageKind.CURSOR, next="n", into="query.n"), page({"n": 0})) is not None


def test_offsets_and_numbers_count_on_until_a_page_is_not_full() -> None:
    """From where the store begins to count."""
    offset = Paging(PageKind.OFFSET, into="query.offset", size=2)
    number = Paging(PageKind.NUMBER, into="query.page", size=2, first=1)
    assert first_page(offset, ASKED).target == "/rows?q=a%20b&offset=0"
    assert first_page(number, ASKED).target == "/rows?q=a%20b&page=1"
    for paging, expected in ((offset, "offset=4"), (number, "page=3")):
        following = next_page(paging, page(number=1))
        assert isinstance(following, Request)
        assert following.target.endswith(expected)
        assert next_page(paging, page(rows=1)) is None


def test_links_stand_in_the_body_or_in_a_header() -> None:
    """They are given on as they are; whether they may be followed is decided elsewhere."""
    assert next_page(Paging(PageKind.LINK, next="links.next"), page({"links": {"next": "/p2"}})) == "/p2"
    assert next_page(Paging(PageKind.LINK, next="links.next"), page({"links": {"next": 7}})) is None
    assert next_page(Paging(PageKind.LINK), page(link="https://x/p2")) == "https://x/p2"
    assert next_page(Paging(PageKind.LINK), page()) is None
