"""Messages over HTTP."""

from flask.testing import FlaskClient

from api.background import deliveries
from api.context import Service
from tests.conftest import KeyOf
from tests.governance.messages.post_office import a_letter, a_notice


def test_an_officer_sees_what_failed_and_tries_it_again(
    service: Service, client: FlaskClient, key_of: KeyOf
) -> None:
    """State, topic and code, no address; then it waits again, and the trail says who asked."""
    letter = a_letter(service)
    deliveries.step(service, service.clock())
    a_notice(service)
    headers = key_of("requests:review")
    failed = client.get("/v1/messages?state=failed", headers=headers)
    again = client.post(f"/v1/messages/{letter}/retry", json={}, headers=headers)

    assert failed.json is not None
    assert [(each["id"], each["code"]) for each in failed.json["items"]] == [(letter, "not_configured")]
    assert "canary" not in failed.text.lower()
    assert again.json is not None
    assert (again.json["id"], again.json["state"]) == (letter, "queued")
    assert again.json["audit"]["entry_id"]


def test_what_an_officer_posted_by_hand_is_done(service: Service, client: FlaskClient, key_of: KeyOf) -> None:
    """And is not listed as failed any more."""
    letter, headers = a_letter(service), key_of("requests:review")
    deliveries.step(service, service.clock())
    done = client.post(f"/v1/messages/{letter}/done", json={}, headers=headers)

    assert done.json is not None
    assert done.json["state"] == "sent"
    assert client.get("/v1/messages?state=failed", headers=headers).json == {"items": []}


def test_what_can_not_be_tried_again_is_refused(service: Service, client: FlaskClient, key_of: KeyOf) -> None:
    """Queued already, unknown, or asked by somebody else."""
    letter, headers = a_letter(service), key_of("requests:review")
    asked = [(letter, headers, 409), ("none", headers, 404), (letter, key_of("requests:read"), 403)]

    for message_id, who, status in asked:
        assert client.post(f"/v1/messages/{message_id}/retry", json={}, headers=who).status_code == status
    assert client.get("/v1/messages?state=lost", headers=headers).status_code == 422
