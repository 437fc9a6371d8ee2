"""Lists of people to be erased over HTTP: who may send them, and what comes back."""

import json

import pytest
from flask.testing import FlaskClient

from tests.conftest import KeyOf

PATH = "/v1/privacy-requests/import"
NDJSON = "application/x-ndjson"
LINES = b'{"email": "anna.berg@example.com"}\n{"email": "nobody"}\n'


def test_a_list_is_answered_line_by_line(client: FlaskClient, key_of: KeyOf) -> None:
    """The summary stands last; nothing of the people stands in the answer."""
    reply = client.post(PATH, data=LINES, headers=key_of("requests:create"), content_type=NDJSON)
    first, second, last = (json.loads(line) for line in reply.data.splitlines())

    assert (reply.status_code, reply.mimetype) == (200, NDJSON)
    assert (first["status"], second["code"]) == ("created", "validation_failed")
    assert last == {"summary": {"created": 1, "open": 0, "suppressed": 0, "refused": 1}}
    assert b"berg" not in reply.data


def test_a_csv_list_with_terms_is_approved(client: FlaskClient, key_of: KeyOf) -> None:
    """As its reviewer, whose key the call needs."""
    headers = key_of("requests:create", "requests:review", "requests:read")
    query = "verified=agent_permission&approve=true&regime=ccpa&received_at=2026-11-20T09:00:00%2B01:00"
    reply = client.post(
        f"{PATH}?{query}", data=b"email\na@example.com\n", headers=headers, content_type="text/csv"
    )
    request_id = json.loads(reply.data.splitlines()[0])["request_id"]
    found = client.get(f"/v1/privacy-requests/{request_id}", headers=headers).get_json()

    assert (found["status"], found["regime"], found["submitted_by"]) == (
        "in_progress",
        "ccpa",
        "authorised_agent",
    )
    assert found["received_at"].startswith("2026-11-20T08:00:00")


@pytest.mark.parametrize("query", ["verified=agent_permission", "verified=agent_permission&approve=true"])
def test_who_may_not_review_answers_for_nobody(client: FlaskClient, key_of: KeyOf, query: str) -> None:
    """Neither for who the people are nor for the erasure."""
    reply = client.post(f"{PATH}?{query}", data=LINES, headers=key_of("requests:create"), content_type=NDJSON)

    assert (reply.status_code, reply.get_json()["code"]) == (403, "scope_missing")


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("approve=true", "verified"),
        ("regime=roman", "regime"),
        ("received_at=yesterday", "received_at"),
        ("received_at=2036-01-01T00:00:00Z", "received_at"),
        ("colour=red", "colour"),
    ],
)
def test_terms_that_can_not_be_read_are_named(
    client: FlaskClient, key_of: KeyOf, query: str, place: str
) -> None:
    """And nothing is taken in."""
    headers = key_of("requests:create", "requests:review", "requests:read")
    reply = client.post(f"{PATH}?{query}", data=LINES, headers=headers, content_type=NDJSON)

    assert (reply.status_code, list(reply.get_json()["errors"])) == (422, [place])
    assert client.get("/v1/privacy-requests", headers=headers).get_json()["items"] == []
