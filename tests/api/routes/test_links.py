"""The links that programs put into messages."""

import pytest
from flask.testing import FlaskClient

from api.context import Service
from governance.custody import lock
from governance.link_tokens import LinkKind, token_of
from tests.api.people import NOBODY, page_of, way_out_of


def test_a_program_gets_the_links_and_the_headers(
    client: FlaskClient, service: Service, writer: dict[str, str], lead_id: str
) -> None:
    """Always the same ones, and they work."""
    path = f"/v1/leads/{lead_id}/links"
    links = client.post(path, json={}, headers=writer).get_json()
    base = "http://127.0.0.1:8080"

    assert client.post(path, headers=writer).get_json() == links
    assert links == {
        "unsubscribe_url": f"{base}{way_out_of(service, lead_id)}",
        "preferences_url": f"{base}{page_of(service, lead_id)}",
        "headers": {
            "List-Unsubscribe": f"<{base}{way_out_of(service, lead_id)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    }
    assert client.get(links["preferences_url"].removeprefix(base)).status_code == 200


@pytest.mark.parametrize("lead", [NOBODY, "nobody"])
def test_nobody_has_no_links(client: FlaskClient, writer: dict[str, str], lead: str) -> None:
    """404, as everywhere."""
    answer = client.post(f"/v1/leads/{lead}/links", json={}, headers=writer)

    assert (answer.status_code, answer.get_json()["code"]) == (404, "lead_unknown")


def test_a_lead_that_is_being_erased_gets_no_links(
    client: FlaskClient, service: Service, writer: dict[str, str], lead_id: str
) -> None:
    """Nobody is to write to them any more."""
    service.main.write(lambda session: lock(session, lead_id))
    answer = client.post(f"/v1/leads/{lead_id}/links", json={}, headers=writer)

    assert (answer.status_code, answer.get_json()["code"]) == (409, "lead_locked")


def test_links_survive_a_restart(service: Service, lead_id: str) -> None:
    """Their key stands in the key store."""
    before = token_of(service.keyring, LinkKind.PREFERENCES, lead_id)
    with service.keys.read() as keys:
        service.keyring.refresh(keys)

    assert token_of(service.keyring, LinkKind.PREFERENCES, lead_id) == before
