"""The OpenAPI 3.1 document, from what the decorators of the views declare and their docstrings say."""

import re
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from marshmallow import Schema, fields
from werkzeug.routing import Rule

from api.declared import Declared, declared
from api.problems import MEDIA_TYPE
from api.shapes import JSON_TYPE

SHOWN_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
BEARER = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "lw_<id>_<secret>",
    "description": "An API key. Each call names the scope that it needs.",
}


class ProblemShape(Schema):
    """An error (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True, metadata={"description": "Stable; for programs."})
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "For bad input: fields and what is wrong with them."},
    )
    effect = fields.String(
        metadata={"description": "`deny`, where a decision was asked for and can not be made."}
    )


def document(app: Flask) -> dict[str, Any]:
    """The document of every declared view of `app`."""
    plugin = MarshmallowPlugin(schema_name_resolver=_name)
    spec = APISpec(
        title="Leadwarden",
        version=version("leadwarden"),
        openapi_version="3.1.0",
        plugins=[plugin],
        info={"description": "May this lead be contacted, now? And everything that the answer rests on."},
    )
    spec.components.security_scheme("bearer", BEARER)
    spec.components.schema("Problem", schema=ProblemShape)
    for rule, method, view in _operations(app):
        about = declared(view)
        operation = _operation(rule, method, view, about)
        spec.path(path=_path(rule), operations={method.lower(): operation})
    return dict(spec.to_dict())


def _operations(app: Flask) -> Iterator[tuple[Rule, str, Callable[..., Any]]]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = app.view_functions[rule.endpoint]
        for method in sorted((rule.methods or set()) & SHOWN_METHODS):
            yield rule, method, view


def _operation(rule: Rule, method: str, view: Callable[..., Any], about: Declared) -> dict[str, Any]:
    summary, _, description = (view.__doc__ or "").strip().partition("\n\n")
    operation: dict[str, Any] = {
        "operationId": f"{rule.endpoint.replace('.', '_')}_{method.lower()}",
        "tags": [rule.endpoint.partition(".")[0]],
        "summary": " ".join(summary.split()).rstrip("."),
        "parameters": list(_parameters(rule, about)),
        "responses": _responses(about),
        "security": [] if about.public else [{"bearer": list(about.scopes or ())}],
    }
    if description:
        operation["description"] = " ".join(description.split())
    if about.body is not None or about.media_types:
        operation["requestBody"] = {"required": True, "content": _content(about)}
    return operation


def _parameters(rule: Rule, about: Declared) -> Iterator[dict[str, Any]]:
    text = {"type": "string"}
    for name in sorted(rule.arguments):
        yield {"in": "path", "name": name, "required": True, "schema": text}
    for name, description in about.query.items():
        yield {"in": "query", "name": name, "description": description, "schema": text}
    if about.idempotent:
        description = "The same key with the same body gives the same answer for 24 hours."
        yield {"in": "header", "name": "Idempotency-Key", "description": description, "schema": text}


def _content(about: Declared) -> dict[str, Any]:
    """A body in each of its media types; only JSON has a shape."""
    shaped = about.body is not None
    return {
        media: {"schema": about.body if shaped and media == JSON_TYPE else {"type": "string"}}
        for media in about.media_types
    }


def _responses(about: Declared) -> dict[str, Any]:
    answers = about.answers or {200: None}
    responses = {str(status): _answer(schema, about.media_type) for status, schema in sorted(answers.items())}
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    responses["default"] = {"description": "An error.", "content": {MEDIA_TYPE: problem}}
    return responses


def _answer(schema: type[Schema] | None, media: str) -> dict[str, Any]:
    if schema is not None:
        summary = (schema.__doc__ or "An answer.").strip().partition("\n")[0]
        return {"description": summary, "content": {JSON_TYPE: {"schema": schema}}}
    return {"description": "An answer.", "content": {media: {"schema": {"type": "string"}}}}


def _path(rule: Rule) -> str:
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)


def _name(schema: type[Schema]) -> str:
    """Names are unique by module: `access.Key`."""
    kind = schema if isinstance(schema, type) else type(schema)
    return f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"
