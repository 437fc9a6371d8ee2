"""Lists by cursor."""

import pytest
from flask import Flask

from api.paging import page, page_arguments
from api.problems import Problem


@pytest.mark.parametrize(
    ("query", "expected"),
    [("", (50, None)), ("limit=1", (1, None)), ("limit=500&cursor=abc", (500, "abc"))],
)
def test_limit_and_cursor_come_from_the_query(query: str, expected: tuple[int, str | None]) -> None:
    """With the defaults of the contract."""
    with Flask("test").test_request_context(f"/?{query}"):
        assert page_arguments() == expected


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "limit=-1", "limit=x", "limit=%D9%A3", "cursor=", "cursor=%00"]
)
def test_anything_else_is_unprocessable(query: str) -> None:
    """422, naming the parameter and not its value."""
    with Flask("test").test_request_context(f"/?{query}"), pytest.raises(Problem) as caught:
        page_arguments()

    assert (caught.value.status, list(caught.value.document["errors"])) == (422, [query.partition("=")[0]])


def test_a_page_says_whether_more_follow() -> None:
    """No cursor: the last one."""
    assert page([{"id": "a"}], None) == {"items": [{"id": "a"}], "next_cursor": None}
