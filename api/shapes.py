"""What a view takes and gives: `@accepts` reads and validates a body, `@returns` says what comes back.

A body passes, in this order: its media type (415), its size (413), UTF-8 and JSON (400), its shape (422).
Messages name fields and rules, never what was sent.
"""

import functools
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar, cast

from flask import request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from api.declared import declared
from api.problems import Problem, problem

V = TypeVar("V", bound=Callable[..., Any])
MIB = 1024 * 1024
BODY_LIMIT = MIB
BATCH_LIMIT = 4 * MIB
UNLIMITED = sys.maxsize  # None would mean the app's default
JSON_TYPE = "application/json"
STREAMED = frozenset({"application/x-ndjson", "text/csv"})  # no limit in total; see `lines`
LINE_LIMIT = 64 * 1024
READ_AT_ONCE = 64 * 1024
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_SHOWN_FIELD = re.compile(r"[a-z][a-z_]{0,39}")


def accepts(schema: type[Schema], *, limit: int = BODY_LIMIT, also: Sequence[str] = ()) -> Callable[[V], V]:
    """Pass the validated body on as keyword `body`.

    `also` are further media types that the view reads by itself: then `body` is None, and for one of
    `STREAMED` there is no limit in total.
    """
    loader = schema()

    def decorate(view: V) -> V:
        about = declared(view)
        about.body, about.media_types = schema, (JSON_TYPE, *also)

        @functools.wraps(view)
        def validated(*args: Any, **kwargs: Any) -> Any:
            if media_type(JSON_TYPE, *also) == JSON_TYPE:
                return view(*args, body=load(loader, read_json(limit)), **kwargs)
            if request.mimetype in STREAMED:
                request.max_content_length = UNLIMITED
            else:
                read_body(limit)
            return view(*args, body=None, **kwargs)

        return cast("V", validated)

    return decorate


def streams(*media_types: str) -> Callable[[V], V]:
    """The view reads its body by itself, line by line (`lines`), in one of these media types."""

    def decorate(view: V) -> V:
        declared(view).media_types = media_types

        @functools.wraps(view)
        def streaming(*args: Any, **kwargs: Any) -> Any:
            media_type(*media_types)
            request.max_content_length = UNLIMITED
            return view(*args, **kwargs)

        return cast("V", streaming)

    return decorate


def returns(schema: type[Schema] | None, status: int = 200, *, media: str = JSON_TYPE) -> Callable[[V], V]:
    """Document an answer; the innermost `status` is the one that a bare dict gets. None: no JSON body."""

    def decorate(view: V) -> V:
        about = declared(view)
        first = not about.answers
        about.answers[status] = schema
        if media != JSON_TYPE:
            about.media_type = media
        if not first:
            return view

        @functools.wraps(view)
        def answered(*args: Any, **kwargs: Any) -> Any:
            answer = view(*args, **kwargs)
            return (answer, status) if isinstance(answer, dict) else answer

        return cast("V", answered)

    return decorate


def denies_when_unavailable(view: V) -> V:
    """A decision: 503 is `decision_unavailable` here, and says `effect: deny`."""
    declared(view).decides = True
    return view


def media_type(*allowed: str) -> str:
    """The one of `allowed` in which the body came; no body at all is as good as the first.

    Raises:
        Problem: 415.
    """
    if request.mimetype in allowed:
        return request.mimetype
    if not request.mimetype and not request.content_length:
        return allowed[0]
    detail = f"Send one of: {', '.join(allowed)}."
    raise problem(415, "unsupported_media_type", HTTPStatus(415).phrase, detail)


def read_json(limit: int = BODY_LIMIT) -> Any:
    """The JSON of the body; None when there is no body.

    Raises:
        Problem: 400, not JSON in UTF-8, or text that no database can hold.
        RequestEntityTooLarge: 413, before more than `limit` bytes are read.
    """
    raw = read_body(limit)
    if not raw:
        return None
    try:
        return parse_json(raw)
    except (ValueError, RecursionError):
        detail = "The body is not JSON in UTF-8."
        raise problem(400, "malformed_json", HTTPStatus(400).phrase, detail) from None


