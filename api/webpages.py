"""Pages for people: rendered without a script, with nothing from elsewhere, and errors as pages too."""

import functools
from collections.abc import Callable
from datetime import date
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Blueprint, Response, request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.exceptions import HTTPException

from api import problems
from api.context import current
from api.declared import declared
from api.problems import Problem
from api.settings import Settings

V = TypeVar("V", bound=Callable[..., Any])
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
FORM_LIMIT = 64 * 1024
POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
REFERRER = "same-origin"
"""Under `no-referrer` browsers send `Origin: null` with a form, which could not be told from a stranger's."""

_OWN_SITES = frozenset({"same-origin", "none"})
_UNNAMED = "the controller"
_STYLE = Path(__file__).parent / "static" / "style.css"
_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ERRORS = {
    403: ("This did not come from our page", "Please open the page here, and send the form from it."),
    404: ("There is no such page", "The link may be cut off. Please copy the whole of it from the message."),
    413: ("That is too long", "Please shorten what you wrote, and send it again."),
    429: ("Too many tries", "Please wait a minute, and try again."),
    503: ("We can not do this right now", "Nothing was lost by you. Please try again in a few minutes."),
}
_REFUSED = ("We could not read that", "Please open the page again, and send the form once more.")
_OTHER = ("Something went wrong", "This is our fault, not yours. Please try again later.")


def page(name: str, status: int = 200, **values: Any) -> Response:
    """A page of `api/templates`, which no cache keeps and no search engine lists."""
    named = company(current().settings)
    shown = _PAGES.get_template(name).render(company=named, company_first=capitalised(named), **values)
    response = Response(shown, status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = REFERRER
    return response


def style() -> Response:
    """The style of every page, which a browser may keep for a day."""
    response = Response(_STYLE.read_bytes(), mimetype="text/css")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def error_page(status: int) -> Response:
    """What a person is told in place of a problem document."""
    theirs = status < HTTPStatus.INTERNAL_SERVER_ERROR
    title, text = _ERRORS.get(status, _REFUSED if theirs else _OTHER)
    return page("error.html", status, title=title, text=text)


def shows_errors(blueprint: Blueprint) -> None:
    """Answer every exception of the blueprint's views with a page."""
    blueprint.register_error_handler(Exception, _page_of)


def takes_form(view: V) -> V:
    """The view reads a form from our own page: a stranger's page can not post in a visitor's name."""
    declared(view).media_types = FORMS

    @functools.wraps(view)
    def taking(*args: Any, **kwargs: Any) -> Any:
        request.max_content_length = FORM_LIMIT
        if not is_own_origin():
            return error_page(HTTPStatus.FORBIDDEN)
        return view(*args, **kwargs)

    return cast("V", taking)


def is_own_origin() -> bool:
    """Whether the browser says that the form stood on a page of ours; what is no browser says nothing."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in _OWN_SITES
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc in {request.host, urlsplit(current().settings.public_url).netloc}


def company(settings: Settings) -> str:
    """Who speaks on the pages, as it stands within a sentence."""
    return "this company" if settings.controller == _UNNAMED else settings.controller


def capitalised(text: str) -> str:
    """`text` as it stands at the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def plain_date(day: date) -> str:
    """`24 December 2026`: read the same way everywhere."""
    return f"{day.day} {day:%B} {day.year}"


def _page_of(error: Exception) -> Response:
    if isinstance(error, Problem):
        found = error
    elif isinstance(error, HTTPException):
        found = problems.of_http(error)
    else:
        found = problems.of_error(error)
    response = error_page(found.status)
    response.headers.update(found.headers)
    return response
