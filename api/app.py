"""The Flask app: every blueprint of `api.routes` around one opened service."""

import json
from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask, request
from flask.json.provider import JSONProvider

from api import auth, metrics, problems
from api.context import EXTENSION, Service
from api.headers import secured
from api.lingering import linger
from api.problems import problem
from api.routes import (
    access,
    audit,
    callbacks,
    canaries,
    case_files,
    confirm_page,
    consents,
    deadlines,
    decisions,
    deletion_lists,
    evaluate,
    late_requests,
    leads,
    legal_holds,
    letters,
    link_pages,
    links,
    messages,
    packages,
    privacy_page,
    privacy_requests,
    reconcile,
    records,
    rights,
    rulebooks,
    steps,
    stores,
    verifications,
    webfiles,
)
from api.routes import service as service_routes
from api.shapes import BODY_LIMIT

BLUEPRINTS = (
    access.blueprint,
    audit.blueprint,
    callbacks.blueprint,
    canaries.blueprint,
    case_files.blueprint,
    confirm_page.blueprint,
    consents.blueprint,
    deadlines.blueprint,
    deletion_lists.blueprint,
    decisions.blueprint,
    evaluate.blueprint,
    late_requests.blueprint,
    letters.blueprint,
    leads.blueprint,
    legal_holds.blueprint,
    link_pages.blueprint,
    packages.blueprint,
    packages.pages,
    links.blueprint,
    messages.blueprint,
    privacy_page.blueprint,
    privacy_requests.blueprint,
    records.blueprint,
    rights.blueprint,
    reconcile.blueprint,
    rulebooks.blueprint,
    service_routes.blueprint,
    steps.blueprint,
    stores.blueprint,
    verifications.blueprint,
    webfiles.blueprint,
)


class App(Flask):
    """Flask, whose views and hooks are all plain functions here: none is asked whether it is a coroutine."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """`func` as it is."""
        return func


class CompactJson(JSONProvider):
    """JSON as the contract writes it: compact, in the order given, times in RFC 3339."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Text of `obj`."""
        kwargs.setdefault("ensure_ascii", False)
        return json.dumps(obj, default=_jsonable, separators=(",", ":"), allow_nan=False, **kwargs)

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The value of a text."""
        return json.loads(s, **kwargs)


def create_app(service: Service) -> Flask:
    """An app that serves; it opens nothing and starts nothing by itself."""
    app = App("leadwarden", static_folder=None)
    app.json = CompactJson(app)
    app.url_map.strict_slashes = True
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    app.extensions[EXTENSION] = service
    app.extensions[auth.CACHE] = auth.HeldKeys()
    app.before_request(_refuse_broken_text)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    problems.register(app)
    metrics.register(app)
    app.after_request(linger)
    app.wsgi_app = secured(app.wsgi_app)  # type: ignore[assignment, method-assign]  # as Flask's documentation says
    return app


def _refuse_broken_text() -> None:
    """A path or query that is not UTF-8, or holds a NUL, reaches no view and no database."""
    environ = request.environ
    query, path = environ["QUERY_STRING"], environ["PATH_INFO"]
    if "%" not in query and query.isascii() and path.isascii() and "\0" not in path:
        return
    try:
        text = (unquote_to_bytes(query.encode("latin-1")) + path.encode("latin-1")).decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise problem(400, "bad_request", "Bad Request", "Path and query are text in UTF-8.")


def _jsonable(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
