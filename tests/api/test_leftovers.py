"""What an answered request leaves in memory: nothing that waits for the collector, which seldom runs."""

import gc
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Request
from werkzeug.test import EnvironBuilder

from api.app import create_app
from api.context import Service
from tests.conftest import KeyOf

TIMES = 5
QUESTION = {"channel": "email", "purpose": "direct_marketing"}
NOBODY = {"lead": {"email": "nobody@firm.example"}}
ASKED: dict[str, tuple[int, str, Any]] = {
    "a decision": (200, "/v1/decisions", {**NOBODY, **QUESTION}),
    "a batch": (200, "/v1/decisions/batch", {"leads": [NOBODY["lead"]], **QUESTION}),
    "a question of another shape": (422, "/v1/decisions", {**NOBODY, **QUESTION, "channel": "smoke"}),
    "a batch of another shape": (422, "/v1/decisions/batch", {"nope": ["x" * 100_000]}),
    "no JSON": (400, "/v1/decisions", "{"),
    "an objection of somebody unknown": (
        404,
        "/v1/objections",
        {
            "lead": {"lead_id": "00000000-0000-4000-8000-000000000000"},
            "kind": "direct_marketing",
            "received_at": "2025-11-01T10:00:00+00:00",
            "via": "phone",
        },
    ),
    "a call without the right to it": (403, "/v1/privacy-requests", {}),
}


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Only reference counts free anything."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def answer(app: Flask, headers: dict[str, str], path: str, body: Any) -> int:
    """The status, as the server gets it; nothing of the request is kept here."""
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    asked = EnvironBuilder(path=path, method="POST", headers=[*headers.items()], input_stream=io.BytesIO(raw))
    environ = asked.get_environ() | {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(raw))}
    told: list[str] = []
    parts = app(environ, lambda status, _headers, _error=None: told.append(status))  # type: ignore[arg-type]
    b"".join(parts)
    parts.close()  # type: ignore[attr-defined]
    return int(told[0].split()[0])


def requests_in_memory() -> int:
    """How many requests something still refers to."""
    return sum(isinstance(one, Request) for one in gc.get_objects())


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.usefixtures("no_collector")
def test_a_request_is_gone_once_it_is_answered(service: Service, key_of: KeyOf, name: str) -> None:
    """A body of megabytes that is refused must not stay until thousands of others were."""
    app, headers = create_app(service), key_of("decisions:create", "consents:write")
    status, path, body = ASKED[name]
    assert answer(app, headers, path, body) == status  # the first call fills caches
    before = requests_in_memory()

    for _ in range(TIMES):
        answer(app, headers, path, body)

    assert requests_in_memory() == before
