"""The answer to a change of a privacy request."""

import pytest
from flask.testing import FlaskClient

from api.changed import described
from api.context import Service
from governance.errors import RequestUnknownError
from tests.conftest import KeyOf


def test_every_change_is_answered_with_the_request_and_its_entry(
    service: Service, client: FlaskClient, key_of: KeyOf
) -> None:
    """The same document as the request's own, and beside it the receipt of what was just done."""
    headers = key_of("requests:create", "requests:review", "requests:read")
    body = {"type": "access", "identities": [{"email": "jane@example.com"}]}
    made = client.post("/v1/privacy-requests", json=body, headers=headers).get_json()
    answer = client.post(f"/v1/privacy-requests/{made['id']}/cancel", json={}, headers=headers).get_json()
    shown = client.get(f"/v1/privacy-requests/{made['id']}", headers=headers).get_json()

    assert shown["status"] == "cancelled"
    assert {name: value for name, value in answer.items() if name != "audit"} == shown
    assert answer["audit"]["entry_id"] != made["audit"]["entry_id"]


def test_nothing_is_said_of_a_request_that_is_not_there(service: Service) -> None:
    """An error with its code, and no empty answer."""
    with pytest.raises(RequestUnknownError):
        described(service, "nobody")
