"""Routes of the service itself: health, metrics, the interface's documents, the start page."""

from pathlib import Path
from typing import Any

import flask_swagger_ui
from flask import Blueprint, Response, abort, current_app
from marshmallow import Schema, fields

from api import openapi
from api.auth import public
from api.context import current
from api.gauges import exposition
from api.headers import DOCS_POLICY, PAGE_POLICY
from api.metrics import CONTENT_TYPE, current_metrics
from api.problems import RETRY_AFTER_SECONDS, Problem
from api.readiness import checks
from api.shapes import returns

blueprint = Blueprint("service", __name__)
PAGES = Path(__file__).resolve().parents[1] / "pages"
SWAGGER = Path(flask_swagger_ui.__file__).parent / "dist"
SWAGGER_FILES = frozenset(
    {"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png", "favicon-16x16.png"}
)
DOCUMENT = "leadwarden.openapi"
A_DAY = 86_400  # seconds
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".png": "image/png"}


class Health(Schema):
    """The process answers."""

    status = fields.String(required=True)


class Readiness(Schema):
    """Each part of the service: `ok` or `failed`."""

    database = fields.String(required=True)
    keys = fields.String(required=True)
    log = fields.String(required=True)


@blueprint.get("/healthz")
@public
@returns(Health)
def health() -> dict[str, Any]:
    """Say that the process answers."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@public
@returns(Readiness)
def ready() -> dict[str, Any]:
    """Say whether database, keys and log can be used; 503 where one can not."""
    found = checks(current())
    if "failed" not in found.values():
        return dict(found)
    raise Problem(
        503,
        "not_ready",
        "Service Unavailable",
        "A part of the service can not be used now.",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
        extra=found,
    )


@blueprint.get("/metrics")
@public
@returns(None, media="text/plain")
def metrics() -> Response:
    """Counters of this process, and gauges of the database that all processes share, for Prometheus."""
    return Response(current_metrics().text() + exposition(current()), content_type=CONTENT_TYPE)


@blueprint.get("/openapi.json")
@public
@returns(None, media="application/json")
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of this interface."""
    found: dict[str, Any] | None = current_app.extensions.get(DOCUMENT)
    if found is None:
        found = current_app.extensions[DOCUMENT] = openapi.document(current_app)
    return found


@blueprint.get("/")
@public
@returns(None, media="text/html")
def start() -> Response:
    """What this is, in plain words."""
    return _page("start.html", PAGE_POLICY)


@blueprint.get("/docs")
@public
@returns(None, media="text/html")
def docs() -> Response:
    """The interface, to read and to try out."""
    return _page("docs.html", DOCS_POLICY)


@blueprint.get("/docs/<name>")
@public
@returns(None, media="text/plain")
def docs_file(name: str) -> Response:
    """A file of the page at /docs; nothing of it comes from another host."""
    if name == "init.js":
        return _file(PAGES / name)
    if name not in SWAGGER_FILES:
        abort(404)
    return _file(SWAGGER / name)


def _page(name: str, policy: str) -> Response:
    response = Response((PAGES / name).read_bytes(), mimetype="text/html")
    response.headers["Content-Security-Policy"] = policy
    return response


def _file(path: Path) -> Response:
    """A style, script or picture, which a browser may keep for a day."""
    response = Response(path.read_bytes(), mimetype=MEDIA_TYPES[path.suffix])
    response.headers["Cache-Control"] = f"public, max-age={A_DAY}"
    return response
