"""Showing who asks, over HTTP."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from api.app import create_app
from api.context import Service
from tests.api.letters import letters, writing
from tests.api.test_verification import token, trusting
from tests.conftest import KeyOf

PATH = "/v1/privacy-requests"
ANNA = {"email": "anna@example.com"}


@pytest.fixture
def service(service: Service) -> Service:
    """A service that can write, and trusts the controller's logins."""
    return trusting(writing(service))


@pytest.fixture
def client(service: Service) -> FlaskClient:
    """A client of that service."""
    return create_app(service).test_client()


@pytest.fixture
def officer(key_of: KeyOf) -> dict[str, str]:
    """Who reviews."""
    return key_of("requests:create", "requests:read", "requests:review")


@pytest.fixture
def request_id(client: FlaskClient, officer: dict[str, str]) -> str:
    """A request that awaits verification."""
    answer = client.post(PATH, json={"type": "erasure", "identities": [ANNA]}, headers=officer)
    return str((answer.json or {})["id"])


def call(client: FlaskClient, headers: dict[str, str], path: str, body: Any) -> tuple[int, Any]:
    """Status and document."""
    answer = client.post(f"{PATH}/{path}", json=body, headers=headers)
    return answer.status_code, answer.json


def test_an_officer_sends_a_code(
    client: FlaskClient, service: Service, officer: dict[str, str], request_id: str
) -> None:
    """The answer shows the request; of the fourth in an hour that there were enough."""
    for _ in range(3):
        status, document = call(client, officer, f"{request_id}/code", {})
        assert (status, document["status"]) == (200, "awaiting_verification")
        assert document["audit"]["entry_id"]
    status, document = call(client, officer, f"{request_id}/code", {})

    assert (status, document["code"]) == (429, "too_many_codes")
    assert len(letters(service)) == 3
    assert ANNA["email"] not in str(document)


def test_a_portal_hands_a_login_over(
    client: FlaskClient, service: Service, key_of: KeyOf, request_id: str
) -> None:
    """With a key that may make requests and nothing else; a second time it is refused."""
    portal = key_of("requests:create")
    body = {"token": token(service, request_id)}
    status, document = call(client, portal, f"{request_id}/login", body)

    assert (status, document["status"]) == (200, "awaiting_review")
    status, document = call(client, portal, f"{request_id}/login", body)
    assert (status, document["code"]) == (409, "illegal_change")


def test_a_portals_page_hands_a_login_over(client: FlaskClient, service: Service, request_id: str) -> None:
    """A form on the controller's own site; the token is the authority."""
    answer = client.post(
        "/privacy/login",
        data={"token": token(service, request_id)},
        headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://portal.example.com"},
    )

    assert answer.status_code == 200
    assert "You have shown that it is you" in answer.text


@pytest.mark.parametrize("given", ["", "x", "a.b.c", "x" * 5000, "ä.ä.ä", "..", "e30.e30.e30"])
def test_a_token_that_is_none_is_422(
    client: FlaskClient, officer: dict[str, str], request_id: str, given: str
) -> None:
    """And repeated nowhere."""
    status, document = call(client, officer, f"{request_id}/login", {"token": given})

    assert status == 422
    assert len(given) < 4 or given not in str(document)


@pytest.mark.parametrize(
    "body",
    [
        {"method": "code", "result": "verified", "statement": "x"},
        {"method": "code", "result": "verified", "ask_person": True},
        {"method": "agent_permission", "result": "verified", "ask_person": True},
        {"method": "agent_permission", "result": "failed", "statement": "x", "ask_person": True},
        {"method": "agent_permission", "result": "verified", "statement": ""},
        {"method": "agent_permission", "result": "verified", "statement": "x", "ask_person": "yes"},
        {"method": "agent_permission", "result": "verified", "statement": ["x"]},
    ],
)
def test_a_statement_belongs_to_an_agents_permission(
    client: FlaskClient, officer: dict[str, str], request_id: str, body: dict[str, Any]
) -> None:
    """Anything else is a mistake of the caller."""
    status, _ = call(client, officer, f"{request_id}/verify", body)

    assert status == 422


def test_an_agents_permission_over_http(
    client: FlaskClient, service: Service, officer: dict[str, str], request_id: str
) -> None:
    """With the person asked, the request waits for their code."""
    body = {"method": "agent_permission", "result": "verified", "statement": "signed", "ask_person": True}
    status, document = call(client, officer, f"{request_id}/verify", body)

    assert (status, document["status"]) == (200, "awaiting_verification")
    assert [one["method"] for one in document["verification"]["proofs"]] == ["agent_permission"]
    assert len(letters(service)) == 1


@pytest.mark.parametrize(("path", "body"), [("code", {}), ("login", {"token": "a.b.c"})])
def test_who_may(client: FlaskClient, key_of: KeyOf, request_id: str, path: str, body: Any) -> None:
    """Reading alone is not enough."""
    status, _ = call(client, key_of("requests:read"), f"{request_id}/{path}", body)

    assert status == 403


def test_an_unknown_request_is_404(client: FlaskClient, officer: dict[str, str]) -> None:
    """Like every other call on one."""
    assert call(client, officer, "no-such-request/code", {})[0] == 404
