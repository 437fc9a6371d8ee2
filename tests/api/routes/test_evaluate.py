"""`POST /v1/decisions/evaluate`: the case table over HTTP, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.context import Service
from consent.rulebook import starting_rulebook
from tests.conftest import KeyOf

CASES = json.loads((Path(__file__).resolve().parents[2] / "cases" / "decisions.json").read_text())["cases"]
URL = "/v1/decisions/evaluate"
GOOD = CASES[0]["facts"]


def test_every_public_case_is_answered_as_written(client: FlaskClient, key_of: KeyOf) -> None:
    """Effect, first reason, contained reasons and obligations, review, and when to try again."""
    key = key_of("decisions:create")
    for case in CASES:
        answer = client.post(URL, json={"facts": case["facts"]}, headers=key).get_json()
        expected = case["expected"]

        assert answer["effect"] == expected["effect"], case["id"]
        assert answer["reasons"][0] == expected["reasons"][0], case["id"]
        assert set(expected["reasons"]) <= set(answer["reasons"]), case["id"]
        assert set(expected.get("obligations", ())) <= set(answer["obligations"]), case["id"]
        assert answer["needs_review"] == expected.get("needs_review", False), case["id"]
        assert answer.get("retry_not_before") == expected.get("retry_not_before"), case["id"]
        assert answer["rules"][0]["citation"]


def test_an_answer_has_the_shape_of_the_contract(client: FlaskClient, key_of: KeyOf) -> None:
    """No receipt and no id: nothing was stored."""
    answer = client.post(URL, json={"facts": GOOD}, headers=key_of("decisions:create")).get_json()

    assert set(answer) == {
        *("effect", "reasons", "rules", "obligations", "valid_until", "needs_review", "rulebook"),
    }
    assert answer["rulebook"] == starting_rulebook().hash


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"channel": "pigeon"}, "facts.channel"),
        ({"purpose": "fun"}, "facts.purpose"),
        ({"jurisdiction": "XX"}, "facts.jurisdiction"),
        ({"jurisdiction": "US-ZZ"}, "facts.jurisdiction"),
        ({"candidates": ["DE", "Q1"]}, "facts.candidates.1"),
        ({"recipient_tz": "Europe/Bonn"}, "facts.recipient_tz"),
        ({"now": "2026-11-24T10:00:00"}, "facts.now"),
        ({"now": "2026-11-24"}, "facts.now"),
        ({"obtained_on": "24.11.2026"}, "facts.obtained_on"),
        ({"obtained_on": "2026-02-30"}, "facts.obtained_on"),
        ({"obtained_on": "9999-12-31"}, "facts.obtained_on"),
        ({"consents": [{"channels": ["email"]}]}, "facts.consents.0.given_on"),
        ({"consents": [{"given_on": "2026-01-01", "channels": "email"}]}, "facts.consents.0.channels"),
        ({"objections": [{"type": "all"}]}, "facts.objections.0.type"),
        ({"relationship": {"kind": "customer"}}, "facts.relationship.kind"),
        ({"minor": "no"}, "facts.minor"),
        ({"lia": True}, "facts.lia"),
        ({"contacts": {"email": ["yesterday"]}}, "facts.contacts.email.0"),
        ({"at": "2026-11-25T10:00:00Z"}, "facts.at"),
        ({"surprise": 1}, "facts.surprise"),
        ({"Ada Lovelace": 1}, "facts.?"),
    ],
)
def test_a_fault_is_named_by_its_place(
    client: FlaskClient, key_of: KeyOf, changes: dict[str, Any], place: str
) -> None:
    """422, and never the value."""
    answer = client.post(URL, json={"facts": GOOD | changes}, headers=key_of("decisions:create"))

    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == [place]


def test_what_is_missing_is_named_too(client: FlaskClient, key_of: KeyOf) -> None:
    """`now`, `channel` and `purpose`."""
    answer = client.post(URL, json={"facts": {}}, headers=key_of("decisions:create")).get_json()

    assert set(answer["errors"]) == {"facts.now", "facts.channel", "facts.purpose"}


def test_nobody_without_the_scope(client: FlaskClient, key_of: KeyOf) -> None:
    """401 without a key, 403 with another scope."""
    assert client.post(URL, json={"facts": GOOD}).status_code == 401
    assert client.post(URL, json={"facts": GOOD}, headers=key_of("leads:read")).status_code == 403


def test_nothing_is_stored(client: FlaskClient, key_of: KeyOf, service: Service) -> None:
    """The same question leaves the trail as it was."""
    key = key_of("decisions:create", "audit:read")
    before = client.get("/v1/audit/entries?action=decision.made", headers=key).get_json()["items"]
    client.post(URL, json={"facts": GOOD}, headers=key)

    assert client.get("/v1/audit/entries?action=decision.made", headers=key).get_json()["items"] == before
