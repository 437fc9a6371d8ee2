"""Links and leads for the tests of the pages."""

from typing import Any

from flask.testing import FlaskClient

from api.context import Service
from governance.link_tokens import LinkKind, token_of

ADDRESS = "jane.doe@example.com"
SHARED = "info@example.com"


def take_in(client: FlaskClient, headers: dict[str, str], *addresses: str, **more: Any) -> str:
    """A lead with these e-mail addresses; its id."""
    identifiers = [{"type": "email", "value": each} for each in addresses or (ADDRESS,)]
    source = {"key": "fair", "kind": "event", "obtained_at": "2026-11-01T10:00:00Z"}
    body = {"identifiers": identifiers, "country": "DE", "source": source, **more}
    taken = client.post("/v1/leads", json=body, headers=headers)
    assert taken.status_code == 201
    return str(taken.get_json()["lead_id"])


def page_of(service: Service, lead_id: str) -> str:
    """The path of the lead's preference page."""
    return f"/p/{token_of(service.keyring, LinkKind.PREFERENCES, lead_id)}"


def way_out_of(service: Service, lead_id: str) -> str:
    """The path of the lead's one-click unsubscribe."""
    return f"/u/{token_of(service.keyring, LinkKind.UNSUBSCRIBE, lead_id)}"
