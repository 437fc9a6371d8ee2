"""What follows on a request, over HTTP: the end of a restriction, and appeals."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.background import request_steps
from api.context import Service
from governance.requests.lifting import NOTICE
from tests.conftest import Clock, KeyOf
from tests.governance.requests.desk import a_known_lead

PATH = "/v1/privacy-requests"
ANNA = {"email": "anna@example.com"}
QUESTION = {"lead": ANNA, "channel": "email", "purpose": "direct_marketing"}


@pytest.fixture
def officer(key_of: KeyOf) -> dict[str, str]:
    """Who reviews."""
    return key_of("requests:create", "requests:read", "requests:review", "decisions:create")


class Desk:
    """An officer's calls."""

    def __init__(self, client: FlaskClient, headers: dict[str, str]) -> None:
        self.client, self.headers = client, headers

    def ask(self, kind: str, **more: Any) -> str:
        """A new request."""
        body = {"type": kind, "identities": [ANNA], **more}
        return str((self.client.post(PATH, json=body, headers=self.headers).json or {})["id"])

    def call(self, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and document."""
        answer = self.client.post(f"{PATH}/{path}", json={} if body is None else body, headers=self.headers)
        return answer.status_code, answer.json

    def reasons(self) -> list[str]:
        """Why Anna may not be written to."""
        answer = self.client.post("/v1/decisions", json=QUESTION, headers=self.headers)
        return list((answer.json or {})["reasons"])


@pytest.fixture
def desk(client: FlaskClient, officer: dict[str, str]) -> Desk:
    """An officer at work."""
    return Desk(client, officer)


def test_a_restriction_from_request_to_its_end(service: Service, desk: Desk, clock: Clock) -> None:
    """In force on approval; lifted three days after the person was told, and not before."""
    a_known_lead(service, ANNA["email"], country="DE")
    request_id = desk.ask("restriction")
    desk.call(f"{request_id}/verify", {"method": "document_seen", "result": "verified"})
    desk.call(f"{request_id}/approve")
    assert desk.reasons()[0] == "PROCESSING_RESTRICTED"
    request_steps.step(service, service.clock())

    body = {"explanation": "corrected", "told_otherwise": True}
    status, document = desk.call(f"{request_id}/lift", body)
    assert (status, document["lift_at"]) == (200, (clock.now + NOTICE).isoformat())
    request_steps.step(service, service.clock())
    assert desk.reasons()[0] == "PROCESSING_RESTRICTED"
    clock.now += NOTICE
    request_steps.step(service, service.clock())
    request_steps.step(service, service.clock())

    assert "PROCESSING_RESTRICTED" not in desk.reasons()
    shown = desk.client.get(f"{PATH}/{request_id}", headers=desk.headers).json or {}
    assert (shown["status"], shown["lifted_at"]) == ("completed", clock.now.isoformat())


def test_a_lift_that_no_letter_can_announce_says_so(desk: Desk, service: Service) -> None:
    """There is no mail server: the officer tells the person, and says that they did."""
    request_id = desk.ask("restriction")
    desk.call(f"{request_id}/verify", {"method": "login", "result": "verified"})
    desk.call(f"{request_id}/approve")
    request_steps.step(service, service.clock())

    assert desk.call(f"{request_id}/lift", {"explanation": "corrected"})[0] == 409


@pytest.mark.parametrize(
    "more",
    [
        {"at": "yesterday"},
        {"at": "2026-11-24T10:00:00"},
        {"at": "1970-01-01T00:00:00Z"},
        {"at": "9999-12-31T23:59:59Z"},
        {"explanation": ""},
        {"explanation": None},
        {"explanation": "x" * 10_001},
        {"told_otherwise": "yes"},
        {"told_otherwise": 1},
        {"unknown": 1},
    ],
    ids=lambda more: str(more)[:40],
)
def test_a_bad_lift_is_422(desk: Desk, more: dict[str, Any]) -> None:
    """Before anything is looked at."""
    status, _ = desk.call(f"{desk.ask('restriction')}/lift", {"explanation": "corrected"} | more)

    assert status == 422


def test_a_lift_lies_ahead_by_the_notice(desk: Desk, clock: Clock) -> None:
    """Not sooner, and not later than a year; within, there is only no restriction to lift."""
    request_id = desk.ask("restriction")
    statuses = [
        desk.call(f"{request_id}/lift", {"explanation": "x", "at": (clock.now + ahead).isoformat()})[0]
        for ahead in (timedelta(days=1), NOTICE, timedelta(days=366), timedelta(days=367))
    ]

    assert statuses == [422, 409, 409, 422]


def test_an_appeal_from_refusal_to_review(desk: Desk) -> None:
    """With its clock, its law, and its end."""
    request_id = desk.ask("erasure", regime="us_state")
    desk.call(f"{request_id}/verify", {"method": "login", "result": "verified"})
    _, refused = desk.call(f"{request_id}/refuse", {"ground": "excessive", "explanation": "no"})
    assert refused["refusal"]["law"].startswith("state privacy acts")
    status, document = desk.call(f"{request_id}/appeal", {"said": "Only once."})
    assert (status, document["appeals"][0]["result"]) == (200, None)
    status, document = desk.call(f"{request_id}/appeal/decide", {"result": "granted", "explanation": "Yes."})

    assert (status, document["status"]) == (200, "awaiting_review")
    assert desk.call(f"{request_id}/approve")[0] == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("appeal", {}),
        ("appeal", {"said": ""}),
        ("appeal", {"said": "x", "received_at": "2999-01-01T00:00:00Z"}),
        ("appeal", {"said": "x", "received_at": "soon"}),
        ("appeal", {"said": "x", "received_at": "0001-01-01T00:00:00-14:00"}),
        ("appeal/decide", {"result": "maybe", "explanation": "x"}),
        ("appeal/decide", {"result": "granted"}),
        ("appeal/decide", {"result": "granted", "explanation": []}),
        ("refuse", {"ground": "legal_claims", "explanation": "x"}),
    ],
)
def test_bad_bodies_are_422(desk: Desk, path: str, body: dict[str, Any]) -> None:
    """Nothing of them is kept."""
    assert desk.call(f"{desk.ask('objection', regime='us_state')}/{path}", body)[0] == 422


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("lift", {"explanation": "x", "told_otherwise": True}),
        ("appeal", {"said": "x"}),
        ("appeal/decide", {"result": "granted", "explanation": "x"}),
    ],
)
def test_what_the_request_does_not_allow_is_409(desk: Desk, path: str, body: dict[str, Any]) -> None:
    """And an unknown one is 404."""
    assert desk.call(f"{desk.ask('erasure', regime='us_state')}/{path}", body)[0] == 409
    assert desk.call(f"no-such-request/{path}", body)[0] == 404


@pytest.mark.parametrize("path", ["lift", "appeal", "appeal/decide"])
def test_only_reviewers_may(client: FlaskClient, key_of: KeyOf, desk: Desk, path: str) -> None:
    """Before the body is looked at."""
    other = Desk(client, key_of("requests:read", "requests:create"))

    assert other.call(f"{desk.ask('restriction')}/{path}")[0] == 403
