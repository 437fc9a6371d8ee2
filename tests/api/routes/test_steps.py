"""The steps of a request over HTTP: an officer looks at the rows that may be the person's."""

from http import HTTPStatus

from flask.testing import FlaskClient

from api.background import sequencer
from api.context import Service
from tests.conftest import KeyOf
from tests.governance.requests.desk import MemoryStore, an_approved, work

ANNA = "anna.berg@example.com"


def path_of(service: Service) -> str:
    """Where the one doubtful row of a request is shown."""
    request_id = an_approved(service, ANNA, ["crm"])
    work(service, MemoryStore("crm", {2: {"email": ANNA, "name": "A. Berg"}}, doubtful={2}))
    return f"/v1/privacy-requests/{request_id}/steps/crm/candidates"


def test_who_reviews_sees_the_row_and_the_trail_says_so(
    service: Service, client: FlaskClient, key_of: KeyOf
) -> None:
    """The values stand in this answer alone, which nobody may keep a copy of."""
    path, reviewer = path_of(service), key_of("requests:review", "audit:read")

    answer = client.post(path, json={}, headers=reviewer)

    assert answer.json == {
        "identities": [{"type": "email", "value": ANNA}],
        "candidates": [{"id": "c2", "table": "people", "shown": {"email": ANNA, "name": "A. Berg"}}],
    }
    assert answer.headers["Cache-Control"] == "no-store"
    sequencer.step(service, service.clock())
    told = client.get("/v1/audit/entries?action=request.candidates_opened", headers=reviewer)
    assert ANNA not in told.text
    assert len((told.json or {})["items"]) == 1


def test_reading_requests_is_not_enough(service: Service, client: FlaskClient, key_of: KeyOf) -> None:
    """Who may see states may not see people."""
    answer = client.post(path_of(service), json={}, headers=key_of("requests:read", "requests:create"))

    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert ANNA not in answer.text
