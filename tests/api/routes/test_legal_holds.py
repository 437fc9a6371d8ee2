"""Legal holds over HTTP; what they stop is tested with the requests."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from api.context import Service
from tests.conftest import KeyOf
from tests.governance.requests.desk import a_known_lead

ANNA = "anna.berg@example.com"


def test_a_hold_is_placed_replaced_listed_and_lifted(
    service: Service, client: FlaskClient, key_of: KeyOf
) -> None:
    """201, then 200 under the same name; the list names neither the lead nor why."""
    a_known_lead(service, ANNA)
    officer, body = key_of("requests:review"), {"lead": {"email": ANNA}, "reason": "claim 17/26"}
    statuses = [client.put("/v1/legal-holds/claim", json=body, headers=officer).status_code for _ in range(2)]
    listed = client.get("/v1/legal-holds", headers=officer)
    lifted = client.delete("/v1/legal-holds/claim", headers=officer)

    assert statuses == [201, 200]
    assert [(each["key"], each["on"]) for each in listed.get_json()["items"]] == [("claim", "lead")]
    assert ANNA not in listed.text
    assert "claim 17/26" not in listed.text
    assert lifted.get_json()["lifted"] is True
    assert client.delete("/v1/legal-holds/claim", headers=officer).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "x"},
        {"reason": "x", "store": "crm"},
        {"reason": "x", "lead": {"email": ANNA}, "store": "crm", "query": {}},
        {"reason": "x", "lead": {"email": ANNA}, "query": {}},
        {"reason": "x", "store": "crm", "query": {"sql": "1=1"}},
    ],
)
def test_a_hold_names_a_lead_or_a_query(client: FlaskClient, key_of: KeyOf, body: dict[str, Any]) -> None:
    """Never both, never neither."""
    answer = client.put("/v1/legal-holds/h", json=body, headers=key_of("requests:review"))

    assert answer.status_code == 422


def test_a_name_that_is_too_long_is_422(client: FlaskClient, key_of: KeyOf) -> None:
    """As every field that is not as described."""
    body = {"store": "crm", "query": {}, "reason": "x"}
    answer = client.put(f"/v1/legal-holds/{'x' * 65}", json=body, headers=key_of("requests:review"))

    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, ["key"])
