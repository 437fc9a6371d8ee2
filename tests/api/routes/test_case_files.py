"""What an officer reads before deciding, over HTTP."""

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from api.app import create_app
from api.context import Service
from audit.tables import PendingRow
from tests.conftest import KeyOf
from tests.governance.requests.desk import a_known_lead

PATH = "/v1/privacy-requests"
ANNA = "anna@example.com"
NOTE = "My name is spelt Anna."


@pytest.fixture
def officer(key_of: KeyOf) -> dict[str, str]:
    """Who reviews."""
    return key_of("requests:create", "requests:read", "requests:review")


def ask(client: FlaskClient, headers: dict[str, str], kind: str = "rectification") -> str:
    """The id of a new request with a note."""
    body = {"type": kind, "identities": [{"email": ANNA}], "note": NOTE}
    answer = client.post(PATH, json=body, headers=headers)
    assert answer.status_code == 201
    return str((answer.json or {})["id"])


def call(client: FlaskClient, headers: dict[str, str], path: str, body: Any = None) -> tuple[int, Any]:
    """Status and document."""
    answer = client.post(f"{PATH}/{path}", json={} if body is None else body, headers=headers)
    return answer.status_code, answer.json


def test_the_file_of_a_request(client: FlaskClient, service: Service, officer: dict[str, str]) -> None:
    """Who is asked for and what was said, in the trail before it is opened; what came later too."""
    request_id = ask(client, officer)
    correction = {"name": "first_name", "value": "Anna", "was": "Ana"}
    call(client, officer, f"{request_id}/corrections", {"corrections": [correction]})
    call(client, officer, f"{request_id}/extend", {"reason": "many stores"})
    permission = {"method": "agent_permission", "result": "verified", "statement": "signed by Anna"}
    call(client, officer, f"{request_id}/verify", permission)
    call(client, officer, f"{request_id}/refuse", {"ground": "excessive", "explanation": "third time"})
    status, document = call(client, officer, f"{request_id}/file")

    assert status == 200
    assert document["identities"] == [{"type": "email", "value": ANNA}]
    assert (document["note"], document["explanation"], document["extension_reason"]) == (
        NOTE,
        "third time",
        "many stores",
    )
    assert document["corrections"] == [correction]
    assert [one["text"] for one in document["statements"]] == ["signed by Anna"]
    assert document["appeals"] == []
    with service.main.read() as session:
        entries = session.scalars(
            select(PendingRow.body).where(PendingRow.action == "request.file_opened")
        ).all()
    assert len(entries) == 1
    assert NOTE.encode() not in bytes(entries[0])


def test_an_appeal_is_part_of_the_file(client: FlaskClient, officer: dict[str, str]) -> None:
    """Both sides."""
    body = {"type": "erasure", "regime": "us_state", "identities": [{"email": ANNA}]}
    request_id = (client.post(PATH, json=body, headers=officer).json or {})["id"]
    call(client, officer, f"{request_id}/refuse", {"ground": "excessive", "explanation": "no"})
    call(client, officer, f"{request_id}/appeal", {"said": "Only once."})
    call(client, officer, f"{request_id}/appeal/decide", {"result": "rejected", "explanation": "Twice."})
    _, document = call(client, officer, f"{request_id}/file")

    assert [(one["said"], one["explanation"]) for one in document["appeals"]] == [("Only once.", "Twice.")]


def test_corrections_are_carried_out_from_the_file(
    client: FlaskClient, service: Service, officer: dict[str, str]
) -> None:
    """The answer shows no value; the plan says what will be corrected."""
    a_known_lead(service, ANNA, profile={"first_name": "Ana"})
    request_id = ask(client, officer)
    correction = {"name": "first_name", "value": "Anna-Lena"}
    status, document = call(client, officer, f"{request_id}/corrections", {"corrections": [correction]})

    assert status == 200
    assert "Anna-Lena" not in str(document)
    status, document = call(client, officer, f"{request_id}/plan")
    assert (status, document["action"], document["complete"]) == (200, "rectify", True)


@pytest.mark.parametrize("path", ["file", "plan", "corrections"])
def test_reading_is_for_reviewers(
    client: FlaskClient, key_of: KeyOf, officer: dict[str, str], path: str
) -> None:
    """An auditor reads requests, and never plaintext."""
    request_id = ask(client, officer)
    body = {"corrections": [{"name": "a", "value": "b"}]} if path == "corrections" else {}

    assert call(client, key_of("requests:read"), f"{request_id}/{path}", body)[0] == 403
    assert call(client, officer, f"no-such-request/{path}", body)[0] == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"corrections": []},
        {"corrections": {}},
        {"corrections": [{}]},
        {"corrections": [{"name": "first_name"}]},
        {"corrections": [{"name": "first_name", "value": ""}]},
        {"corrections": [{"name": "first_name", "value": 1}]},
        {"corrections": [{"name": "First-Name", "value": "x"}]},
        {"corrections": [{"name": "a", "value": "x", "more": 1}]},
        {"corrections": [{"name": "a", "value": "x" * 2001}]},
        {"corrections": [{"name": "email", "value": "canary", "was": "canary"}]},
        {"corrections": [{"name": "a", "value": "x"}] * 2},
        {"corrections": [{"name": f"a{number}", "value": "x"} for number in range(51)]},
    ],
    ids=lambda body: str(body)[:40],
)
def test_bad_corrections_are_422(client: FlaskClient, officer: dict[str, str], body: Any) -> None:
    """And nothing of them is repeated."""
    status, document = call(client, officer, f"{ask(client, officer)}/corrections", body)

    assert status == 422
    assert "canary" not in str(document)


def test_a_null_clears_a_field(client: FlaskClient, officer: dict[str, str]) -> None:
    """A title that is wrong and has no right one."""
    body = {"corrections": [{"name": "title", "value": None, "was": "Dr"}]}

    assert call(client, officer, f"{ask(client, officer)}/corrections", body)[0] == 200


def test_openings_of_files_are_limited_like_any_other(service: Service, key_of: KeyOf) -> None:
    """A key that may open nobody more gets 429 with the time to wait."""
    few = replace(service, settings=replace(service.settings, openings_an_hour=1))
    client, headers = create_app(few).test_client(), key_of("requests:create", "requests:review")
    request_id = ask(client, headers)

    assert call(client, headers, f"{request_id}/file")[0] == 200
    status, document = call(client, headers, f"{request_id}/file")
    assert (status, document["code"]) == (429, "too_many_openings")
