"""Errors: one form, no values, the right status."""

import pytest
from flask.testing import FlaskClient

from api.problems import STATUS
from tests.conftest import KeyOf

MEMBERS = {"type", "title", "status", "detail", "code"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/note", 405, "method_not_allowed"),
        ("GET", "/broken", 500, "internal_error"),
        ("GET", "/healthz?x=%FF", 400, "bad_request"),
        ("GET", "/healthz?x=%00", 400, "bad_request"),
        ("GET", "/v1/keys/%00", 400, "bad_request"),
        ("POST", "/note", 400, "body_missing"),
    ],
)
def test_every_error_is_a_problem_document(
    door: FlaskClient, method: str, path: str, status: int, code: str
) -> None:
    """Also the framework's own, with the status inside and out."""
    answer = door.open(path, method=method)
    document = answer.get_json()

    assert (answer.status_code, document["status"], document["code"]) == (status, status, code)
    assert answer.mimetype == "application/problem+json"
    assert set(document) >= MEMBERS
    assert "canary" not in answer.text
    assert "Traceback" not in answer.text


def test_a_path_that_is_not_utf8_is_400(door: FlaskClient) -> None:
    """As a server hands it over: bytes, spelled in Latin-1."""
    answer = door.get("/", environ_overrides={"PATH_INFO": "/v1/keys/\xff"})

    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_request")


def test_405_names_what_is_allowed(door: FlaskClient) -> None:
    """RFC 9110, section 15.5.6."""
    assert "POST" in door.get("/note").headers["Allow"]


def test_an_outage_is_503_with_a_time_to_wait(door: FlaskClient, key_of: KeyOf) -> None:
    """A table that is missing, a file that is away: try again."""
    answer = door.post("/count", json={"word": "fail"}, headers=key_of("leads:write"))

    assert (answer.status_code, answer.get_json()["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_decision_that_can_not_be_made_is_a_no(door: FlaskClient, key_of: KeyOf) -> None:
    """503 carries `effect: deny`, so that nobody takes silence for a yes."""
    answer = door.post("/decide", headers=key_of("decisions:create"))
    document = answer.get_json()

    assert (answer.status_code, document["code"], document["effect"]) == (503, "decision_unavailable", "deny")


def test_every_mapped_error_has_a_stable_code() -> None:
    """Programs read it."""
    assert all(isinstance(getattr(kind, "code", None), str) for kind in STATUS)
    assert set(STATUS.values()) <= {403, 404, 409, 410, 413, 422, 429, 503}