def read_body(limit: int = BODY_LIMIT) -> bytes:
    """The bytes of the body, however they were framed; kept for the next who asks.

    A chunked body has no length in its head, and werkzeug cuts one at the limit without a word: so one byte
    more is let through, and counted.

    Raises:
        RequestEntityTooLarge: 413.
    """
    request.max_content_length = limit + 1
    raw = request.get_data(cache=True)
    if len(raw) > limit:
        raise RequestEntityTooLarge
    return raw


def parse_json(raw: bytes) -> Any:
    """Strict JSON: UTF-8, no NaN, no lone surrogates, no NUL.

    Raises:
        ValueError, RecursionError: it is something else.
    """
    if _NUL.search(raw):
        raise ValueError("a NUL, which PostgreSQL can not store")
    found = _DECODER.decode(raw.decode("utf-8"))
    if b"\\u" in raw:
        json.dumps(found, ensure_ascii=False).encode("utf-8")  # raises for half of a surrogate pair
    return found


def load(schema: Schema, found: Any) -> dict[str, Any]:
    """`found` in the shape of `schema`; an absent body is an empty one where nothing is required.

    Raises:
        Problem: 400 for an absent body, 422 with a map of fields for a wrong one.
    """
    if found is None and any(field.required for field in schema.load_fields.values()):
        raise problem(400, "body_missing", HTTPStatus(400).phrase, "A JSON body is needed.")
    try:
        return cast("dict[str, Any]", loaded(schema, {} if found is None else found))
    except ValidationError as error:
        raise invalid(flat(error.messages)) from None


def loaded(schema: Schema, document: Any) -> Any:
    """`Schema.load`, whose error refers to none of marshmallow's frames.

    One of them refers to the error: body and request would stay until the collector finds that circle.

    Raises:
        ValidationError: the document has another shape.
    """
    try:
        return schema.load(document)
    except ValidationError as error:
        raise error.with_traceback(None) from None


def invalid(errors: Mapping[str, list[str]]) -> Problem:
    """A 422 to raise: `errors` maps fields, in dots, to messages that do not repeat the value."""
    detail = "The body is not as described."
    return problem(422, "validation_failed", HTTPStatus(422).phrase, detail, errors)


def flat(messages: Any, path: str = "") -> dict[str, list[str]]:
    """Marshmallow's nested messages as one map; a name that could itself be personal data is not shown."""
    if isinstance(messages, Mapping):
        found: dict[str, list[str]] = {}
        for name, inner in messages.items():
            for where, texts in flat(inner, _join(path, _shown(name))).items():
                found.setdefault(where, []).extend(texts)
        return found
    return {path or "body": [str(text) for text in messages]}


def lines(limit: int = LINE_LIMIT) -> Iterator[bytes | None]:
    """The lines of the streamed body, without their ends; None for one that is longer than `limit`."""
    kept, too_long = b"", False
    while chunk := request.stream.read(READ_AT_ONCE):
        *whole, rest = chunk.split(b"\n")
        for part in whole:
            line = kept + part
            yield None if too_long or len(line) > limit else line.removesuffix(b"\r")
            kept, too_long = b"", False
        kept += rest
        if len(kept) > limit:
            kept, too_long = b"", True
    if too_long:
        yield None
    elif kept:
        yield kept.removesuffix(b"\r")


def _shown(name: object) -> str:
    if name == "_schema":
        return ""
    return str(name) if isinstance(name, int) or _SHOWN_FIELD.fullmatch(str(name)) else "(unknown)"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name


def _refuse_constant(_: str) -> None:
    raise ValueError("not a JSON number")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)  # `loads` would make one for each body
