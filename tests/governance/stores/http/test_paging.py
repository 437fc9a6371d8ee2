"""Which page comes next."""

from dataclasses import replace
from typing import Any

import pytest

from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.description import PageKind, Paging
from governance.stores.http.paging import Page, first_page, next_page
from governance.stores.http.templates import Request

ASKED = Request("GET", "/rows?q=a%20b", {"limit": 2})


def page(body: Any = None, rows: int = 2, **more: Any) -> Page:
    """A page that was answered."""
    return Page(ASKED, body, rows, **more)


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


OFFSET = Paging(PageKind.OFFSET, into="query.offset", size=2)
NUMBER = Paging(PageKind.NUMBER, into="query.page", size=2, first=1)


def target(paging: Paging, answered: Page) -> str | None:
    """What is asked for next."""
    following = next_page(paging, answered)
    return following.target.rpartition("&")[2] if isinstance(following, Request) else following


def test_offsets_and_numbers_count_on_from_where_the_store_begins() -> None:
    """An offset by the rows that came, so that none is skipped where fewer came than were asked for."""
    assert first_page(OFFSET, ASKED).target == "/rows?q=a%20b&offset=0"
    assert first_page(NUMBER, ASKED).target == "/rows?q=a%20b&page=1"
    assert target(OFFSET, page(number=1, start=2)) == "offset=4"
    assert target(OFFSET, page(number=1, start=2, rows=1)) == "offset=3"
    assert target(NUMBER, page(number=1, rows=1)) == "page=3"


@pytest.mark.parametrize("paging", [OFFSET, NUMBER], ids=["offset", "number"])
def test_a_short_page_is_not_the_last_one(paging: Paging) -> None:
    """An empty one is, or one with which all have come that the store says there are."""
    assert target(paging, page(rows=1)) is not None
    assert target(paging, page(rows=0, fresh=False)) is None
    assert target(paging, page(rows=1, got=3, total=4)) is not None
    assert target(paging, page(rows=2, got=4, total=4)) is None
    assert target(paging, page(rows=0, got=3, total=4)) is None


def test_a_store_that_says_whether_there_is_more_is_heard() -> None:
    """Also where a page between two others is empty."""
    paging = replace(OFFSET, more="meta.more")
    assert target(paging, page({"meta": {"more": True}}, rows=0, start=2, fresh=False)) == "offset=4"
    assert target(paging, page({"meta": {"more": True}}, rows=1)) == "offset=1"
    for said in ({"more": False}, {"more": None}, {}):
        assert target(paging, page({"meta": said}, rows=2, got=2, total=9)) is None


@pytest.mark.parametrize("paging", [OFFSET, NUMBER], ids=["offset", "number"])
def test_a_store_that_gives_the_same_page_again_does_not_count(paging: Paging) -> None:
    """What is behind it can not be reached: that is no end."""
    with pytest.raises(StoreError) as error:
        next_page(paging, page(rows=2, fresh=False))
    assert error.value.reason is StoreCode.ANSWER_INVALID


def test_links_stand_in_the_body_or_in_a_header() -> None:
    """They are given on as they are; whether they may be followed is decided elsewhere."""
    assert next_page(Paging(PageKind.LINK, next="links.next"), page({"links": {"next": "/p2"}})) == "/p2"
    assert next_page(Paging(PageKind.LINK, next="links.next"), page({"links": {"next": 7}})) is None
    assert next_page(Paging(PageKind.LINK), page(link="https://x/p2")) == "https://x/p2"
    assert next_page(Paging(PageKind.LINK), page()) is None
