"""`POST /v1/deadlines`: the case table over HTTP, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import KeyOf

CASES = json.loads((Path(__file__).resolve().parents[2] / "cases" / "deadlines.json").read_text())["cases"]
URL = "/v1/deadlines"


def test_every_public_case_is_answered_as_written(client: FlaskClient, key_of: KeyOf) -> None:
    """Every date, with its law and how it was counted."""
    key = key_of("requests:create")
    for case in CASES:
        answer = client.post(URL, json=case["call"], headers=key)
        given = {one["name"]: one for one in answer.get_json()["deadlines"]}

        assert {name: given[name]["due"] for name in case["expected"]} == case["expected"], case["id"]
        assert all(one["law"] and one["explanation"] and one["safe"] <= one["due"] for one in given.values())


@pytest.mark.parametrize(
    ("call", "place"),
    [
        ({"regime": "roman", "event": "request_received", "occurred_on": "2026-01-01"}, "regime"),
        ({"regime": "gdpr", "event": "purchase", "occurred_on": "2026-01-01"}, "event"),
        ({"regime": "gdpr", "event": "request_received"}, "occurred_at"),
        (
            {
                "regime": "gdpr",
                "event": "request_received",
                "occurred_on": "2026-01-01",
                "occurred_at": "2026-01-01T10:00:00Z",
            },
            "occurred_at",
        ),
        ({"regime": "gdpr", "event": "request_received", "occurred_on": "2026-02-30"}, "occurred_on"),
        ({"regime": "gdpr", "event": "request_received", "occurred_on": "9999-12-31"}, "occurred_on"),
        (
            {"regime": "gdpr", "event": "request_received", "occurred_at": "2026-01-01T10:00:00"},
            "occurred_at",
        ),
        (
            {
                "regime": "gdpr",
                "event": "request_received",
                "occurred_on": "2026-01-01",
                "calendar": "DE-XX",
            },
            "calendar",
        ),
        (
            {"regime": "gdpr", "event": "request_received", "occurred_on": "2026-01-01", "time_zone": "CEST"},
            "time_zone",
        ),
        (
            {
                "regime": "gdpr",
                "event": "request_received",
                "occurred_on": "2026-01-01",
                "identity_asked": "2026-01-05",
                "identity_received": "2026-01-04",
            },
            "identity_received",
        ),
        ({"regime": "gdpr", "event": "request_received", "occurred_on": "2026-01-01", "paused": 3}, "paused"),
    ],
)
def test_a_fault_is_named_by_its_place(
    client: FlaskClient, key_of: KeyOf, call: dict[str, Any], place: str
) -> None:
    """422: unknown law, event, calendar, zone, an impossible day, a pause that ends before it begins."""
    answer = client.post(URL, json=call, headers=key_of("requests:create"))

    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == [place]


def test_null_is_as_good_as_absent(client: FlaskClient, key_of: KeyOf) -> None:
    """As in the facts of `evaluate`; what is needed is still missed."""
    key, case = key_of("requests:create"), CASES[0]
    optional = {
        "occurred_on": None,
        "extended": None,
        "identity_asked": None,
        "identity_received_at": None,
        "clarification_asked": None,
        "first_communication_on": None,
    }

    answer = client.post(URL, json=optional | case["call"], headers=key)
    nothing = client.post(URL, json=case["call"] | {"occurred_at": None}, headers=key)

    assert answer.get_json() == client.post(URL, json=case["call"], headers=key).get_json()
    assert (nothing.status_code, list(nothing.get_json()["errors"])) == (422, ["occurred_at"])


def test_nobody_without_the_scope(client: FlaskClient, key_of: KeyOf) -> None:
    """401 without a key, 403 with another scope."""
    assert client.post(URL, json=CASES[0]["call"]).status_code == 401
    assert client.post(URL, json=CASES[0]["call"], headers=key_of("leads:read")).status_code == 403
