"""What is due soon or late, over HTTP."""

from datetime import timedelta

from flask.testing import FlaskClient

from api.context import Service
from tests.conftest import Clock, KeyOf
from tests.governance.requests.desk import a_request, described


def test_late_requests_are_listed_with_their_dates(
    service: Service, client: FlaskClient, key_of: KeyOf, clock: Clock
) -> None:
    """None while there is time; then id, stage and dates, and nothing of the person."""
    headers = key_of("requests:read")
    request_id = a_request(service, "anna@example.com")
    before = client.get("/v1/privacy-requests/late", headers=headers)
    clock.now += timedelta(days=90)
    after = client.get("/v1/privacy-requests/late", headers=headers)
    dates = described(service, request_id)["deadlines"]

    assert before.json == {"items": []}
    assert after.json == {
        "items": [
            {
                "id": request_id,
                "stage": "late",
                "type": "erasure",
                "regime": "gdpr",
                "status": "awaiting_verification",
                "safe_by": dates["safe_by"],
                "respond_by": dates["respond_by"],
                "appeal": False,
            }
        ]
    }
    assert client.get("/v1/privacy-requests/late", headers=key_of("leads:read")).status_code == 403
