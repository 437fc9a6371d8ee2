"""Rulebooks over HTTP: published by one person, confirmed by another, in force in the next answer."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.context import Service
from consent.publishing import ensure_starting
from consent.rulebook import as_json, starting_document, starting_rulebook
from tests.conftest import Clock, KeyOf

QUESTION = {
    "facts": {
        "now": "2026-11-24T10:00:00+01:00",
        "jurisdiction": "PL",
        "recipient_kind": "corporate_subscriber",
        "channel": "email",
        "purpose": "direct_marketing",
    }
}


@pytest.fixture
def started(service: Service, clock: Clock) -> Service:
    """A service that was started a second ago, with the starting rulebook published."""
    service.main.write(lambda session: ensure_starting(session, clock() - timedelta(seconds=1)))
    return service


def loosened() -> dict[str, Any]:
    """A rulebook in which Poland needs no consent."""
    document: dict[str, Any] = as_json(starting_document())
    poland = next(one for one in document["jurisdictions"] if one["jurisdiction"] == "PL")
    poland["rows"][0] |= {"regime": "opt_out", "allow_as": ["OPT_OUT_REGIME"]}
    document["rulebook"]["version"] = "2026.12.1"
    return document


def effect(client: FlaskClient, key: dict[str, str]) -> str:
    """What the rules in force answer."""
    found: str = client.post("/v1/decisions/evaluate", json=QUESTION, headers=key).get_json()["effect"]
    return found


def test_two_persons_put_a_rulebook_in_force(client: FlaskClient, key_of: KeyOf, started: Service) -> None:
    """Waiting, not confirmed by the same key, then active, and the old one superseded."""
    one, other = key_of("rules:manage", "decisions:create"), key_of("rules:manage")
    made = client.post("/v1/rulebooks", json={"document": loosened()}, headers=one)
    assert (made.status_code, made.get_json()["state"]) == (201, "waiting")
    url = f"/v1/rulebooks/{made.get_json()['id']}/confirm"

    assert effect(client, one) == "deny"
    refused = client.post(url, headers=one)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "second_person_needed")
    confirmed = client.post(url, headers=other)
    assert (confirmed.status_code, confirmed.get_json()["state"]) == (200, "active")
    assert effect(client, one) == "allow"
    again = client.post(url, headers=other)
    assert (again.status_code, again.get_json()["code"]) == (409, "rulebook_confirmed")
    listed = client.get("/v1/rulebooks", headers=one).get_json()["items"]
    assert [item["state"] for item in listed] == ["active", "superseded"]


def test_a_rulebook_may_be_dated_ahead(
    client: FlaskClient, key_of: KeyOf, started: Service, clock: Clock
) -> None:
    """Scheduled until its moment; then in force without anybody doing anything."""
    one, other = key_of("rules:manage", "decisions:create"), key_of("rules:manage")
    body = {"document": loosened(), "effective_from": "2026-12-01T00:00:00+00:00"}
    made = client.post("/v1/rulebooks", json=body, headers=one).get_json()
    confirmed = client.post(f"/v1/rulebooks/{made['id']}/confirm", headers=other).get_json()

    assert confirmed["state"] == "scheduled"
    assert confirmed["effective_from"] == "2026-12-01T00:00:00+00:00"
    assert effect(client, one) == "deny"


def test_a_rulebook_that_does_not_pass_is_refused_by_place(client: FlaskClient, key_of: KeyOf) -> None:
    """422, and nothing is kept."""
    document = loosened()
    document["groups"]["channels"]["calls"] = ["phone_live", "shouting"]
    key = key_of("rules:manage")
    answer = client.post("/v1/rulebooks", json={"document": document}, headers=key)

    assert answer.status_code == 422
    assert answer.get_json()["code"] == "invalid_rulebook"
    assert "groups.channels.calls.1" in answer.get_json()["errors"]
    assert client.get("/v1/rulebooks", headers=key).get_json()["items"] == []


def test_the_content_is_shown_by_its_hash(client: FlaskClient, key_of: KeyOf, started: Service) -> None:
    """As it was published; an unknown hash is 404."""
    key = key_of("rules:manage")
    shown = client.get(f"/v1/rulebooks/{starting_rulebook().hash}", headers=key).get_json()

    assert shown["document"] == as_json(starting_document())
    assert client.get(f"/v1/rulebooks/{'0' * 64}", headers=key).status_code == 404


def test_checking_says_what_would_change(client: FlaskClient, key_of: KeyOf, started: Service) -> None:
    """Cases answered otherwise, flips of stored decisions; nothing is published."""
    key = key_of("rules:manage")
    tried = client.post("/v1/rulebooks/check", json={"document": loosened()}, headers=key).get_json()

    assert "PL-01" in {one["id"] for one in tried["differences"]}
    assert (tried["decisions_tried"], tried["flips"]) == (0, [])
    assert len(client.get("/v1/rulebooks", headers=key).get_json()["items"]) == 1


def test_pages_follow_each_other(client: FlaskClient, key_of: KeyOf, started: Service) -> None:
    """By cursor, the newest first."""
    key = key_of("rules:manage")
    client.post("/v1/rulebooks", json={"document": loosened()}, headers=key)
    first = client.get("/v1/rulebooks?limit=1", headers=key).get_json()
    second = client.get(f"/v1/rulebooks?limit=1&cursor={first['next_cursor']}", headers=key).get_json()

    assert [item["version"] for item in first["items"] + second["items"]] == ["2026.12.1", "2026.11.1"]
    assert second["next_cursor"] is None
