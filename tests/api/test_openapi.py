"""The published document: valid, complete, and true to the routes."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from api.declared import declared
from governance.scopes import EVERY_SCOPE


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    """The document as it is published."""
    found: dict[str, Any] = client.get("/openapi.json").get_json()
    return found


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    """By the specification's own schema."""
    validate(document)

    assert document["openapi"] == "3.1.0"


def test_every_route_is_in_it(document: dict[str, Any], app: Flask) -> None:
    """With its method."""
    shown = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    routes = {
        (method, str(rule).replace("<", "{").replace(">", "}").replace("{path:", "{"))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert shown == routes


def test_every_operation_says_who_may_call_it_and_how_it_fails(document: dict[str, Any]) -> None:
    """A scope of the contract, any key, or nobody's; and the problem document."""
    for item in document["paths"].values():
        for operation in item.values():
            for security in operation["security"]:
                assert set(security["bearer"]) <= EVERY_SCOPE
            problem = operation["responses"]["default"]["content"]["application/problem+json"]["schema"]
            assert problem == {"$ref": "#/components/schemas/Problem"}
            assert operation["summary"]


def test_idempotent_calls_name_the_header(document: dict[str, Any], app: Flask) -> None:
    """Where the contract has it."""
    for rule in app.url_map.iter_rules():
        if declared(app.view_functions[rule.endpoint]).idempotent:
            path = str(rule).replace("<", "{").replace(">", "}")
            names = {parameter["name"] for parameter in document["paths"][path]["post"]["parameters"]}
            assert "Idempotency-Key" in names


def test_the_document_is_made_once(client: FlaskClient) -> None:
    """The second call gives the same bytes."""
    assert client.get("/openapi.json").data == client.get("/openapi.json").data
